import { scaleLinear } from 'd3-scale';
import { area, curveStepAfter } from 'd3-shape';
import { type PointerEvent, type ReactNode, useId, useRef } from 'react';
import type { Range } from '../../overlay/gate.ts';
import type { Histogram } from '../../overlay/histograms.ts';

const WIDTH = 316;
const HEIGHT = 52;

interface GateHistogramProps {
  title: string;
  unit: string;
  histogram: Histogram;
  /** The filter that is set; undefined for none. */
  range: Range | undefined;
  format: (value: number) => string;
  /** Labels of the ends of the axis, where they are not the outermost borders. */
  axis?: [low: string, high: string];
  onRange: (range: Range | undefined) => void;
  children?: ReactNode;
}

/**
 * A histogram with a brush: drag over it, or move its two thumbs with mouse, finger or arrow keys.
 * The brush steps over the borders of bins; an end at the end of the axis filters nothing out there.
 */
export function GateHistogram(props: GateHistogramProps) {
  const { title, unit, histogram, range, format, onRange, children } = props;
  const { all, gated, edges } = histogram;
  const bins = all.length;
  const [low, high] = brushOf(range, edges);
  const anchor = useRef<number | null>(null);
  const heading = useId();
  const brush = (from: number, to: number) => onRange(rangeOf(from, to, edges));
  const edgeAt = (event: PointerEvent<SVGSVGElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const share = (event.clientX - box.left) / box.width;
    return Math.max(0, Math.min(bins, Math.round(share * bins)));
  };
  const [left, right] = props.axis ?? [format(edges[0]), format(edges[bins])];
  return (
    <section className="gate" aria-labelledby={heading}>
      <div className="row">
        <h3 id={heading}>
          {title} <span className="faint">{unit}</span>
        </h3>
        {children}
        <output className={range ? 'on' : 'faint'}>{wordsOf(range, format)}</output>
      </div>
      <div className="brush">
        <svg
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          preserveAspectRatio="none"
          aria-hidden="true"
          onPointerDown={(event) => {
            event.currentTarget.setPointerCapture(event.pointerId);
            anchor.current = edgeAt(event);
          }}
          onPointerMove={(event) => {
            const from = anchor.current;
            if (from === null) return;
            const to = edgeAt(event);
            if (to !== from) brush(Math.min(from, to), Math.max(from, to));
          }}
          onPointerUp={() => {
            anchor.current = null;
          }}
        >
          <Bars all={all} gated={gated} />
          <rect className="out" x={0} y={0} width={(low / bins) * WIDTH} height={HEIGHT} />
          <rect
            className="out"
            x={(high / bins) * WIDTH}
            y={0}
            width={(1 - high / bins) * WIDTH}
            height={HEIGHT}
          />
        </svg>
        <Thumb
          label={`${title}, lowest shown`}
          value={low}
          bins={bins}
          text={format(edges[low])}
          onMove={(to) => brush(Math.min(to, high - 1), high)}
        />
        <Thumb
          label={`${title}, highest shown`}
          value={high}
          bins={bins}
          text={format(edges[high])}
          onMove={(to) => brush(low, Math.max(to, low + 1))}
        />
      </div>
      <div className="row faint small">
        <span>{left}</span>
        <span>{right}</span>
      </div>
    </section>
  );
}

/** Both are drawn to the height of the fullest grey bar. */
function Bars({ all, gated }: { all: Uint32Array; gated: Uint32Array }) {
  const bins = all.length;
  const x = scaleLinear([0, bins], [0, WIDTH]);
  const y = scaleLinear([0, Math.max(1, ...all)], [HEIGHT, 1]);
  const shape = area<number>((_, i) => x(i), HEIGHT, y).curve(curveStepAfter);
  // A step needs the end of its last bar.
  const steps = (counts: Uint32Array) => shape([...counts, counts[bins - 1]]) ?? '';
  return (
    <>
      <path className="all" d={steps(all)} />
      <path className="gated" d={steps(gated)} />
    </>
  );
}

interface ThumbProps {
  label: string;
  value: number;
  bins: number;
  text: string;
  onMove: (value: number) => void;
}

function Thumb({ label, value, bins, text, onMove }: ThumbProps) {
  return (
    <input
      type="range"
      min={0}
      max={bins}
      step={1}
      value={value}
      aria-label={label}
      aria-valuetext={text}
      onChange={(event) => onMove(Number(event.target.value))}
    />
  );
}

/** The borders nearest to a range; the ends of the axis where it is open. */
function brushOf(range: Range | undefined, edges: readonly number[]): [low: number, high: number] {
  const bins = edges.length - 1;
  if (!range) return [0, bins];
  const nearest = (value: number) =>
    edges.reduce(
      (best, e, i) => (Math.abs(e - value) < Math.abs(edges[best] - value) ? i : best),
      0,
    );
  const low = range[0] === -Infinity ? 0 : Math.min(bins - 1, nearest(range[0]));
  const high = range[1] === Infinity ? bins : nearest(range[1]);
  return [low, Math.max(low + 1, high)];
}

function rangeOf(low: number, high: number, edges: readonly number[]): Range | undefined {
  const bins = edges.length - 1;
  if (low <= 0 && high >= bins) return undefined;
  return [low <= 0 ? -Infinity : edges[low], high >= bins ? Infinity : edges[high]];
}

function wordsOf(range: Range | undefined, format: (value: number) => string): string {
  if (!range) return 'all';
  const [low, high] = range;
  if (low === -Infinity) return `up to ${format(high)}`;
  if (high === Infinity) return `from ${format(low)}`;
  return `${format(low)} to ${format(high)}`;
}
