import { extent } from 'd3-array';
import { scaleLinear } from 'd3-scale';

const SIZE = { width: 316, height: 220 };
const MARGIN = { left: 50, right: 16, top: 8, bottom: 34 };
const TICKS = 4;

interface ScatterProps {
  /** One value a field, across and up. */
  a: Float32Array;
  b: Float32Array;
  /** What stands below and beside the axes: what is measured, and its unit. */
  titles: readonly [string, string];
  label: string;
  /** Both axes have one scale that holds zero; the line is where both say the same. */
  oneScale?: boolean;
}

/** Two values of each field, one point a field. */
export function Scatter({ a, b, titles, label, oneScale = false }: ScatterProps) {
  const bottom = SIZE.height - MARGIN.bottom;
  const right = SIZE.width - MARGIN.right;
  const both = oneScale ? rangeOf(a, b, [0]) : null;
  const x = scaleLinear(both ?? rangeOf(a), [MARGIN.left, right]).nice(TICKS);
  const y = scaleLinear(both ?? rangeOf(b), [bottom, MARGIN.top]).nice(TICKS);
  const [from, to] = x.domain();
  const round = (value: number) => value.toFixed(1);
  // One path of dots (strokes without length, round caps) stays light with thousands of fields.
  const dots = Array.from(a, (value, i) => `M${round(x(value))} ${round(y(b[i]))}h0`).join('');
  return (
    <svg
      className="chart"
      viewBox={`0 0 ${SIZE.width} ${SIZE.height}`}
      role="img"
      aria-label={label}
    >
      {x.ticks(TICKS).map((tick) => (
        <g key={tick}>
          <path className="rule" d={`M${x(tick)} ${MARGIN.top}V${bottom}`} />
          <text className="below" x={x(tick)} y={bottom + 14}>
            {x.tickFormat(TICKS)(tick)}
          </text>
        </g>
      ))}
      {y.ticks(TICKS).map((tick) => (
        <g key={tick}>
          <path className="rule" d={`M${MARGIN.left} ${y(tick)}H${right}`} />
          <text className="left" x={MARGIN.left - 6} y={y(tick)}>
            {y.tickFormat(TICKS)(tick)}
          </text>
        </g>
      ))}
      {oneScale && <path className="by-random" d={`M${x(from)} ${y(from)}L${x(to)} ${y(to)}`} />}
      <path className="dots" d={dots} />
      <text className="below" x={(MARGIN.left + right) / 2} y={SIZE.height - 5}>
        {titles[0]}
      </text>
      <text className="below" transform={`translate(8 ${(bottom + MARGIN.top) / 2}) rotate(-90)`}>
        {titles[1]}
      </text>
    </svg>
  );
}

/** Least and greatest of all; something around a single value, so that it has an axis. */
function rangeOf(...lists: ArrayLike<number>[]): [number, number] {
  const [low = 0, high = 0] = extent(lists.flatMap((list) => Array.from(list)));
  return low === high ? [low - 1, high + 1] : [low, high];
}
