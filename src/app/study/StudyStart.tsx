import { type FormEvent, useState } from 'react';
import { fieldSideOf } from '../../analysis/plan.ts';
import { useCommands } from '../context.ts';
import { getState, setState, useApp } from '../state.ts';
import {
  EVIDENCE_VIEWS,
  type EvidenceView,
  NOTHING_SAID,
  planTrials,
  STUDY_KEYS,
} from './session.ts';

/** Pairs of views that can be held against each other. */
const PAIRS: readonly (readonly [EvidenceView, EvidenceView])[] = [
  ['attention', 'contribution'],
  ['attention', 'heatmap'],
  ['contribution', 'heatmap'],
];
const CASES = 20;

/** Who reads, what is held against what, and how many cases. */
export function StudyStart() {
  const commands = useCommands();
  const ready = useApp((s) => s.score !== null);
  const [problem, setProblem] = useState('');
  if (!ready) return <p>Analyse some tissue first: its fields are the cases of the study.</p>;

  const start = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const { kit, slide, cells } = getState();
    if (!commands || !kit || !slide?.mpp) return;
    const plan = {
      reader: String(form.get('reader') ?? '').trim(),
      seed: Number(form.get('seed')) || 1,
      cases: Number(form.get('cases')) || CASES,
      views: PAIRS[Number(form.get('pair'))],
    };
    const trials = planTrials(commands.bench.cells, fieldSideOf(kit.fieldUm, slide.mpp), plan);
    if (trials.length === 0) {
      setProblem('No analysed field holds enough cells to be judged. Analyse more tissue.');
      return;
    }
    const of = { slide: slide.info.id, head: kit.head.status.id, cells };
    setState({
      study: { plan, trials, answers: [], now: NOTHING_SAID, shown: Date.now(), of },
    });
  };

  return (
    <form onSubmit={start}>
      <p>
        Fields of this slide come in random order, each with two views of the evidence side by side,
        named A and B by chance. {STUDY_KEYS}
      </p>
      <label>
        Reader (initials; part of the file)
        <input name="reader" required maxLength={40} />
      </label>
      <label>
        Views
        <select name="pair">
          {PAIRS.map((pair, i) => (
            <option key={pair.join()} value={i}>
              {pair.map((view) => EVIDENCE_VIEWS[view]).join(' against ')}
            </option>
          ))}
        </select>
      </label>
      <label>
        Cases at most
        <input name="cases" type="number" min={1} max={500} defaultValue={CASES} />
      </label>
      <label>
        Seed (the same seed gives the same cases in the same order)
        <input name="seed" type="number" min={1} defaultValue={1} />
      </label>
      {problem && <p role="alert">{problem}</p>}
      <div className="row end">
        <button type="submit" className="btn main">
          Start
        </button>
      </div>
    </form>
  );
}
