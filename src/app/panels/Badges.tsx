import { modelsOf } from '../../analysis/analysis.ts';
import { MOST_UNFAMILIAR } from '../../audit/abstain.ts';
import { MANY_MISSED, MISSED_LABEL } from '../../audit/nuclei-check.ts';
import { formatPercent } from '../../core/units.ts';
import { providerName } from '../names.ts';
import { setState, useApp } from '../state.ts';
import { AxisBadges } from '../trust/AxisBadges.tsx';
import { useStress } from '../trust/use-stress.ts';

/** Above these, of a probability, a badge warns. */
const MOST_SHIFT = 0.05;
const MOST_ECE = 0.1;

/** What can be trusted so far: parity, provider, what is not yet checked. */
export function Badges() {
  const kit = useApp((s) => s.kit);
  const score = useApp((s) => s.score);
  const stress = useStress();
  if (!kit) return null;
  const all = modelsOf(kit);
  const { robustness, ece } = kit.target;
  const unfamiliar = score?.unfamiliar ?? null;
  const missed = score?.missed ?? null;
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
          tip={`All models in use reproduce their stored reference on this machine; the largest deviation is ${formatPercent(worst)} of what is allowed.`}
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
          name="Stain shifts"
          value={robustness ? `±${robustness.inconsistency.toFixed(2)}` : 'unknown'}
          tone={robustness ? (robustness.inconsistency > MOST_SHIFT ? 'warn' : 'good') : 'none'}
          tip={
            robustness
              ? `How far this head's probability moved (standard deviation) over ${robustness.views} views of a field: ${robustness.on}. ${robustness.flips} fields changed class; ${formatPercent(robustness.agreement)} of view pairs agree. Measured on held-out tissue, not on this slide.`
              : 'How far this head’s score moves under other stains and scanners was not measured.'
          }
        />
        <Badge
          name="Calibration"
          value={ece ? `ECE ${ece.after.toFixed(2)}` : 'unknown'}
          tone={ece ? (ece.after > MOST_ECE ? 'warn' : 'good') : 'none'}
          tip={
            ece
              ? `Expected calibration error on held-out fields: ${ece.before.toFixed(3)} before temperature scaling, ${ece.after.toFixed(3)} after.`
              : 'The calibration of this head was not measured.'
          }
        />
        <Badge
          name="Tissue"
          value={unfamiliar === null ? 'unknown' : `${formatPercent(1 - unfamiliar)} known`}
          tone={unfamiliar === null ? 'none' : unfamiliar > MOST_UNFAMILIAR ? 'warn' : 'good'}
          tip={
            kit.bank
              ? `Share of the analysed fields that resemble tissue the encoder knows (nearest class tokens within ${kit.bank.threshold.toFixed(3)}). Known: ${kit.bank.on}.`
              : 'This encoder has no bank of known tissue, so unfamiliar fields cannot be told.'
          }
        />
        <Badge
          name="Stain outlined"
          value={missed === null ? 'unknown' : formatPercent(1 - missed)}
          tone={missed === null ? 'none' : missed > MANY_MISSED ? 'warn' : 'good'}
          tip={
            missed === null
              ? 'Whether nuclei were missed is told once tissue with nuclei was analysed.'
              : `${MISSED_LABEL}: ${formatPercent(missed)} of its area over the analysed fields. Above ${formatPercent(MANY_MISSED)} many nuclei count as missed: chosen on 22 sets of fields of real slides, where it was at most 38 % with nuclei outlined, and at least 85 % with nuclei plainly missed. Keratin and pigment count as nuclei; nuclei less than about 4 µm across escape it.`
          }
        />
      </div>
      {stress && (
        <>
          <p className="faint small">The field that was stressed, by what was changed:</p>
          <AxisBadges stress={stress} />
        </>
      )}
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
