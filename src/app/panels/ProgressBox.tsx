import { useCommands } from '../context.ts';
import { useApp } from '../state.ts';

/** What is done, what is left, at which rate; and how to stop it. */
export function ProgressBox() {
  const commands = useCommands();
  const run = useApp((s) => s.run);
  if (run.phase !== 'running') return null;
  const { done, total, ms } = run;
  const share = total === 0 ? 0 : done / total;
  const rate = done / (ms / 1000);
  const left = done > 0 ? Math.ceil((total - done) / rate) : null;
  return (
    <section className="float progress" aria-label="Analysis progress">
      <div className="row">
        <span>{total === 0 ? 'Looking for tissue' : 'Analysing what you see'}</span>
        <span className="quiet">{Math.round(share * 100)} %</span>
      </div>
      <progress className="track" value={done} max={Math.max(1, total)} aria-label="Fields done" />
      <div className="row quiet">
        <span aria-live="polite">
          {done} of {total} fields
          {left !== null && ` · ${rate.toFixed(1)} /s · ${left} s left`}
        </span>
        <button type="button" className="link" onClick={() => commands?.cancel()}>
          Cancel
        </button>
      </div>
    </section>
  );
}
