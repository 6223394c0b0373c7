import { X } from 'lucide-react';
import { useCommands } from '../context.ts';
import { setState, useApp } from '../state.ts';

/** How much of the slide is hatched for want of its pixels, why, and another try. */
export function MissingTiles() {
  const commands = useCommands();
  const missing = useApp((s) => s.missing);
  const other = useApp((s) => s.notice !== null);
  if (!missing || other) return null;
  const { count, reason } = missing;
  return (
    <div className="float notice error" role="status">
      <div className="grow">
        <b>
          {count.toLocaleString('en')} {count === 1 ? 'tile' : 'tiles'} could not be loaded.
        </b>{' '}
        {reason.message}
        {reason.detail && (
          <details>
            <summary>Details</summary>
            {reason.detail}
          </details>
        )}
      </div>
      <button type="button" className="btn line" onClick={() => commands?.bench.retryMissing()}>
        Try again
      </button>
      <button
        type="button"
        className="btn icon"
        aria-label="Close"
        onClick={() => setState({ missing: null })}
      >
        <X size={16} aria-hidden="true" />
      </button>
    </div>
  );
}
