import { noAnswer } from '../../audit/abstain.ts';
import { type AppState, setState, useApp } from '../state.ts';

/** Why the score on screen is no answer, in a sentence; null when it is one. */
export function useNoAnswer(): string | null {
  return useApp(noAnswerNow);
}

/** As `useNoAnswer`, of a state. */
export function noAnswerNow({ score, kit }: Pick<AppState, 'score' | 'kit'>): string | null {
  return score && noAnswer({ ...score, conformal: kit?.target.calibration?.conformal ?? null });
}

/** In the place of a score that is no answer, and as large. */
export function NoAnswer({ why }: { why: string }) {
  return (
    <div data-testid="no-answer">
      <div className="score">No answer</div>
      <p className="small under">{why}</p>
      <button type="button" className="link" onClick={() => setState({ scoreAnyway: true })}>
        Show the number anyway
      </button>
    </div>
  );
}
