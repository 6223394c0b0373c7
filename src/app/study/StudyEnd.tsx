import { NOTICE } from '../../store/provenance.ts';
import { download, fileName } from '../files.ts';
import { shownName } from '../names.ts';
import { setState, useApp } from '../state.ts';
import { answersCsv, EVIDENCE_VIEWS, type StudySession } from './session.ts';

/** What the reader said, view by view, and the file of it. */
export function StudyEnd({ study, gone }: { study: StudySession; gone: boolean }) {
  const slide = useApp((s) => (s.slide ? shownName(s.slide, s) : 'slide'));
  const { answers, trials, plan } = study;
  const save = () => {
    const text = answersCsv(study, [NOTICE, `Cytolens ${__VERSION__}`]);
    download(new Blob([text], { type: 'text/csv' }), fileName(slide, '-reader-study.csv'));
  };
  const preferred = (view: string) =>
    answers.filter(({ preference, trial }) => {
      const { a, b } = trials[trial];
      return (preference === 'A' && a === view) || (preference === 'B' && b === view);
    }).length;
  return (
    <>
      <p>
        {gone && 'The slide, its cells or the head have changed, so no more cases can be shown. '}
        {answers.length} {answers.length === 1 ? 'case' : 'cases'} answered.
      </p>
      {answers.length > 0 && (
        <ul>
          {plan.views.map((view) => (
            <li key={view}>
              {EVIDENCE_VIEWS[view]}: preferred in {preferred(view)} of {answers.length}
            </li>
          ))}
        </ul>
      )}
      <div className="row end">
        <button type="button" className="btn line" onClick={() => setState({ study: null })}>
          New study
        </button>
        <button type="button" className="btn main" disabled={answers.length === 0} onClick={save}>
          Save answers (CSV)
        </button>
      </div>
    </>
  );
}
