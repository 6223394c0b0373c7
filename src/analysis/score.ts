/**
 * What the analysed fields say together, and what it is made of. The region's logit is the mean of
 * its fields' logits, equal or weighed by attention, so it decomposes exactly: class token + cells
 * by type + background + bias = logit (methods sheet, section 1).
 */
import type { CellTable } from '../core/cells.ts';
import { mulberry32 } from '../core/random.ts';
import type { Kit } from '../model/kit.ts';
import type { HeadPooling } from '../model/manifest.ts';
import type { LedgerField } from './ledger.ts';
import { missedShare, weakenedFields } from './missed.ts';

/** Whether all fields count alike, or by the attention they draw. */
export type Pooling = HeadPooling;

/** How the kit's head is pooled unless the user says otherwise. */
export function defaultPooling({ head }: Kit): Pooling {
  return head.manifest.head.pooling ?? 'mean';
}

/** What one head says of a region. */
export interface HeadScore {
  /** Weighed mean of the fields' logits. */
  logit: number;
  /** sigmoid(logit / temperature). */
  probability: number;
  /**
   * 95 % interval of the probability over fields (bootstrap): how much the answer depends on
   * which fields were seen. It does not contain the uncertainty of the model itself.
   */
  interval: [low: number, high: number] | null;
}

export interface RegionScore extends HeadScore {
  fields: number;
  pooling: Pooling;
  /** How many equally weighed fields would be as spread: at most `fields`. */
  effectiveFields: number;
  /** What the head's other variant says of the same fields; null when there is none. */
  partner: HeadScore | null;
  /** Share of fields beyond the threshold of the encoder's bank; null without one. */
  unfamiliar: number | null;
  /** Share of what is stained like nuclei outside of every outline (missed.ts); null: not known. */
  missed: number | null;
  /** Fields whose stain was weakened for the segmenter (strong-stain.ts); null: not known. */
  weakened: number | null;
  bias: number;
  classToken: number;
  /** Contribution and number of cells by type index. */
  byType: { count: number; contribution: number }[];
  background: number;
  /** Attention that falls on cells and on background; sums to 1. */
  attentionOnCells: number;
  /** classToken + byType + background + bias - logit: zero up to rounding. Shown, and tested. */
  residual: number;
}

const RESAMPLES = 400;
/** Below this many fields a bootstrap interval says nothing. */
const MIN_FIELDS = 5;

/** What `scoreOf` has to know of the models, and how fields are to be pooled. */
export interface Asked {
  types: number;
  head: { bias: number; temperature: number };
  partner: { temperature: number } | null;
  isUnfamiliar: ((distance: number) => boolean) | null;
  pooling: Pooling;
}

export function askedOf({ segmenter, head, partner, bank }: Kit, pooling: Pooling): Asked {
  return {
    types: segmenter.manifest.segmenter.types.length,
    head: head.manifest.head,
    partner: partner?.manifest.head ?? null,
    isUnfamiliar: bank && ((distance) => bank.isUnfamiliar(distance)),
    pooling,
  };
}

/**
 * Weight of every field, summing to 1. By `attention`: softmax of the fields' gates. As a gate is the
 * log of a field's summed attention, weight times attention within the field is the one gated
 * attention over all tokens of the slide (methods sheet, section 1). `mean`, and fields without a
 * gate, weigh all alike.
 */
export function fieldWeights(gates: readonly (number | null)[], pooling: Pooling): Float64Array {
  const known = gates.filter((gate) => gate !== null);
  if (pooling === 'mean' || known.length < gates.length || known.length === 0) {
    return new Float64Array(gates.length).fill(1 / gates.length);
  }
  const most = known.reduce((a, b) => Math.max(a, b));
  const weights = Float64Array.from(known, (gate) => Math.exp(gate - most));
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
}

/** Score of some fields. Throws nothing; without fields every figure is NaN. */
export function scoreOf(
  fields: readonly LedgerField[],
  cells: CellTable,
  { types, head, partner, isUnfamiliar, pooling }: Asked,
): RegionScore {
  const n = fields.length;
  const weights = fieldWeights(
    fields.map((f) => f.gate),
    pooling,
  );
  const said = headScore(
    fields.map((f) => f.logit),
    weights,
    head.temperature,
  );
  const byType = Array.from({ length: types }, () => ({ count: 0, contribution: 0 }));
  for (let i = 0; i < cells.count; i++) byType[cells.type[i]].count++;
  let [classToken, background, attentionOnCells] = [0, 0, 0];
  fields.forEach((field, f) => {
    const { cell, token, share, rest } = field.overlap;
    classToken += weights[f] * field.classShare;
    // A cell on an edge has parts in two fields; each counts with its own field's weight.
    for (let e = 0; e < cell.length; e++) {
      const part = weights[f] * share[e];
      byType[cells.type[cell[e]]].contribution += part * field.contribution[token[e]];
      attentionOnCells += part * field.attention[token[e]];
    }
    for (let t = 0; t < rest.length; t++) {
      background += weights[f] * rest[t] * field.contribution[t];
    }
  });
  const sum = byType.reduce(
    (total, t) => total + t.contribution,
    classToken + background + head.bias,
  );
  const far = fields.filter((f) => f.distance !== null && isUnfamiliar?.(f.distance));
  return {
    ...said,
    fields: n,
    pooling,
    effectiveFields: Math.exp(entropy(weights)),
    partner: partner && partnerScore(fields, pooling, partner.temperature),
    unfamiliar: isUnfamiliar && far.length / n,
    missed: missedShare(fields),
    weakened: weakenedFields(fields),
    bias: head.bias,
    classToken,
    byType,
    background,
    attentionOnCells,
    residual: sum - said.logit,
  };
}

function partnerScore(
  fields: readonly LedgerField[],
  pooling: Pooling,
  temperature: number,
): HeadScore | null {
  const logits = fields.map((f) => f.partnerLogit).filter((logit) => logit !== null);
  if (logits.length < fields.length) return null;
  const gates = fields.map((f) => f.partnerGate);
  return headScore(logits, fieldWeights(gates, pooling), temperature);
}

function headScore(
  logits: readonly number[],
  weights: Float64Array,
  temperature: number,
): HeadScore {
  const logit = logits.reduce((sum, value, f) => sum + weights[f] * value, 0);
  return {
    logit,
    probability: sigmoid(logit / temperature),
    interval: logits.length < MIN_FIELDS ? null : bootstrap(logits, weights, temperature),
  };
}

/** In nats; its exponential is the effective number of equally weighed fields. */
function entropy(weights: Float64Array): number {
  return -weights.reduce((sum, w) => sum + (w > 0 ? w * Math.log(w) : 0), 0);
}

export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/**
 * Percentile bootstrap of the weighed logit over fields; seeded, so that the same fields give the
 * same interval.
 */
function bootstrap(
  logits: readonly number[],
  weights: Float64Array,
  temperature: number,
): [number, number] {
  const random = mulberry32(0x5eed);
  const means = Float64Array.from({ length: RESAMPLES }, () => {
    let [sum, whole] = [0, 0];
    for (let i = 0; i < logits.length; i++) {
      const pick = Math.floor(random() * logits.length);
      sum += weights[pick] * logits[pick];
      whole += weights[pick];
    }
    return sum / whole;
  }).sort();
  const at = (share: number) => sigmoid(means[Math.round(share * (RESAMPLES - 1))] / temperature);
  return [at(0.025), at(0.975)];
}
