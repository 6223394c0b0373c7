import { noAnswer } from '../../audit/abstain.ts';
import { type AppState, setState, useApp } from '../state.ts';

type Asked = Pick<AppState, 'score' | 'kit'>;

/** Why the score on screen is no answer, in a sentence; null when it is one. */
export function useNoAnswer(): string | null {
  return useApp(noAnswerNow);
}

/** As `useNoAnswer`; null also once the number was asked for all the same. */
export function useWithheld(): string | null {
  return useApp((s) => (s.scoreAnyway ? null : noAnswerNow(s)));
}

/** As `useNoAnswer`, of a state. */
export function noAnswerNow({ score, kit }: Asked): string | null {
  return score && noAnswer({ ...score, conformal: kit?.target.calibration?.conformal ?? null });
}

/** As `noAnswerNow`, of the head's other variant: the same fields, but its own set of classes. */
export function partnerNoAnswer({ score, kit }: Asked): string | null {
  if (!score?.partner) return null;
  const conformal = kit?.partnerTarget?.calibration?.conformal ?? null;
  return noAnswer({ ...score.partner, unfamiliar: score.unfamiliar, conformal });
}

/** In the place of a score that is no answer, and as large; the number can be asked for. */
export function NoAnswer({ why }: { why: string }) {
  const anyway = useApp((s) => s.scoreAnyway);
  return (
    <div data-testid="no-answer">
      <div className="score">No answer</div>
      <p className="small under">{why}</p>
      {!anyway && (
        <button
          type="button"
          className="link apart"
          onClick={() => setState({ scoreAnyway: true })}
        >
          Show the number anyway
        </button>
      )}
    </div>
  );
}

/** At the head of what explains or probes a score that is no answer. `then`: what follows is. */
export function NoAnswerNote({ then }: { then: string }) {
  const why = useNoAnswer();
  return (
    why && (
      <p className="small under warn" title={why}>
        No answer here. {then}
      </p>
    )
  );
}
