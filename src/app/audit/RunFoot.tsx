import { useApp } from '../state.ts';
import { type Auditing, chosenEncoders } from './auditing.ts';
import type { AuditDesk } from './state.ts';

/** Under the desk and always in sight: start, how far it is, stop, and what went wrong. */
export function RunFoot({ auditing }: { auditing: Auditing }) {
  const { error, reading, running } = useApp((s) => s.audit);
  const lack = useApp(lackOf);
  return (
    <div className="audit-foot">
      {error && (
        <p className="audit-error small" role="alert">
          {error}
        </p>
      )}
      {reading || running ? (
        <div className="audit-under small" role="status">
          {running ? (
            <Under running={running} />
          ) : (
            <>
              <span>Reading the set</span>
              <progress className="track" aria-label="Reading the set" />
            </>
          )}
          <button type="button" className="btn line" onClick={() => auditing.cancel()}>
            Cancel
          </button>
        </div>
      ) : (
        <>
          <button
            type="button"
            className="btn main"
            disabled={lack !== null}
            onClick={() => void auditing.run()}
          >
            Audit
          </button>
          {lack && <p className="faint small">{lack}</p>}
        </>
      )}
    </div>
  );
}

/** What is to be done before an audit can run; null when it can. */
function lackOf(state: ReturnType<typeof useApp.getState>): string | null {
  const { audit, kit, kitError } = state;
  if (audit.set === null) return 'Choose a labelled set first.';
  if (audit.set.kind === 'tables') return null;
  if (audit.set.summary.lack) return audit.set.summary.lack;
  if (!kit) return kitError?.message ?? 'The encoders are still being loaded.';
  return chosenEncoders(state).length === 0 ? 'Tick an encoder first.' : null;
}

const STAGES = {
  tiles: 'Looking at the tiles',
  'turned and resized': 'Turning and resizing tiles',
  neighbours: 'Comparing neighbours',
  retrieval: 'Retrieving',
} as const;

function Under({ running }: { running: NonNullable<AuditDesk['running']> }) {
  const { title, at, of, step } = running;
  return (
    <>
      <b>
        {title}
        {of > 1 && ` (${at + 1} of ${of})`}
      </b>
      <progress
        className="track"
        aria-label="Audit"
        value={step?.done ?? 0}
        max={Math.max(1, step?.total ?? 1)}
      />
      <span className="quiet">
        {step
          ? `${STAGES[step.stage]}: ${step.done.toLocaleString('en')} of ${step.total.toLocaleString('en')}`
          : 'Starting'}
        {step?.seconds != null && `, ${left(step.seconds)} left`}
      </span>
    </>
  );
}

function left(seconds: number): string {
  return seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`;
}
