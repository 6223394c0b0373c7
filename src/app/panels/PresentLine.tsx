import { useApp } from '../state.ts';
import { useNoAnswer } from '../trust/NoAnswer.tsx';

/** While presenting, the panel is away: the score, what it is worth, and the way out stay. */
export function PresentLine() {
  const score = useApp((s) => s.score);
  const target = useApp((s) => s.kit?.target);
  const why = useNoAnswer();
  return (
    <div className="float present-line">
      {score && target && (
        <b>
          {target.label}: {why ? 'no answer' : score.probability.toFixed(2)} ({target.variant} head)
          {target.patients > 0 && ` · trained on ${target.patients} patients`} ·{' '}
        </b>
      )}
      <span className="quiet">Research use only · Esc ends</span>
    </div>
  );
}
