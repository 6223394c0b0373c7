/** A part of a set that is looked at again and again, and how its views agree. */
import { concat } from '../../core/arrays.ts';
import { mulberry32 } from '../../core/random.ts';
import type { Estimate } from '../robustness.ts';
import { estimateOf, members } from '../robustness.ts';
import { neighboursKept } from '../rotation.ts';
import { unitRows } from '../rows.ts';
import type { SampleSet } from '../samples.ts';

/**
 * At most `count` samples, of each class alike as far as it goes, at random within a class; the same
 * for the same set, and a smaller batch is the beginning of a larger one.
 */
export function batchOf(
  { n, biology, biologyNames }: SampleSet,
  count: number,
  seed = 7,
): number[] {
  const random = mulberry32(seed);
  const order = Array.from({ length: n }, (_, i) => ({ i, key: random() }));
  order.sort((a, b) => a.key - b.key);
  const met = new Int32Array(biologyNames.length);
  const ranked = order.map(({ i }) => ({ i, rank: met[biology[i]]++ }));
  ranked.sort((a, b) => a.rank - b.rank || biology[a.i] - biology[b.i]);
  return ranked.slice(0, count).map(({ i }) => i);
}

/** Groups of a batch, numbered anew: one a sample of the batch. */
export function groupsOf(set: SampleSet, batch: readonly number[]): number[][] {
  const group = Int32Array.from(batch, (i) => set.group[i]);
  return members(group, set.groupNames.length).filter((list) => list.length > 0);
}

/** Neighbours asked for, and how many of them chance alone would keep. */
export interface Agreement {
  k: number;
  samples: number;
  chance: number;
}

/** What a view keeps of the neighbours of a batch: embeddings of both, sample by sample. */
export async function agreementOf(
  plain: readonly Float32Array[],
  view: readonly Float32Array[],
  k: number,
  groups: readonly number[][],
  signal?: AbortSignal,
): Promise<{ kept: Float64Array; estimate: Estimate }> {
  const [n, dim] = [plain.length, plain[0].length];
  const [first, second] = [plain, view].map(
    (rows) => unitRows(concat(Float32Array, rows), dim).rows,
  );
  const kept = await neighboursKept({ n, dim, first, second }, k, signal);
  return { kept, estimate: meanOf(kept, groups) };
}

/** A mean over samples, with its interval over groups. */
export function meanOf(values: ArrayLike<number>, groups: readonly number[][]): Estimate {
  return estimateOf(
    (samples) => samples.reduce((sum, i) => sum + values[i], 0) / samples.length,
    groups.flat(),
    groups,
  );
}
