/**
 * Nearest neighbours by cosine distance, the query's own group left out (methods sheet, section
 * 3). Exact: every pair is looked at once for each of the two.
 */
import { CytolensError, throwIfAborted } from '../core/errors.ts';
import { nextTask } from '../core/tasks.ts';
import { products } from './kernel/products.ts';
import type { SampleSet } from './samples.ts';

/** Nearest of each kind that CRoMa averages over. */
export const TYPED = 5;
/** Queries between two looks at the signal. */
const SLICE = 32;

export interface Neighbours {
  /** Neighbours listed for each sample. */
  k: number;
  /** n x k, nearest first; ties by number. */
  index: Int32Array;
  /** n x k cosine distances, 0..2. */
  distance: Float32Array;
  /** n x m distances to the nearest of the same biology elsewhere (SO); NaN where there are fewer. */
  sameElsewhere: Float32Array;
  /** n x m distances to the nearest of other biology from the same centre (OS). */
  otherHere: Float32Array;
  m: number;
}

export interface SearchOptions {
  m?: number;
  signal?: AbortSignal;
  onProgress?: (done: number, total: number) => void;
}

/**
 * The `k` nearest of every sample, and the `m` nearest SO and OS. Throws `format` when a sample
 * has fewer than `k` others outside of its group, `cancelled`.
 */
export async function findNeighbours(
  set: SampleSet,
  k: number,
  { m = TYPED, signal, onProgress }: SearchOptions = {},
): Promise<Neighbours> {
  const { n, biology, centre, group } = set;
  checkDepth(set, k);
  const found: Neighbours = {
    k,
    m,
    index: new Int32Array(n * k),
    distance: new Float32Array(n * k),
    sameElsewhere: new Float32Array(n * m).fill(Number.NaN),
    otherHere: new Float32Array(n * m).fill(Number.NaN),
  };
  const order = new Int32Array(n);
  let slice: Float32Array = new Float32Array(0);
  for (let i = 0; i < n; i++) {
    if (i % SLICE === 0) {
      await nextTask();
      throwIfAborted(signal);
      onProgress?.(i, n);
      slice = distancesFrom(set, i, Math.min(n, i + SLICE));
    }
    const distances = slice.subarray((i % SLICE) * n, ((i % SLICE) + 1) * n);
    let others = 0;
    for (let j = 0; j < n; j++) if (group[j] !== group[i]) order[others++] = j;
    const near = order.subarray(0, others);
    near.sort((a, b) => distances[a] - distances[b] || a - b);
    for (let r = 0; r < k; r++) {
      found.index[i * k + r] = near[r];
      found.distance[i * k + r] = distances[near[r]];
    }
    let so = 0;
    let os = 0;
    for (let r = 0; r < others && (so < m || os < m); r++) {
      const j = near[r];
      const same = biology[j] === biology[i];
      const here = centre[j] === centre[i];
      if (same && !here && so < m) found.sameElsewhere[i * m + so++] = distances[j];
      if (!same && here && os < m) found.otherHere[i * m + os++] = distances[j];
    }
  }
  onProgress?.(n, n);
  return found;
}

/** Cosine distances from the samples [from, to) to all, [to - from, n]. */
export function distancesFrom(
  { rows, n, dim }: Pick<SampleSet, 'rows' | 'n' | 'dim'>,
  from: number,
  to = from + 1,
): Float32Array {
  const queries = { count: to - from, dim, rows: rows.subarray(from * dim, to * dim) };
  const out = products(queries, { count: n, dim, rows });
  for (let at = 0; at < out.length; at++) out[at] = 1 - out[at];
  return out;
}

/** Others outside of its own group that the sample with the fewest of them has. */
export function fewestOthers({ n, group, groupNames }: SampleSet): number {
  const sizes = new Int32Array(groupNames.length);
  for (const g of group) sizes[g]++;
  return n - sizes.reduce((a, b) => Math.max(a, b), 0);
}

function checkDepth(set: SampleSet, k: number): void {
  const fewest = fewestOthers(set);
  if (k >= 1 && fewest >= k) return;
  throw new CytolensError(
    'format',
    `${k} neighbours are asked for, but some sample has only ${fewest} others outside of its own slide. Add samples from further slides, or ask for fewer neighbours.`,
  );
}
