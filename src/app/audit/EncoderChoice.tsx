import { setState, useApp } from '../state.ts';
import type { Auditing } from './auditing.ts';
import type { AuditDesk } from './state.ts';

/** Which encoders are run, and how far the run is. */
export function EncoderChoice({ auditing }: { auditing: Auditing }) {
  const { set, encoders, turned, running, reading } = useApp((s) => s.audit);
  const entries = useApp((s) => s.entries);
  const used = useApp((s) => s.kit?.encoder.status.id ?? null);
  const known = entries.filter(({ role }) => role === 'encoder');
  const chosen = encoders.length > 0 ? encoders : [used];
  const tables = set?.kind === 'tables';
  return (
    <section>
      <h3>2. {tables ? 'Run' : 'Encoders'}</h3>
      {!tables && (
        <>
          <div className="audit-encoders">
            {known.map(({ id, name, origin }) => (
              <label key={id} className="small">
                <input
                  type="checkbox"
                  checked={chosen.includes(id)}
                  disabled={running !== null}
                  onChange={(event) => auditing.choose(id, event.target.checked)}
                />
                <span>
                  {name} <span className="faint nowrap">{origin === 'added' ? 'yours' : id}</span>
                </span>
              </label>
            ))}
          </div>
          <p className="faint small">
            Add your own under Models. Each gives its class token beside the mean of its patch
            tokens.
          </p>
          <label className="audit-turned small">
            Tiles that are turned and resized
            <select
              value={turned}
              disabled={running !== null}
              onChange={(event) => change({ turned: Number(event.target.value) })}
            >
              {[8, 32, 64, 128, 400].map((n) => (
                <option key={n} value={n}>
                  {n} ({(n * 27).toLocaleString('en')} looks)
                </option>
              ))}
            </select>
          </label>
        </>
      )}
      {running ? (
        <Under running={running} onCancel={() => auditing.cancel()} />
      ) : (
        <button
          type="button"
          className="btn main"
          disabled={set === null || reading}
          onClick={() => void auditing.run()}
        >
          Audit
        </button>
      )}
    </section>
  );
}

const STAGES = {
  tiles: 'Looking at the tiles',
  'turned and resized': 'Turning and resizing tiles',
  neighbours: 'Comparing neighbours',
  retrieval: 'Retrieving',
} as const;

function Under(props: { running: NonNullable<AuditDesk['running']>; onCancel: () => void }) {
  const { title, at, of, step } = props.running;
  return (
    <div className="audit-under small" role="status">
      <span>
        {title}
        {of > 1 && ` (${at + 1} of ${of})`}
      </span>
      <progress className="track" value={step?.done ?? 0} max={Math.max(1, step?.total ?? 1)} />
      <span className="quiet">
        {step
          ? `${STAGES[step.stage]}: ${step.done.toLocaleString('en')} of ${step.total.toLocaleString('en')}`
          : 'Starting'}
        {step?.seconds != null && `, ${left(step.seconds)} left`}
      </span>
      <button type="button" className="link" onClick={props.onCancel}>
        Cancel
      </button>
    </div>
  );
}

function left(seconds: number): string {
  return seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`;
}

function change(part: Partial<AuditDesk>): void {
  setState(({ audit }) => ({ audit: { ...audit, ...part } }));
}
