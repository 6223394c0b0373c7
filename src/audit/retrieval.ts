/** Retrieval by one vector a region, and by many (ColBERT's MaxSim; methods sheet, section 3). */
import { products } from './kernel/products.ts';
import type { Rows } from './rows.ts';

/** Which token of the region answered each token of the query, and how well. */
export interface Matched {
  score: number;
  /** One a query token. */
  token: Int32Array;
  similarity: Float32Array;
}

/**
 * MaxSim: the sum over query tokens of their best similarity in the region. Rows behind `count` are
 * padding and are not looked at. The region must have a token.
 */
export function maxSim(query: Rows, region: Rows): Matched {
  const dots = products(query, region);
  const token = new Int32Array(query.count);
  const similarity = new Float32Array(query.count).fill(Number.NEGATIVE_INFINITY);
  let score = 0;
  for (let q = 0, at = 0; q < query.count; q++) {
    for (let t = 0; t < region.count; t++, at++) {
      if (dots[at] <= similarity[q]) continue;
      similarity[q] = dots[at];
      token[q] = t;
    }
    score += similarity[q];
  }
  return { score, token, similarity };
}

/** Mean over classes of the F1 of predictions; classes that occur in neither are left out. */
export function macroF1(truth: ArrayLike<number>, predicted: ArrayLike<number>): number {
  const hits = new Map<number, number>();
  const told = new Map<number, number>();
  const are = new Map<number, number>();
  const add = (counts: Map<number, number>, key: number) =>
    counts.set(key, (counts.get(key) ?? 0) + 1);
  for (let i = 0; i < truth.length; i++) {
    add(are, truth[i]);
    add(told, predicted[i]);
    if (truth[i] === predicted[i]) add(hits, truth[i]);
  }
  const classes = new Set([...are.keys(), ...told.keys()]);
  let sum = 0;
  for (const c of classes) {
    sum += (2 * (hits.get(c) ?? 0)) / ((are.get(c) ?? 0) + (told.get(c) ?? 0));
  }
  return classes.size > 0 ? sum / classes.size : 0;
}
