import { extent } from 'd3-array';
import { scaleLinear } from 'd3-scale';
import { area, line } from 'd3-shape';
import type { Deletion } from '../../../analysis/explain.ts';
import { formatSigned } from '../../../core/units.ts';

const SIZE = { width: 316, height: 176 };
const MARGIN = { left: 46, right: 18, top: 8, bottom: 34 };

/** Mean logit against the share of tokens removed: by contribution, by attention, at random. */
export function DeletionChart({ deletion }: { deletion: Deletion }) {
  const { removed, random, contribution, attention } = deletion;
  const all = [contribution.mean, attention.mean, random.low, random.high].flat();
  const [low = 0, high = 1] = extent(all);
  const x = scaleLinear([0, 1], [MARGIN.left, SIZE.width - MARGIN.right]);
  const y = scaleLinear([low, high], [SIZE.height - MARGIN.bottom, MARGIN.top]).nice(4);
  const curve = (values: readonly number[]) =>
    line<number>(
      (_, i) => x(removed[i]),
      (value) => y(value),
    )(values) ?? undefined;
  const band = area<number>()
    .x((_, i) => x(removed[i]))
    .y0((_, i) => y(random.low[i]))
    .y1((_, i) => y(random.high[i]))(random.mean);
  const bottom = SIZE.height - MARGIN.bottom;
  return (
    <svg
      className="chart"
      viewBox={`0 0 ${SIZE.width} ${SIZE.height}`}
      role="img"
      aria-label={`Mean logit while tokens are removed: from ${formatSigned(random.mean[0])} to ${formatSigned(random.mean[random.mean.length - 1])}; area to random order ${formatSigned(contribution.area)} by contribution, ${formatSigned(attention.area)} by attention`}
    >
      {y.ticks(4).map((tick) => (
        <g key={tick}>
          <path className="rule" d={`M${MARGIN.left} ${y(tick)}H${SIZE.width - MARGIN.right}`} />
          <text x={MARGIN.left - 6} y={y(tick)} className="left">
            {y.tickFormat(4)(tick)}
          </text>
        </g>
      ))}
      {x.ticks(5).map((tick) => (
        <text key={tick} x={x(tick)} y={bottom + 14} className="below">
          {Math.round(tick * 100)} %
        </text>
      ))}
      <text x={x(0.5)} y={SIZE.height - 5} className="below">
        tokens removed
      </text>
      <text className="below" transform={`translate(8 ${(bottom + MARGIN.top) / 2}) rotate(-90)`}>
        mean logit
      </text>
      <path className="band" d={band ?? undefined} />
      <path className="by-random" d={curve(random.mean)} />
      <path className="by-attention" d={curve(attention.mean)} />
      <path className="by-contribution" d={curve(contribution.mean)} />
    </svg>
  );
}
