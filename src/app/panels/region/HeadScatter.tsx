import { extent } from 'd3-array';
import { scaleLinear } from 'd3-scale';
import type { HeadComparison } from '../../../analysis/explain.ts';

const SIZE = { width: 316, height: 220 };
const MARGIN = { left: 46, right: 18, top: 8, bottom: 34 };

/** What two heads say of each field, one point a field, on one scale; the line is where they agree. */
export function HeadScatter({ compared }: { compared: HeadComparison }) {
  const { logitsA, logitsB } = compared;
  const [low = -1, high = 1] = extent([...logitsA, ...logitsB, 0]);
  const x = scaleLinear([low, high], [MARGIN.left, SIZE.width - MARGIN.right]).nice(4);
  const [from, to] = x.domain();
  const bottom = SIZE.height - MARGIN.bottom;
  const y = scaleLinear([from, to], [bottom, MARGIN.top]);
  const round = (value: number) => value.toFixed(1);
  // One path of dots (strokes without length, round caps) stays light with thousands of fields.
  const dots = Array.from(logitsA, (a, i) => `M${round(x(a))} ${round(y(logitsB[i]))}h0`).join('');
  return (
    <svg
      className="chart"
      viewBox={`0 0 ${SIZE.width} ${SIZE.height}`}
      role="img"
      aria-label={`Logit / temperature of ${logitsA.length} fields by head A across and head B up`}
    >
      {x.ticks(4).map((tick) => (
        <g key={tick}>
          <path className="rule" d={`M${x(tick)} ${MARGIN.top}V${bottom}`} />
          <path className="rule" d={`M${MARGIN.left} ${y(tick)}H${SIZE.width - MARGIN.right}`} />
          <text className="below" x={x(tick)} y={bottom + 14}>
            {x.tickFormat(4)(tick)}
          </text>
          <text className="left" x={MARGIN.left - 6} y={y(tick)}>
            {x.tickFormat(4)(tick)}
          </text>
        </g>
      ))}
      <path className="by-random" d={`M${x(from)} ${y(from)}L${x(to)} ${y(to)}`} />
      <path className="dots" d={dots} />
      <text className="below" x={(x(from) + x(to)) / 2} y={SIZE.height - 5}>
        A: logit / temperature of a field
      </text>
      <text className="below" transform={`translate(8 ${(bottom + MARGIN.top) / 2}) rotate(-90)`}>
        B: logit / temperature
      </text>
    </svg>
  );
}
