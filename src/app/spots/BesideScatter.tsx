import { extent } from 'd3-array';
import { scaleLinear } from 'd3-scale';
import type { ReactNode } from 'react';
import { colourOf } from './draw.ts';

export interface ScatterProps {
  title: ReactNode;
  about: string;
  /** One a spot, in ranks from their mean. */
  measured: ArrayLike<number>;
  predicted: ArrayLike<number>;
  /** Colours of the measured values, as in the map. */
  low: number;
  high: number;
  /** Whether predicted values were multiplied by a slope: the line of equality is drawn then. */
  scaled: boolean;
  size: { width: number; height: number };
  marked: number;
  onMark: (spot: number) => void;
}

const EDGE = { left: 62, right: 12, top: 10, bottom: 40 };
const RADIUS = 3.4;
/** A spot is marked from this far, px. */
const REACH = 12;

/** Measured over predicted, a point a spot. */
export function BesideScatter(props: ScatterProps) {
  const { title, about, measured, predicted, low, high, scaled, size, marked, onMark } = props;
  const { width, height } = size;
  const domain = (values: ArrayLike<number>) => {
    const [from = 0, to = 1] = extent(Array.from(values));
    return from < to ? [from, to] : [from - 1, to + 1];
  };
  const x = scaleLinear(domain(predicted), [EDGE.left, width - EDGE.right]).nice(5);
  const y = scaleLinear(domain(measured), [height - EDGE.bottom, EDGE.top]).nice(5);
  const nearest = (px: number, py: number) => {
    let [best, near] = [-1, REACH];
    for (let i = 0; i < measured.length; i++) {
      const far = Math.hypot(x(predicted[i]) - px, y(measured[i]) - py);
      if (far < near) [best, near] = [i, far];
    }
    return best;
  };
  const [from, to] = [
    Math.max(x.domain()[0], y.domain()[0]),
    Math.min(x.domain()[1], y.domain()[1]),
  ];
  return (
    <figure className="beside-card">
      <figcaption>
        <h3>{title}</h3>
        <p className="quiet small">{about}</p>
      </figcaption>
      <svg
        className="beside-scatter"
        width={width}
        height={height}
        role="img"
        aria-label={`${about} ${measured.length} points.`}
        onPointerMove={({ nativeEvent: { offsetX, offsetY } }) => onMark(nearest(offsetX, offsetY))}
        onPointerLeave={() => onMark(-1)}
      >
        {x.ticks(5).map((tick) => (
          <g key={`x${tick}`}>
            <line
              className="grid"
              x1={x(tick)}
              x2={x(tick)}
              y1={EDGE.top}
              y2={height - EDGE.bottom}
            />
            <text x={x(tick)} y={height - EDGE.bottom + 16} textAnchor="middle">
              {x.tickFormat(5)(tick)}
            </text>
          </g>
        ))}
        {y.ticks(5).map((tick) => (
          <g key={`y${tick}`}>
            <line
              className="grid"
              x1={EDGE.left}
              x2={width - EDGE.right}
              y1={y(tick)}
              y2={y(tick)}
            />
            <text x={EDGE.left - 6} y={y(tick) + 4} textAnchor="end">
              {y.tickFormat(5)(tick)}
            </text>
          </g>
        ))}
        {scaled && from < to && (
          <line className="equal" x1={x(from)} y1={y(from)} x2={x(to)} y2={y(to)} />
        )}
        <Points {...{ measured, predicted, low, high, x, y }} />
        {marked >= 0 && marked < measured.length && (
          <circle
            className="marked"
            cx={x(predicted[marked])}
            cy={y(measured[marked])}
            r={RADIUS + 3}
          />
        )}
        <text
          className="title"
          x={(EDGE.left + width - EDGE.right) / 2}
          y={height - 6}
          textAnchor="middle"
        >
          Predicted, ranks from the mean{scaled ? ' × slope' : ''}
        </text>
        <text
          className="title"
          transform={`translate(12 ${(EDGE.top + height - EDGE.bottom) / 2}) rotate(-90)`}
          textAnchor="middle"
        >
          Measured, ranks from the mean
        </text>
      </svg>
    </figure>
  );
}

function Points(
  props: Pick<ScatterProps, 'measured' | 'predicted' | 'low' | 'high'> & {
    x: (value: number) => number;
    y: (value: number) => number;
  },
) {
  const { measured, predicted, low, high, x, y } = props;
  return Array.from(measured, (value, i) => (
    <circle
      // biome-ignore lint/suspicious/noArrayIndexKey: a spot is its number
      key={i}
      cx={x(predicted[i])}
      cy={y(value)}
      r={RADIUS}
      fill={colourOf('viridis', value, low, high)}
    />
  ));
}
