import type { ReactNode } from 'react';
import { useCommands } from '../context.ts';
import type { Run } from '../run-state.ts';
import { useApp } from '../state.ts';

/** What is done, what is left, at which rate; and how to stop, pause and go on. */
export function ProgressBox() {
  const run = useApp((s) => s.run);
  const restoring = useApp((s) => s.restoring);
  if (restoring) {
    return <Box title="Reading kept results" done={restoring.done} total={restoring.total} />;
  }
  if (run.phase === 'running') return <Running run={run} />;
  if (run.phase === 'paused') return <Paused run={run} />;
  if (run.phase === 'watching') {
    return (
      <Box title="Another tab is analysing this slide" done={run.done} total={run.total}>
        <span className="quiet">This one follows it.</span>
      </Box>
    );
  }
  return null;
}

function Running({ run }: { run: Run }) {
  const commands = useCommands();
  const { done, total, before, ms, scope } = run;
  const rate = (done - before) / (ms / 1000);
  const left = done > before ? (total - done) / rate : null;
  const what = scope === 'slide' ? 'Analysing the slide' : 'Analysing what you see';
  return (
    <Box title={total === 0 ? 'Looking for tissue' : what} done={done} total={total}>
      <span aria-live="polite">
        {done.toLocaleString('en')} of {total.toLocaleString('en')} fields
        {left !== null && ` · ${rate.toFixed(1)} /s · ${duration(left)} left`}
      </span>
      {done > 0 && (
        <button type="button" className="link" onClick={() => commands?.running.pause()}>
          Pause
        </button>
      )}
      <button type="button" className="link" onClick={() => commands?.running.cancel()}>
        Cancel
      </button>
    </Box>
  );
}

function Paused({ run }: { run: Run }) {
  const commands = useCommands();
  return (
    <Box title="Analysis paused" done={run.done} total={run.total}>
      <span aria-live="polite">
        {run.done.toLocaleString('en')} of {run.total.toLocaleString('en')} fields
      </span>
      <button type="button" className="link" onClick={() => void commands?.running.goOnShown()}>
        Go on
      </button>
      <button type="button" className="link" onClick={() => commands?.running.end()}>
        End here
      </button>
    </Box>
  );
}

function Box(props: { title: string; done: number; total: number; children?: ReactNode }) {
  const { title, done, total, children } = props;
  const share = total === 0 ? 0 : done / total;
  return (
    <section className="float progress" aria-label="Analysis progress">
      <div className="row">
        <span>{title}</span>
        <span className="quiet">{Math.floor(share * 100)} %</span>
      </div>
      <progress className="track" value={done} max={Math.max(1, total)} aria-label="Fields done" />
      <div className="row quiet">{children}</div>
    </section>
  );
}

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}
