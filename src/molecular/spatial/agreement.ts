/** How far predicted scores follow measured ones over the spots of one section. */
import { quantileSorted } from 'd3-array';
import { ranks } from '../../analysis/explain/compare.ts';
import { mulberry32 } from '../../core/random.ts';

/** Side of a block of spots that are drawn together, um: neighbours resemble each other. */
const BLOCK_UM = 800;
const ROUNDS = 1000;
const FEWEST_BLOCKS = 3;

export interface Correlation {
  /** Spearman; null when one side is constant. */
  rho: number | null;
  /** 95 %, by a bootstrap over blocks of 800 um; null for fewer than three blocks. */
  interval: [low: number, high: number] | null;
}

export interface Agreement extends Correlation {
  /** Partial correlation with the ranks of the spots' depth regressed out: dense tissue gives more
   * molecules, and more molecules another score. */
  givenDepth: Correlation;
  /** Spots, and blocks they lie in. */
  spots: number;
  blocks: number;
}

/**
 * Spearman of two scores of the same N spots; `depth` are the molecules of each. As in
 * training/molecular/measures.py, a spot keeps the rank it has among all spots in every draw.
 */
export function agreementOf(
  measured: ArrayLike<number>,
  predicted: ArrayLike<number>,
  depth: ArrayLike<number>,
  um: { x: ArrayLike<number>; y: ArrayLike<number> },
  seed = 0x5eed,
): Agreement {
  const spots = measured.length;
  const [p, q, d] = [ranks(measured), ranks(predicted), ranks(depth)];
  const both = (weight: Float64Array) => {
    const rho = weighted(p, q, weight);
    return { rho, given: partial(rho, weighted(p, d, weight), weighted(q, d, weight)) };
  };
  const block = blocksOf(um);
  const blocks = new Set(block).size;
  const random = mulberry32(seed);
  const draws = Array.from({ length: blocks < FEWEST_BLOCKS ? 0 : ROUNDS }, () => {
    const times = new Float64Array(blocks);
    for (let i = 0; i < blocks; i++) times[Math.floor(random() * blocks)]++;
    return both(Float64Array.from(block, (b) => times[b]));
  });
  const { rho, given } = both(new Float64Array(spots).fill(1));
  const within = (value: number | null, drawn: (number | null)[]): Correlation => ({
    rho: value,
    interval: value === null ? null : intervalOf(drawn),
  });
  return {
    ...within(
      rho,
      draws.map((draw) => draw.rho),
    ),
    givenDepth: within(
      given,
      draws.map((draw) => draw.given),
    ),
    spots,
    blocks,
  };
}

/** Correlation of a and b with a third quantity regressed out of both, from all three. */
function partial(ab: number | null, ac: number | null, bc: number | null): number | null {
  if (ab === null || ac === null || bc === null) return null;
  const left = (1 - ac * ac) * (1 - bc * bc);
  return left > 1e-12 ? (ab - ac * bc) / Math.sqrt(left) : null;
}

/** Null without draws. */
function intervalOf(draws: (number | null)[]): [number, number] | null {
  const sorted = draws.filter((draw) => draw !== null).sort((a, b) => a - b);
  return sorted.length > 0
    ? [quantileSorted(sorted, 0.025) ?? 0, quantileSorted(sorted, 0.975) ?? 0]
    : null;
}

/** Number of the block that each spot lies in. */
function blocksOf(um: { x: ArrayLike<number>; y: ArrayLike<number> }): Uint32Array {
  const known = new Map<string, number>();
  return Uint32Array.from({ length: um.x.length }, (_, i) => {
    const key = `${Math.floor(um.x[i] / BLOCK_UM)} ${Math.floor(um.y[i] / BLOCK_UM)}`;
    const number = known.get(key) ?? known.size;
    known.set(key, number);
    return number;
  });
}

/** Pearson correlation under weights; null where one side is constant. */
function weighted(a: Float64Array, b: Float64Array, weight: Float64Array): number | null {
  let [total, sumA, sumB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    total += weight[i];
    sumA += weight[i] * a[i];
    sumB += weight[i] * b[i];
  }
  const [meanA, meanB] = [sumA / total, sumB / total];
  let [both, sizeA, sizeB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [da, db] = [a[i] - meanA, b[i] - meanB];
    both += weight[i] * da * db;
    sizeA += weight[i] * da * da;
    sizeB += weight[i] * db * db;
  }
  return sizeA > 0 && sizeB > 0 ? both / Math.sqrt(sizeA * sizeB) : null;
}

/** Values less their mean, times `slope`: scores are compared this way (docs/molecular.md). */
export function fromMean(values: ArrayLike<number>, slope = 1): Float64Array {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  const mean = sum / Math.max(1, values.length);
  return Float64Array.from(values, (value) => (value - mean) * slope);
}
