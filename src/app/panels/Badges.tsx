import { providerName } from '../names.ts';
import { setState, useApp } from '../state.ts';

/** What can be trusted so far: parity, provider, what is not yet checked. */
export function Badges() {
  const kit = useApp((s) => s.kit);
  if (!kit) return null;
  const all = [kit.segmenter, kit.encoder, kit.head];
  const worst = Math.max(...all.map((m) => m.status.parity.error / m.status.parity.tolerance));
  const providers = [...new Set(all.map((m) => providerName(m.status.provider)))].join(', ');
  const fellBack = all.some((m) => m.status.refused.length > 0);
  // Every direction of the test, not the best one.
  const held = kit.head.metrics.filter((m) => m.name === kit.head.metrics[0]?.name);
  return (
    <section aria-label="Trust">
      <div className="badges">
        <Badge
          name="Parity"
          value="passed"
          tone="good"
          tip={`All three models reproduce their stored reference on this machine; the largest deviation is ${(worst * 100).toFixed(0)} % of what is allowed.`}
        />
        <Badge
          name="Runs on"
          value={providers}
          tone={fellBack ? 'warn' : 'good'}
          tip={all
            .map((m) => `${m.status.name}: ${m.status.dtype}, ${m.status.runtime}`)
            .join('\n')}
        />
        {held.length > 0 && (
          <Badge
            name={held[0].name}
            value={held.map((m) => m.value.toFixed(2)).join(', ')}
            tone={Math.min(...held.map((m) => m.value)) < 0.7 ? 'warn' : 'good'}
            tip={held
              .map(
                ({ value, interval, on }) =>
                  `${value.toFixed(3)}${interval ? ` (${interval.map((v) => v.toFixed(2)).join(' – ')})` : ''}: ${on}`,
              )
              .join('\n')}
          />
        )}
        <Badge
          name="Robustness"
          value="unknown"
          tone="none"
          tip="How far the score moves under other stains, scanners and rotations is not measured in this version."
        />
      </div>
      <button
        type="button"
        className="link"
        onClick={() => setState({ dialog: { kind: 'models' } })}
      >
        Models, hashes and cards
      </button>
    </section>
  );
}

function Badge(props: {
  name: string;
  value: string;
  tone: 'good' | 'warn' | 'none';
  tip: string;
}) {
  return (
    <div className={`badge ${props.tone}`} title={props.tip}>
      <span>{props.name}</span>
      <b>{props.value}</b>
    </div>
  );
}
