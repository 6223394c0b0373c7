/** How far predicted scores follow measured ones over the spots of one section. */
import { mulberry32 } from '../../core/random.ts';

/** Side of a block of spots that are drawn together, um: neighbours resemble each other. */
const BLOCK_UM = 800;
const ROUNDS = 1000;

export interface Agreement {
  /** Spearman, and its 95 % interval by a bootstrap over blocks of 800 um; null when one side is
   * constant or there are fewer than three blocks. */
  rho: number | null;
  interval: [low: number, high: number] | null;
  /** Spots, and blocks they lie in. */
  spots: number;
  blocks: number;
}

/**
 * Spearman of two scores of the same N spots. As in training/molecular/measures.py, a spot keeps
 * the rank it has among all spots in every draw.
 */
export function agreementOf(
  measured: ArrayLike<number>,
  predicted: ArrayLike<number>,
  um: { x: ArrayLike<number>; y: ArrayLike<number> },
  seed = 0x5eed,
): Agreement {
  const spots = measured.length;
  const [p, q] = [ranks(measured), ranks(predicted)];
  const block = blocksOf(um);
  const blocks = new Set(block).size;
  const rho = weighted(p, q, new Float64Array(spots).fill(1));
  if (rho === null || blocks < 3) return { rho, interval: null, spots, blocks };
  const random = mulberry32(seed);
  const draws: number[] = [];
  const times = new Float64Array(blocks);
  for (let round = 0; round < ROUNDS; round++) {
    times.fill(0);
    for (let i = 0; i < blocks; i++) times[Math.floor(random() * blocks)]++;
    const drawn = weighted(
      p,
      q,
      Float64Array.from(block, (b) => times[b]),
    );
    if (drawn !== null) draws.push(drawn);
  }
  draws.sort((a, b) => a - b);
  return { rho, interval: [quantile(draws, 0.025), quantile(draws, 0.975)], spots, blocks };
}

/** Ranks from 1, ties at their mean rank. */
export function ranks(values: ArrayLike<number>): Float64Array {
  const order = Uint32Array.from({ length: values.length }, (_, i) => i);
  order.sort((i, j) => values[i] - values[j]);
  const out = new Float64Array(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from + 1;
    while (to < order.length && values[order[to]] === values[order[from]]) to++;
    for (let k = from; k < to; k++) out[order[k]] = (from + 1 + to) / 2;
    from = to;
  }
  return out;
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

function quantile(sorted: readonly number[], q: number): number {
  const at = q * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.min(sorted.length - 1, low + 1);
  return sorted[low] + (sorted[high] - sorted[low]) * (at - low);
}

/** Values less their mean, times `slope`: scores are compared this way (docs/molecular.md). */
export function fromMean(values: ArrayLike<number>, slope = 1): Float64Array {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  const mean = sum / Math.max(1, values.length);
  return Float64Array.from(values, (value) => (value - mean) * slope);
}
