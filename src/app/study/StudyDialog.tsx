import { setState, useApp } from '../state.ts';
import { StudyCase } from './StudyCase.tsx';
import { StudyEnd } from './StudyEnd.tsx';
import { StudyStart } from './StudyStart.tsx';
import type { StudySession } from './session.ts';

/** A reader study from its start to its answers. */
export function StudyDialog() {
  const study = useApp((s) => s.study);
  const slide = useApp((s) => s.slide?.info.id);
  const head = useApp((s) => s.kit?.head.status.id);
  const cells = useApp((s) => s.cells);
  if (!study) return <StudyStart />;
  const { of, trials, answers } = study;
  const there = of.slide === slide && of.head === head && of.cells === cells;
  if (!there || answers.length >= trials.length) return <StudyEnd study={study} gone={!there} />;
  return (
    <>
      <StudyCase study={study} onChange={(next) => setState({ study: next })} />
      <button type="button" className="link" onClick={() => setState({ study: endNow(study) })}>
        End here and see the answers
      </button>
    </>
  );
}

/** A study that ends with the cases answered so far. */
function endNow(study: StudySession): StudySession {
  return { ...study, trials: study.trials.slice(0, study.answers.length) };
}
