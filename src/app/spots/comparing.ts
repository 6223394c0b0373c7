/** Measured and predicted scores of one gene set, put side by side. */
import { quantile } from 'd3-array';
import type { RowScores } from '../../molecular/answer.ts';
import type { Prompt } from '../../molecular/prompt.ts';
import { agreementOf, fromMean } from '../../molecular/spatial/agreement.ts';
import type { AnswerId, Compared, SpotsView } from './state.ts';

/** Columns of a comparison, one value a compared spot, in ranks. */
export interface Comparison {
  /** The spots compared: rows of the table. */
  rows: Uint32Array;
  /** Scores as they are. */
  raw: { measured: Float64Array } & Record<AnswerId, Float32Array>;
  /** Less their mean. */
  measured: Float64Array;
  /** Less their mean, times the set's slope where one is known. */
  predicted: Record<AnswerId, Float64Array>;
  /** Similarity of the nearest prototype of the library. */
  nearest: Float32Array;
}

interface Scored {
  prompt: Prompt;
  /** Measured scores of all spots. */
  measured: Float64Array;
  /** Predicted scores of `rows` alone. */
  predicted: RowScores;
  rows: Uint32Array;
  um: { x: Float64Array; y: Float64Array };
  /** Molecules of all spots. */
  totals: Float64Array;
  listed: number;
  /** Soft-kNN answered from a library of the user's own. */
  own: boolean;
}

export function comparisonOf(scored: Scored): { columns: Comparison; compared: Compared } {
  const { prompt, predicted, rows, listed, own } = scored;
  const pick = (values: Float64Array) => Float64Array.from(rows, (row) => values[row]);
  const measured = pick(scored.measured);
  const um = { x: pick(scored.um.x), y: pick(scored.um.y) };
  const depth = pick(scored.totals);
  // The slope of soft-kNN was fitted with the model's prototypes.
  const slope = {
    predictor: slopeOf(prompt, 'predictor'),
    knn: own ? null : slopeOf(prompt, 'knn'),
  };
  return {
    columns: {
      rows,
      raw: { measured, predictor: predicted.predictor, knn: predicted.knn },
      measured: fromMean(measured),
      predicted: {
        predictor: fromMean(predicted.predictor, slope.predictor ?? 1),
        knn: fromMean(predicted.knn, slope.knn ?? 1),
      },
      nearest: predicted.nearest,
    },
    compared: {
      prompt,
      listed,
      agreement: {
        predictor: agreementOf(measured, predicted.predictor, depth, um),
        knn: agreementOf(measured, predicted.knn, depth, um),
      },
      slope,
    },
  };
}

/** A slope of 0 would draw nothing: there the training patient showed no relation at all. */
function slopeOf({ tested }: Prompt, answer: AnswerId): number | null {
  const slope = tested?.[answer].slope ?? 0;
  return slope > 0 ? slope : null;
}

/** Values of a view, one a compared spot. */
export function valuesOf(columns: Comparison, view: SpotsView, answer: AnswerId): Float64Array {
  if (view === 'measured') return columns.measured;
  const predicted = columns.predicted[answer];
  if (view === 'predicted') return predicted;
  return columns.measured.map((value, i) => value - predicted[i]);
}

/** What a colour scale spans: the middle 96 % of the values; around zero where `even`. */
export function spanOf(values: ArrayLike<number>, even = false): [low: number, high: number] {
  const known = Array.from(values).filter(Number.isFinite);
  const [low, high] = [quantile(known, 0.02) ?? 0, quantile(known, 0.98) ?? 1];
  if (even) {
    const reach = Math.max(Math.abs(low), Math.abs(high)) || 1;
    return [-reach, reach];
  }
  return high > low ? [low, high] : [low - 0.5, low + 0.5];
}
