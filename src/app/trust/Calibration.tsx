import { type ConformalSet, conformalSet } from '../../audit/abstain.ts';
import { formatPercent } from '../../core/units.ts';
import type { HeadCalibration } from '../../model/manifest.ts';
import { useApp } from '../state.ts';
import { ReliabilityDiagram } from './ReliabilityDiagram.tsx';

/** Whether this head's probabilities were what they say, on fields it had not seen. */
export function Calibration() {
  const target = useApp((s) => s.kit?.target);
  const fieldUm = useApp((s) => s.kit?.fieldUm ?? 0);
  const probability = useApp((s) => s.score?.probability ?? null);
  if (!target) return null;
  const { calibration, ece } = target;
  if (!calibration) {
    return (
      <section aria-label="Calibration">
        <h2>Calibration</h2>
        <p className="small quiet under">
          This head has no held-out calibration: whether its probabilities are what they say was not
          measured, and no set of classes can be given.
        </p>
      </section>
    );
  }
  const { bins, on, interval, conformal } = calibration;
  const classes = { negative: target.negative, positive: target.positive };
  return (
    <section aria-label="Calibration">
      <h2>Calibration</h2>
      <p className="small quiet under">
        Predicted probability and observed share of “{target.positive}” ({target.target}), over {on}{' '}
        held out from the {target.variant} head that was asked.
      </p>
      <ReliabilityDiagram bins={bins} on={on} />
      <dl className="verdicts under">
        {ece && (
          <>
            <dt>Expected calibration error</dt>
            <dd>
              {ece.after.toFixed(3)} ({interval.after.map((v) => v.toFixed(3)).join(' – ')})
            </dd>
            <dt>Before temperature scaling</dt>
            <dd>
              {ece.before.toFixed(3)} ({interval.before.map((v) => v.toFixed(3)).join(' – ')})
            </dd>
          </>
        )}
        {probability !== null && (
          <>
            <dt>{formatPercent(1 - conformal.alpha)} set of this score</dt>
            <dd data-testid="conformal-set">
              {inWords(conformalSet(probability, conformal.quantile), classes)}
            </dd>
          </>
        )}
        <dt>Sets that held the true class, held out</dt>
        <dd>
          {formatPercent(conformal.coverage)}, worst {calibration.unit}{' '}
          {formatPercent(conformal.worst)}
        </dd>
      </dl>
      <p className="faint small under">{promise(calibration)}</p>
      <p className="faint small under">
        All of this is over fields of {fieldUm.toFixed(0)} µm. A score of many fields is another
        quantity, so it promises nothing of a slide. Points: {sizes(bins)} fields each, with 95 %
        intervals as if fields were independent.
      </p>
    </section>
  );
}

/** The classes of a set, in the head's own words. */
function inWords(set: ConformalSet, classes: { negative: string; positive: string }): string {
  if (set === 'both') return `both “${classes.negative}” and “${classes.positive}”`;
  return set === 'none' ? 'no class' : `“${classes[set]}” alone`;
}

/** What so many groups allow. */
function promise({ unit, groups, conformal }: HeadCalibration): string {
  const { alpha, quantile, groupsNeeded } = conformal;
  const edges = [1 - quantile, quantile].sort((a, b) => a - b).map((v) => v.toFixed(2));
  const between = quantile < 0.5 ? 'neither class is' : 'both classes are';
  const rule = `Between ${edges.join(' and ')} ${between} in the set, and there is no answer.`;
  const few =
    groups < groupsNeeded
      ? `${groups} ${unit}s are too few to promise ${formatPercent(1 - alpha)} for a new one: that takes ${groupsNeeded}. Each was tested by sets made from the others.`
      : `That holds for a new ${unit} that is like these ${groups}.`;
  return `${rule} ${few}`;
}

/** Numbers of fields in the bins: equal up to one. */
function sizes(bins: HeadCalibration['bins']): string {
  const fields = [...new Set(bins.map((bin) => bin.fields))].sort((a, b) => a - b);
  return fields.join(' or ');
}
