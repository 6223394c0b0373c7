import { scaleLinear } from 'd3-scale';
import type { HeadCalibration } from '../../model/manifest.ts';

const SIZE = { width: 316, height: 236 };
const MARGIN = { left: 46, right: 14, top: 8, bottom: 34 };
const TICKS = [0, 0.25, 0.5, 0.75, 1];

/**
 * Predicted probability across, observed share up, both 0 to 1: one point a bin with its 95 %
 * interval, the number of its fields in its tip. On the diagonal probabilities are what they say.
 */
export function ReliabilityDiagram({ bins, on }: Pick<HeadCalibration, 'bins' | 'on'>) {
  const bottom = SIZE.height - MARGIN.bottom;
  const x = scaleLinear([0, 1], [MARGIN.left, SIZE.width - MARGIN.right]);
  const y = scaleLinear([0, 1], [bottom, MARGIN.top]);
  const said = bins.map((b) => `${b.predicted.toFixed(2)}: ${b.observed.toFixed(2)}`).join(', ');
  return (
    <svg
      className="chart reliability"
      viewBox={`0 0 ${SIZE.width} ${SIZE.height}`}
      role="img"
      aria-label={`Observed share by predicted probability, ${on}: ${said}`}
    >
      {TICKS.map((tick) => (
        <g key={tick}>
          <path className="rule" d={`M${x(0)} ${y(tick)}H${x(1)}`} />
          <text className="left" x={x(0) - 6} y={y(tick)}>
            {tick}
          </text>
          <text className="below" x={x(tick)} y={bottom + 14}>
            {tick}
          </text>
        </g>
      ))}
      <path className="diagonal" d={`M${x(0)} ${y(0)}L${x(1)} ${y(1)}`} />
      {bins.map(({ predicted, observed, interval: [low, high], fields }) => (
        <g key={predicted}>
          <title>
            {`${fields} fields predicted ${predicted.toFixed(2)} on average: ${observed.toFixed(2)} observed (${low.toFixed(2)} – ${high.toFixed(2)})`}
          </title>
          <path className="reach" d={`M${x(predicted)} ${y(low)}V${y(high)}`} />
          <circle cx={x(predicted)} cy={y(observed)} r={3.5} />
        </g>
      ))}
      <text className="below" x={x(0.5)} y={SIZE.height - 5}>
        predicted probability
      </text>
      <text className="below" transform={`translate(10 ${y(0.5)}) rotate(-90)`}>
        observed share
      </text>
    </svg>
  );
}
