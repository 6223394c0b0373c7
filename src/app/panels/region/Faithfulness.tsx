import type { DeletionOrder } from '../../../analysis/explain.ts';
import { formatSigned } from '../../../core/units.ts';
import type { RegionFindings } from '../../explain-state.ts';
import { DeletionChart } from './DeletionChart.tsx';

/** Whether the map shows what the prediction rests on: deletion curves, and what they mean. */
export function Faithfulness({ found }: { found: RegionFindings }) {
  const { deletion, background } = found;
  if (!deletion || !background) {
    return (
      <section aria-label="Is the map faithful">
        <h2>Is the map faithful?</h2>
        <p className="quiet small under">
          Cannot be tested here: the tokens of these fields are no longer kept, or no tissue lies
          between their cells.
        </p>
      </section>
    );
  }
  const { side, fields, of } = deletion;
  return (
    <section aria-label="Is the map faithful">
      <h2>Is the map faithful?</h2>
      <DeletionChart deletion={deletion} />
      <dl className="verdicts">
        <Verdict name="contribution" order={deletion.contribution} />
        <Verdict name="attention" order={deletion.attention} />
        <dt>
          <i className="line-swatch by-random" /> at random
        </dt>
        <dd className="faint">band: three orders</dd>
      </dl>
      <p className="faint small under">
        Tokens are removed, those that speak most {side > 0 ? 'for' : 'against'} (the side
        predicted) or are most attended first, and the head is asked again. Area: how much faster
        the logit moves away from the prediction than in random order, 95 % interval over fields.{' '}
        {fields === of ? `${fields}` : `${fields} of ${of}`} {of === 1 ? 'field' : 'fields'}
        {found.inView ? ' in view' : ''}
        {fields < of && ', evenly spaced'}. Removed is replaced by the mean token between cells (
        {background.fields} of {background.of} fields). Took {(found.ms / 1000).toFixed(1)} s.
      </p>
    </section>
  );
}

function Verdict({ name, order }: { name: string; order: DeletionOrder }) {
  const { area, interval } = order;
  return (
    <>
      <dt>
        <i className={`line-swatch by-${name}`} /> by {name}
      </dt>
      <dd>
        {formatSigned(area)}
        {interval && ` (${formatSigned(interval[0])} to ${formatSigned(interval[1])})`}
      </dd>
      <dd className="quiet">{meaningOf(order)}</dd>
    </>
  );
}

function meaningOf({ interval }: DeletionOrder): string {
  if (!interval) return 'Too few fields for an interval.';
  if (interval[0] > 0) return 'Faster than chance: what is marked moves the prediction.';
  if (interval[1] < 0) return 'Slower than chance: this map misleads here.';
  return 'The interval holds zero: no better than chance here.';
}
