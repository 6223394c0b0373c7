/** Does turning the tissue change what it is near to? (methods sheet, section 3) */
import { throwIfAborted } from '../core/errors.ts';
import { nextTask } from '../core/tasks.ts';
import { distancesFrom } from './neighbours.ts';

const SLICE = 64;

/** Rows of length 1 of the same samples, seen two ways. */
export interface TwoViews {
  n: number;
  dim: number;
  first: Float32Array;
  second: Float32Array;
}

/**
 * Mutual k nearest neighbours: of each sample the share of its k nearest that are the same in both
 * views; 0..1. Chance is about k / (n - 1). Throws `cancelled`.
 */
export async function neighboursKept(
  { n, dim, first, second }: TwoViews,
  k: number,
  signal?: AbortSignal,
): Promise<Float64Array> {
  const order = new Int32Array(n);
  const nearest = (rows: Float32Array, i: number) => {
    const distances = distancesFrom({ rows, n, dim }, i);
    distances[i] = Number.POSITIVE_INFINITY;
    for (let j = 0; j < n; j++) order[j] = j;
    order.sort((a, b) => distances[a] - distances[b] || a - b);
    return new Set(order.subarray(0, k));
  };
  const kept = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    if (i % SLICE === 0) {
      await nextTask();
      throwIfAborted(signal);
    }
    const one = nearest(first, i);
    let same = 0;
    for (const j of nearest(second, i)) if (one.has(j)) same++;
    kept[i] = same / k;
  }
  return kept;
}
