/**
 * Do clusters follow biology or the centre? k-means on unit rows, compared with both labels by the
 * adjusted Rand index; the score is their difference (PathoROB, arXiv:2507.17845).
 */
import { throwIfAborted } from '../core/errors.ts';
import { mulberry32 } from '../core/random.ts';
import { nextTask } from '../core/tasks.ts';
import { products } from './kernel/products.ts';
import type { Rows } from './rows.ts';
import type { SampleSet } from './samples.ts';

const MAX_STEPS = 50;
/** Samples of which silhouettes are taken: every pair of them is looked at. */
const SILHOUETTE_SAMPLES = 600;

export interface ClusterScore {
  /** Clusters: the number with the best silhouette. */
  clusters: number;
  /** Adjusted Rand index with each label, mean over trials; and biology minus centre. */
  biology: number;
  centre: number;
  score: number;
  /** Standard deviation of the score over trials. */
  deviation: number;
}

export interface ClusterOptions {
  least?: number;
  most?: number;
  trials?: number;
  seed?: number;
  signal?: AbortSignal;
}

/** Throws `cancelled`. */
export async function clusterScore(
  set: SampleSet,
  { least = 2, most = 30, trials = 20, seed = 1, signal }: ClusterOptions = {},
): Promise<ClusterScore> {
  const part = partOf(set, seed);
  let clusters = least;
  let best = Number.NEGATIVE_INFINITY;
  for (let k = least; k <= Math.min(most, set.n - 1); k++) {
    await nextTask();
    throwIfAborted(signal);
    const value = silhouette(part, cluster(set, k, seed), k);
    if (value > best) [clusters, best] = [k, value];
  }
  const found: { biology: number; centre: number }[] = [];
  for (let trial = 0; trial < trials; trial++) {
    await nextTask();
    throwIfAborted(signal);
    const assigned = cluster(set, clusters, seed + 1 + trial);
    found.push({
      biology: adjustedRand(assigned, set.biology),
      centre: adjustedRand(assigned, set.centre),
    });
  }
  const mean = (of: (row: { biology: number; centre: number }) => number) =>
    found.reduce((sum, row) => sum + of(row), 0) / found.length;
  const score = mean((row) => row.biology - row.centre);
  return {
    clusters,
    biology: mean((row) => row.biology),
    centre: mean((row) => row.centre),
    score,
    deviation: Math.sqrt(mean((row) => (row.biology - row.centre - score) ** 2)),
  };
}

/** Adjusted Rand index of two labellings: 1 the same, 0 as by chance (Hubert and Arabie 1985). */
export function adjustedRand(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const n = a.length;
  const cells = new Map<string, number>();
  const rows = new Map<number, number>();
  const columns = new Map<number, number>();
  const add = <K>(counts: Map<K, number>, key: K) => counts.set(key, (counts.get(key) ?? 0) + 1);
  for (let i = 0; i < n; i++) {
    add(cells, `${a[i]} ${b[i]}`);
    add(rows, a[i]);
    add(columns, b[i]);
  }
  const pairs = (counts: Iterable<number>) => {
    let sum = 0;
    for (const count of counts) sum += (count * (count - 1)) / 2;
    return sum;
  };
  const [both, inA, inB] = [cells, rows, columns].map((counts) => pairs(counts.values()));
  const expected = (inA * inB) / ((n * (n - 1)) / 2);
  const most = (inA + inB) / 2;
  return most === expected ? 1 : (both - expected) / (most - expected);
}

/** k-means of unit rows, begun by k-means++. Returns the cluster of each sample. */
export function cluster(
  { rows, n, dim }: Pick<SampleSet, 'rows' | 'n' | 'dim'>,
  k: number,
  seed: number,
  steps = MAX_STEPS,
): Int32Array {
  const centres = begin(rows, n, dim, k, mulberry32(seed));
  const assigned = new Int32Array(n).fill(-1);
  for (let step = 0; step < steps; step++) {
    const moved = toNearest({ count: n, dim, rows }, { count: k, dim, rows: centres }, assigned);
    if (moved === 0) break;
    toMeans(rows, assigned, centres, dim, k);
  }
  return assigned;
}

/** Assign every row to the centre nearest to it; how many rows that changed. */
function toNearest(samples: Rows, centres: Rows, assigned: Int32Array): number {
  const { count: k, dim } = centres;
  const dots = products(samples, centres);
  // |x - c|^2 is smallest where x c - |c|^2 / 2 is largest.
  const halves = new Float64Array(k);
  centres.rows.forEach((value, at) => {
    halves[Math.floor(at / dim)] += (value * value) / 2;
  });
  let moved = 0;
  for (let i = 0; i < samples.count; i++) {
    let nearest = 0;
    let most = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < k; c++) {
      const value = dots[i * k + c] - halves[c];
      if (value > most) [most, nearest] = [value, c];
    }
    if (assigned[i] !== nearest) moved++;
    assigned[i] = nearest;
  }
  return moved;
}

function begin(
  rows: Float32Array,
  n: number,
  dim: number,
  k: number,
  random: () => number,
): Float32Array {
  const centres = new Float32Array(k * dim);
  const nearest = new Float64Array(n).fill(Number.POSITIVE_INFINITY);
  let next = Math.floor(random() * n);
  for (let c = 0; c < k; c++) {
    centres.set(rows.subarray(next * dim, (next + 1) * dim), c * dim);
    let sum = 0;
    for (let i = 0; i < n; i++) {
      nearest[i] = Math.min(nearest[i], squareDistance(rows, i, centres, c, dim));
      sum += nearest[i];
    }
    let left = random() * sum;
    next = nearest.findIndex((d) => {
      left -= d;
      return left < 0;
    });
    if (next < 0) next = n - 1;
  }
  return centres;
}

function toMeans(
  rows: Float32Array,
  assigned: Int32Array,
  centres: Float32Array,
  dim: number,
  k: number,
): void {
  const counts = new Int32Array(k);
  for (const c of assigned) counts[c]++;
  // An empty cluster keeps its place.
  for (let c = 0; c < k; c++) if (counts[c] > 0) centres.fill(0, c * dim, (c + 1) * dim);
  const shares = Float64Array.from(counts, (count) => 1 / count);
  for (let i = 0; i < assigned.length; i++) {
    const [from, to, share] = [i * dim, assigned[i] * dim, shares[assigned[i]]];
    for (let d = 0; d < dim; d++) centres[to + d] += rows[from + d] * share;
  }
}

function squareDistance(
  rows: Float32Array,
  i: number,
  centres: Float32Array,
  c: number,
  dim: number,
): number {
  let sum = 0;
  for (let d = 0, a = i * dim, b = c * dim; d < dim; d++, a++, b++)
    sum += (rows[a] - centres[b]) ** 2;
  return sum;
}

/** The samples that silhouettes are taken of, and their products with each other. */
interface Part {
  chosen: number[];
  dots: Float32Array;
}

/** All of a set, or a random part of a large one. */
function partOf({ n, dim, rows }: SampleSet, seed: number): Part {
  const random = mulberry32(seed);
  const chosen =
    n <= SILHOUETTE_SAMPLES
      ? Array.from({ length: n }, (_, i) => i)
      : Array.from({ length: SILHOUETTE_SAMPLES }, () => Math.floor(random() * n));
  const own = new Float32Array(chosen.length * dim);
  chosen.forEach((i, at) => {
    own.set(rows.subarray(i * dim, (i + 1) * dim), at * dim);
  });
  const samples: Rows = { count: chosen.length, dim, rows: own };
  return { chosen, dots: products(samples, samples) };
}

/** Mean silhouette by cosine distance. */
function silhouette({ chosen, dots }: Part, assigned: Int32Array, k: number): number {
  const counts = new Int32Array(k);
  for (const i of chosen) counts[assigned[i]]++;
  let total = 0;
  for (const [a, i] of chosen.entries()) {
    const sums = new Float64Array(k);
    chosen.forEach((j, b) => {
      sums[assigned[j]] += 1 - dots[a * chosen.length + b];
    });
    const own = assigned[i];
    if (counts[own] < 2) continue;
    const within = sums[own] / (counts[own] - 1);
    let beside = Number.POSITIVE_INFINITY;
    for (let c = 0; c < k; c++) {
      if (c !== own && counts[c] > 0) beside = Math.min(beside, sums[c] / counts[c]);
    }
    if (Number.isFinite(beside)) total += (beside - within) / Math.max(within, beside, 1e-12);
  }
  return total / chosen.length;
}
