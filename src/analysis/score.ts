/**
 * What the analysed fields say together, and what it is made of. The region's logit is the mean
 * of its fields' logits, so it decomposes exactly: class token + cells by type + background +
 * bias = logit (methods sheet, section 1).
 */
import type { CellTable } from '../core/cells.ts';
import type { Kit } from '../model/kit.ts';
import type { LedgerField } from './ledger.ts';

/** What one head says of a region. */
export interface HeadScore {
  /** Mean of the fields' logits. */
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
  /** What the head's other variant says of the same fields; null when there is none. */
  partner: HeadScore | null;
  /** Share of fields beyond the threshold of the encoder's bank; null without one. */
  unfamiliar: number | null;
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

/** What `scoreOf` has to know of the models. */
export interface Asked {
  types: number;
  head: { bias: number; temperature: number };
  partner: { temperature: number } | null;
  isUnfamiliar: ((distance: number) => boolean) | null;
}

export function askedOf({ segmenter, head, partner, bank }: Kit): Asked {
  return {
    types: segmenter.manifest.segmenter.types.length,
    head: head.manifest.head,
    partner: partner?.manifest.head ?? null,
    isUnfamiliar: bank && ((distance) => bank.isUnfamiliar(distance)),
  };
}

export function scoreOf(
  fields: readonly LedgerField[],
  cells: CellTable,
  { types, head, partner, isUnfamiliar }: Asked,
): RegionScore {
  const n = fields.length;
  const said = headScore(
    fields.map((f) => f.logit),
    head.temperature,
  );
  const classToken = mean(Float64Array.from(fields, (f) => f.classShare));
  const byType = Array.from({ length: types }, () => ({ count: 0, contribution: 0 }));
  let attentionOnCells = 0;
  for (let i = 0; i < cells.count; i++) {
    const entry = byType[cells.type[i]];
    entry.count++;
    entry.contribution += cells.contribution[i] / n;
    attentionOnCells += cells.attention[i] / n;
  }
  const background = mean(Float64Array.from(fields, backgroundOf));
  const sum = byType.reduce(
    (total, t) => total + t.contribution,
    classToken + background + head.bias,
  );
  const others = fields.map((f) => f.partnerLogit).filter((logit) => logit !== null);
  const far = fields.filter((f) => f.distance !== null && isUnfamiliar?.(f.distance));
  return {
    ...said,
    fields: n,
    partner: partner && others.length === n ? headScore(others, partner.temperature) : null,
    unfamiliar: isUnfamiliar && far.length / n,
    bias: head.bias,
    classToken,
    byType,
    background,
    attentionOnCells,
    residual: sum - said.logit,
  };
}

function headScore(logits: readonly number[], temperature: number): HeadScore {
  const values = Float64Array.from(logits);
  const logit = mean(values);
  return {
    logit,
    probability: sigmoid(logit / temperature),
    interval: values.length < MIN_FIELDS ? null : bootstrap(values, temperature),
  };
}

/** sum_i r_i contribution_i: what falls between cells. */
function backgroundOf(field: LedgerField): number {
  let sum = 0;
  field.contribution.forEach((c, i) => {
    sum += c * field.overlap.rest[i];
  });
  return sum;
}

export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

function mean(values: Float64Array): number {
  return values.reduce((sum, v) => sum + v, 0) / values.length;
}

/** Percentile bootstrap of the mean logit; seeded, so that the same fields give the same interval. */
function bootstrap(logits: Float64Array, temperature: number): [number, number] {
  const random = mulberry32(0x5eed);
  const means = Float64Array.from({ length: RESAMPLES }, () => {
    let sum = 0;
    for (let i = 0; i < logits.length; i++) sum += logits[Math.floor(random() * logits.length)];
    return sum / logits.length;
  }).sort();
  const at = (share: number) => sigmoid(means[Math.round(share * (RESAMPLES - 1))] / temperature);
  return [at(0.025), at(0.975)];
}

/** A small seeded generator (mulberry32, public domain): uniform in [0, 1). */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
