import { extent } from 'd3-array';
import { scaleLinear } from 'd3-scale';

const SIZE = { width: 316, height: 220 };
const MARGIN = { left: 52, right: 14, top: 8, bottom: 34 };

/** Predicted scores of two prompts, one point a field; each axis in ranks of its own. */
export function PromptScatter(props: {
  a: Float32Array;
  b: Float32Array;
  names: readonly [string, string];
}) {
  const { a, b, names } = props;
  const bottom = SIZE.height - MARGIN.bottom;
  const domain = (values: Float32Array) => {
    const [low = 0, high = 1] = extent(values);
    return low === high ? [low - 1, high + 1] : [low, high];
  };
  const x = scaleLinear(domain(a), [MARGIN.left, SIZE.width - MARGIN.right]).nice(4);
  const y = scaleLinear(domain(b), [bottom, MARGIN.top]).nice(4);
  const round = (value: number) => value.toFixed(1);
  const dots = Array.from(a, (value, i) => `M${round(x(value))} ${round(y(b[i]))}h0`).join('');
  return (
    <svg
      className="chart"
      viewBox={`0 0 ${SIZE.width} ${SIZE.height}`}
      role="img"
      aria-label={`Predicted ssGSEA of ${a.length} fields: ${names[0]} across, ${names[1]} up`}
    >
      {x.ticks(4).map((tick) => (
        <g key={tick}>
          <path className="rule" d={`M${x(tick)} ${MARGIN.top}V${bottom}`} />
          <text className="below" x={x(tick)} y={bottom + 14}>
            {x.tickFormat(4)(tick)}
          </text>
        </g>
      ))}
      {y.ticks(4).map((tick) => (
        <g key={tick}>
          <path className="rule" d={`M${MARGIN.left} ${y(tick)}H${SIZE.width - MARGIN.right}`} />
          <text className="left" x={MARGIN.left - 6} y={y(tick)}>
            {y.tickFormat(4)(tick)}
          </text>
        </g>
      ))}
      <path className="dots" d={dots} />
      <text className="below" x={(MARGIN.left + SIZE.width) / 2} y={SIZE.height - 5}>
        A: predicted ssGSEA of a field, ranks
      </text>
      <text className="below" transform={`translate(8 ${(bottom + MARGIN.top) / 2}) rotate(-90)`}>
        B: ranks
      </text>
    </svg>
  );
}
