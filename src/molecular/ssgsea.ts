/**
 * Single-sample gene set enrichment (Barbie et al. 2009, Nature 462:108; methods sheet, section 4):
 * how high a gene set stands among all genes of one expression profile.
 *
 * For N genes, with R a gene's rank from below (N for the highest) and the set G of |G| genes:
 *   score = sum_G R^(1+a) / sum_G R^a - (N(N+1)/2 - sum_G R) / (N - |G|),  a = 0.25
 * Tied genes share the mean of their ranks, in both sums, so that the order of genes does not
 * matter. training/molecular/ssgsea.py is the same function.
 */
import { CytolensError, throwIfAborted } from '../core/errors.ts';
import { nextTask } from '../core/tasks.ts';

const ALPHA = 0.25;
/** Profiles between two looks at the signal: some 20 ms. */
const BATCH = 256;

/** M profiles over N genes, row by row: values[m * N + n]. */
export interface Profiles {
  genes: number;
  values: Float32Array;
}

interface Options {
  signal?: AbortSignal;
  /** Told the share of profiles that are scored, 0 to 1. */
  onProgress?: (done: number) => void;
}

/**
 * Scores of every profile for every set: scores[m * sets.length + s], in ranks (from -N to N).
 * `sets` holds places in the list of genes, each at most once. Hands the thread back now and then.
 * Throws `format` for values that are not numbers, `internal` for a set of none or all genes,
 * `cancelled`.
 */
export async function ssgsea(
  profiles: Profiles,
  sets: readonly Uint32Array[],
  { signal, onProgress }: Options = {},
): Promise<Float64Array> {
  const { genes, values } = profiles;
  const count = values.length / genes;
  checkShapes(count, genes, sets);
  const ranker = new Ranker(genes);
  const scorer = new SetScorer(genes);
  const scores = new Float64Array(count * sets.length);
  for (let m = 0; m < count; m++) {
    if (m % BATCH === 0) {
      throwIfAborted(signal);
      onProgress?.(m / count);
      await nextTask();
    }
    const ranks = ranker.rank(values.subarray(m * genes, (m + 1) * genes));
    for (let s = 0; s < sets.length; s++) {
      scores[m * sets.length + s] = scorer.score(ranks, sets[s]);
    }
  }
  throwIfAborted(signal);
  onProgress?.(1);
  return scores;
}

/** Ranks the genes of one profile at a time; buffers are used again. */
export class Ranker {
  private readonly doubled: Uint32Array;
  private readonly sorter: FloatSorter;

  constructor(private readonly genes: number) {
    this.doubled = new Uint32Array(genes);
    this.sorter = new FloatSorter(genes);
  }

  /**
   * Twice the rank of each gene, as tied ranks end in a half: 2 for the lowest, 2N for the highest.
   * Valid until the next call. Throws `format` for values that are not numbers.
   */
  rank(values: Float32Array): Uint32Array {
    const { order, keys } = this.sorter.sort(values);
    for (let from = 0; from < this.genes; ) {
      let to = from + 1;
      while (to < this.genes && keys[to] === keys[from]) to++;
      for (let i = from; i < to; i++) this.doubled[order[i]] = from + 1 + to;
      from = to;
    }
    return this.doubled;
  }
}

/** Scores of gene sets in ranked profiles of N genes. */
export class SetScorer {
  /** (doubled rank / 2)^a of every possible rank. */
  private readonly weight: Float64Array;
  /** Over a set: sum R^a, sum 2 R^(1+a), sum 2 R. */
  private weights = 0;
  private weighted = 0;
  private ranks = 0;

  constructor(private readonly genes: number) {
    this.weight = Float64Array.from({ length: 2 * genes + 1 }, (_, d) => (d / 2) ** ALPHA);
  }

  /** Score of a set in a profile's doubled ranks (see Ranker), in ranks. */
  score(doubled: Ranks, set: Uint32Array): number {
    this.sum(doubled, set);
    return this.of(this.weights, this.weighted, this.ranks, set.length);
  }

  /** Adds to `drop[i]` how much lower the score would be without gene `set[i]`; two genes or more. */
  addDrops(doubled: Ranks, set: Uint32Array, drop: Float64Array): void {
    this.sum(doubled, set);
    const { weight, weights, weighted, ranks } = this;
    const whole = this.of(weights, weighted, ranks, set.length);
    for (let i = 0; i < set.length; i++) {
      const twice = doubled[set[i]];
      const own = weight[twice];
      drop[i] +=
        whole - this.of(weights - own, weighted - own * twice, ranks - twice, set.length - 1);
    }
  }

  private sum(doubled: Ranks, set: Uint32Array): void {
    const { weight } = this;
    let [weights, weighted, ranks] = [0, 0, 0];
    for (let i = 0; i < set.length; i++) {
      const twice = doubled[set[i]];
      weights += weight[twice];
      weighted += weight[twice] * twice;
      ranks += twice;
    }
    this.weights = weights;
    this.weighted = weighted;
    this.ranks = ranks;
  }

  private of(weights: number, weighted: number, ranks: number, size: number): number {
    const { genes } = this;
    const outside = (genes * (genes + 1)) / 2 - ranks / 2;
    return weighted / 2 / weights - outside / (genes - size);
  }
}

/** Doubled ranks of one profile. */
type Ranks = Uint32Array | Uint16Array;

const DIGIT = 11;
const DIGITS = 1 << DIGIT;
const PASSES = 3;

/** Radix sort of floats that remembers where they came from; several times a comparing sort. */
class FloatSorter {
  private keys: Uint32Array;
  private order: Uint32Array;
  private otherKeys: Uint32Array;
  private otherOrder: Uint32Array;
  private readonly starts = new Uint32Array(DIGITS);

  constructor(private readonly size: number) {
    this.keys = new Uint32Array(size);
    this.order = new Uint32Array(size);
    this.otherKeys = new Uint32Array(size);
    this.otherOrder = new Uint32Array(size);
  }

  /** Ascending keys that order as the values do, and the place of each in `values`; valid until the
   * next call. Throws `format` for NaN and infinities. */
  sort(values: Float32Array): { keys: Uint32Array; order: Uint32Array } {
    const bits = new Uint32Array(values.buffer, values.byteOffset, this.size);
    for (let i = 0; i < this.size; i++) {
      this.keys[i] = sortable(bits[i]);
      this.order[i] = i;
    }
    for (let pass = 0; pass < PASSES; pass++) this.pass(pass * DIGIT);
    return { keys: this.keys, order: this.order };
  }

  private pass(shift: number): void {
    const { keys, order, otherKeys, otherOrder, starts, size } = this;
    starts.fill(0);
    for (let i = 0; i < size; i++) starts[(keys[i] >>> shift) & (DIGITS - 1)]++;
    for (let d = 0, sum = 0; d < DIGITS; d++) {
      const here = starts[d];
      starts[d] = sum;
      sum += here;
    }
    for (let i = 0; i < size; i++) {
      const to = starts[(keys[i] >>> shift) & (DIGITS - 1)]++;
      otherKeys[to] = keys[i];
      otherOrder[to] = order[i];
    }
    [this.keys, this.otherKeys] = [otherKeys, keys];
    [this.order, this.otherOrder] = [otherOrder, order];
  }
}

const SIGN = 0x80000000;
const EXPONENT = 0x7f800000;

/** The bits of a float, turned so that unsigned integers order as the floats do; -0 equals 0. */
function sortable(bits: number): number {
  if ((bits & EXPONENT) === EXPONENT) {
    throw new CytolensError(
      'format',
      'The expression holds values that are not numbers, so no gene set can be scored in it.',
    );
  }
  if (bits === SIGN) return SIGN;
  return bits & SIGN ? ~bits : bits | SIGN;
}

function checkShapes(count: number, genes: number, sets: readonly Uint32Array[]): void {
  const detail = `${count} profiles of ${genes} genes`;
  if (!Number.isInteger(count)) {
    throw new CytolensError('internal', 'The expression does not fit its list of genes.', detail);
  }
  for (const set of sets) {
    if (set.length > 0 && set.length < genes && set.every((g) => g < genes)) continue;
    throw new CytolensError(
      'internal',
      'A gene set must hold some of the genes and not all of them.',
      `${set.length} places; ${detail}`,
    );
  }
}
