import { useEffect } from 'react';
import { formatSigned } from '../../core/units.ts';
import { isOpen, type RangeName } from '../../overlay/gate.ts';
import type { Histograms } from '../../overlay/histograms.ts';
import { gateOf, levelOf } from '../../overlay/style.ts';
import { InsideChoice } from '../annotate/InsideChoice.tsx';
import { useCommands } from '../context.ts';
import { useApp } from '../state.ts';
import { GateHistogram } from './GateHistogram.tsx';
import { TypeTable } from './TypeTable.tsx';

/** What the cells are like, and which of them are shown. */
export function CellsPanel() {
  const commands = useCommands();
  const cells = useApp((s) => s.cells);
  const score = useApp((s) => s.score);
  const gate = useApp((s) => gateOf(s.style));
  const level = useApp((s) => levelOf(s.style));
  const histograms = useApp((s) => s.histograms);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each of them changes what is counted
  useEffect(() => commands?.gates.refresh(), [commands, cells, score, gate, level]);
  if (!histograms || cells === 0) {
    return <p className="empty">No cells yet. Analyse a view; the cells found are counted here.</p>;
  }
  const { passing } = histograms;
  return (
    <>
      <section aria-label="Cells shown">
        <div className="row">
          <p aria-live="polite">
            <b>{passing.toLocaleString('en')}</b> of {histograms.cells.toLocaleString('en')} cells
            shown
          </p>
          <button
            type="button"
            className="link"
            disabled={isOpen(gate)}
            onClick={() => commands?.gates.clear()}
          >
            Clear all
          </button>
        </div>
        <p className="faint small">
          The slide, the heatmap and the counts follow the filters below; the prediction does not.
          {isOpen(gate) ? '' : ' The link to this view keeps them.'}
        </p>
      </section>
      <InsideChoice />
      <TypeTable histograms={histograms} />
      <Histogram name="area" histograms={histograms} />
      <Histogram name="confidence" histograms={histograms} />
      <Histogram name="contribution" histograms={histograms}>
        <Signs />
      </Histogram>
      <Histogram name="rank" histograms={histograms} />
      <p className="note">
        Grey: all cells found. Green: those that pass every filter. The first and the last bar also
        hold the cells beyond the axis. Types and confidences are predicted.
      </p>
    </>
  );
}

interface Measure {
  title: string;
  unit: string;
  value: (value: number, histograms: Histograms) => string;
  /** Ends of the axis, where they are not the ends of the range. */
  axis?: (histograms: Histograms) => [low: string, high: string];
}

const MEASURES: Record<RangeName, Measure> = {
  area: { title: 'Area', unit: 'µm²', value: (v) => v.toFixed(0) },
  confidence: { title: 'Confidence', unit: 'predicted', value: (v) => v.toFixed(2) },
  contribution: {
    title: 'Contribution',
    unit: 'to the logit',
    value: (v, { contribution }) => formatSigned(v, digitsOf(contribution.edges)),
  },
  rank: {
    title: 'Attention per µm²',
    unit: 'by rank',
    value: (v) => `${Math.round(v * 100)} %`,
    axis: ({ densities }) => {
      const [low, high] = densities.map((v) => `${Number((v * 100).toPrecision(2))} %`);
      return [low, `${high} of a field, log scale`];
    },
  },
};

/** Digits that tell the borders of bins apart. */
function digitsOf(edges: readonly number[]): number {
  return Math.max(2, Math.ceil(-Math.log10(edges[edges.length - 1])) + 1);
}

interface HistogramProps {
  name: RangeName;
  histograms: Histograms;
  children?: React.ReactNode;
}

function Histogram({ name, histograms, children }: HistogramProps) {
  const commands = useCommands();
  const range = useApp((s) => gateOf(s.style)[name]);
  const { title, unit, value, axis } = MEASURES[name];
  return (
    <GateHistogram
      title={title}
      unit={unit}
      histogram={histograms[name]}
      range={range}
      format={(v) => value(v, histograms)}
      axis={axis?.(histograms)}
      onRange={(next) => commands?.gates.set({ [name]: next })}
    >
      {children}
    </GateHistogram>
  );
}

/** One click for the sign alone. */
function Signs() {
  const commands = useCommands();
  return (
    <span className="signs">
      <button
        type="button"
        className="link against"
        onClick={() => commands?.gates.set({ contribution: [-Infinity, 0] })}
      >
        against
      </button>
      <button
        type="button"
        className="link for"
        onClick={() => commands?.gates.set({ contribution: [0, Infinity] })}
      >
        for
      </button>
    </span>
  );
}
