import { scaleBand, scaleLinear } from 'd3-scale';
import { type KeyboardEvent, useState } from 'react';
import { formatNumber } from '../../core/units.ts';
import type { Spectrum } from '../../molecular/molecular.ts';
import { NOT_READABLE, readableName, type Tested } from '../../molecular/prompt.ts';
import { useCommands } from '../context.ts';
import { useApp } from '../state.ts';

const SIZE = { width: 316, height: 180 };
const MARGIN = { left: 34, right: 4, top: 8, bottom: 20 };
/** R2 has no lower end; below this it is cut, with a sign for it. */
const LOWEST = -0.6;
const TICKS = [-0.5, 0, 0.5];

/** How well each set was read from H&E on the patient left out: R2 with its interval, best first. */
export function SpectrumChart({ spectrum }: { spectrum: Spectrum }) {
  const commands = useCommands();
  const active = useApp((s) => s.molecular.draft?.tested?.name ?? null);
  const [pointed, setPointed] = useState<number | null>(null);
  const { sets } = spectrum;
  const activeAt = sets.findIndex(({ name }) => name === active);
  const at = pointed ?? Math.max(0, activeAt);
  const x = scaleBand(
    sets.map((_, i) => i),
    [MARGIN.left, SIZE.width - MARGIN.right],
  ).padding(0.2);
  const y = scaleLinear([LOWEST, 0.7], [SIZE.height - MARGIN.bottom, MARGIN.top]).clamp(true);
  const pick = (i: number) => {
    const chosen = commands?.prompting.sets.named(sets[i].name);
    if (chosen) commands?.prompting.draft({ way: 'set', chosen, without: null });
  };
  const onKey = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1, Home: -sets.length, End: sets.length }[event.key];
    if (step !== undefined) {
      setPointed(Math.max(0, Math.min(sets.length - 1, at + step)));
      event.preventDefault();
    } else if (event.key === 'Enter') pick(at);
  };
  const readable = sets.filter(({ predictor }) => predictor.readable).length;
  return (
    <section aria-label="Predictability spectrum">
      <h2>What H&E could show</h2>
      <div
        className="spectrum"
        role="slider"
        tabIndex={0}
        aria-label="Gene sets by how well they were read on the patient left out"
        aria-valuemin={1}
        aria-valuemax={sets.length}
        aria-valuenow={at + 1}
        aria-valuetext={sentenceOf(sets[at])}
        onKeyDown={onKey}
        onPointerLeave={() => setPointed(null)}
      >
        <svg className="chart" viewBox={`0 0 ${SIZE.width} ${SIZE.height}`} aria-hidden="true">
          {TICKS.map((tick) => (
            <g key={tick}>
              <path
                className={tick === 0 ? 'rule zero' : 'rule'}
                d={`M${MARGIN.left} ${y(tick)}H${SIZE.width - MARGIN.right}`}
              />
              <text className="left" x={MARGIN.left - 5} y={y(tick)}>
                {tick}
              </text>
            </g>
          ))}
          {sets.map((set, i) => (
            <Bar
              key={set.name}
              set={set}
              x={x(i) ?? 0}
              width={x.bandwidth()}
              y={y}
              mark={i === activeAt ? 'active' : i === pointed ? 'pointed' : ''}
              point={() => setPointed(i)}
              pick={() => pick(i)}
            />
          ))}
          <text className="below" x={(MARGIN.left + SIZE.width) / 2} y={SIZE.height - 5}>
            {sets.length} Hallmark sets, best first
          </text>
          <text className="below" transform={`translate(8 ${SIZE.height / 2}) rotate(-90)`}>
            R²
          </text>
        </svg>
      </div>
      {sets[at] && (
        <p className="small" data-testid="spectrum-said" aria-hidden="true">
          {sentenceOf(sets[at])}
        </p>
      )}
      <p className="faint small under">
        Predictor, trained on patient {spectrum.trained}, tested on {spectrum.spots} spots of
        patient {spectrum.tested}. Lines: 95 % over blocks of tissue; cut at {LOWEST}. {readable} of{' '}
        {sets.length} coloured; grey: {NOT_READABLE}. Pale: only as far as sequencing depth explains
        it.
      </p>
    </section>
  );
}

function Bar(props: {
  set: Tested;
  x: number;
  width: number;
  y: (value: number) => number;
  mark: string;
  point: () => void;
  pick: () => void;
}) {
  const { set, x, width, y, mark, point, pick } = props;
  const { r2, readable, beyond_depth } = set.predictor;
  const [value, low, high] = r2;
  const kind = readable ? (beyond_depth ? 'readable' : 'by-depth') : 'unreadable';
  const [from, to] = [Math.min(y(value), y(0)), Math.max(y(value), y(0))];
  const middle = x + width / 2;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the chart as a whole takes the keys
    <g className={`spectrum-bar ${kind} ${mark}`} onPointerEnter={point} onClick={pick}>
      <rect className="reach" x={x} y={MARGIN.top} width={width} height={y(LOWEST) - MARGIN.top} />
      <rect className="value" x={x} y={from} width={width} height={Math.max(1, to - from)} />
      <path d={`M${middle} ${y(low)}V${y(high)}`} />
    </g>
  );
}

function sentenceOf({ name, predictor }: Tested): string {
  const { r2, rho, readable, beyond_depth } = predictor;
  const span = ([value, low, high]: readonly number[]) =>
    `${formatNumber(value)} (${formatNumber(low)} to ${formatNumber(high)})`;
  const verdict = !readable
    ? `, ${NOT_READABLE}`
    : beyond_depth
      ? ''
      : ', as far as depth explains';
  return `${readableName(name)}: R² ${span(r2)}, Spearman ${span(rho)}${verdict}`;
}
