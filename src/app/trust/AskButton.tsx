import { useCommands } from '../context.ts';
import { useApp } from '../state.ts';
import type { TrustFound } from './state.ts';

/** Asks a long question; while it is under way, how far it is and how to stop it. */
export function AskButton(props: {
  task: NonNullable<TrustFound['trusting']>['task'];
  title: string;
  onPress: () => void;
}) {
  const { task, title, onPress } = props;
  const commands = useCommands();
  const busy = useApp((s) => s.trusting);
  const ready = useApp((s) => s.kit !== null && s.preparing === null && s.imported === null);
  if (busy?.task !== task) {
    return (
      <button type="button" className="btn line under" disabled={!ready} onClick={onPress}>
        {title}
      </button>
    );
  }
  return (
    <div className="row under">
      <div className="quiet small grows">
        <progress
          className="track"
          value={busy.done}
          max={Math.max(1, busy.total)}
          aria-label={title}
        />
        <span aria-live="polite">
          {busy.done} of {busy.total} looks
        </span>
      </div>
      <button type="button" className="btn line" onClick={() => commands?.trusting.cancel()}>
        Cancel
      </button>
    </div>
  );
}
