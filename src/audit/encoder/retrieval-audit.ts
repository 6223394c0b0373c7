/**
 * Can the class of a tile be told from what it retrieves? Once by one vector a tile (cosine), once by
 * many (MaxSim over patch tokens), of tiles outside of the query's own group.
 */
import { throwIfAborted } from '../../core/errors.ts';
import { nextTask } from '../../core/tasks.ts';
import { distancesFrom } from '../neighbours.ts';
import { maxSim } from '../retrieval.ts';
import { type Estimate, estimateOf } from '../robustness.ts';
import type { Rows } from '../rows.ts';
import type { SampleSet } from '../samples.ts';
import { groupsOf } from './batch.ts';

/** Hits that vote. */
const TOP = 5;

export interface RetrievalAudit {
  /** Queries, and tiles that can be found. */
  samples: number;
  among: number;
  top: number;
  /** Macro F1 of the vote of the first hits: 0..1. */
  dense: Estimate;
  multi: Estimate;
  /** F1 of every class, by one vector and by many. */
  classes: { name: string; samples: number; dense: number; multi: number }[];
  /** Patch tokens a tile, after pooling. */
  tokens: number;
}

/**
 * Of a batch, with the patch tokens of each of its tiles. A class that one group alone has is not
 * asked for, as nothing of it could be found; its tiles can be found by others. Null where no class
 * can be asked for. Throws `cancelled`.
 */
export async function auditRetrieval(
  set: SampleSet,
  batch: readonly number[],
  tokens: readonly Rows[],
  onProgress: (done: number, total: number) => void,
  signal?: AbortSignal,
): Promise<RetrievalAudit | null> {
  const truth = batch.map((i) => set.biology[i]);
  const dense = new Int32Array(batch.length).fill(-1);
  const multi = dense.slice();
  const asked: number[] = [];
  for (let q = 0; q < batch.length; q++) {
    await nextTask();
    throwIfAborted(signal);
    onProgress(q, batch.length);
    const others = [...batch.keys()].filter((j) => set.group[batch[j]] !== set.group[batch[q]]);
    if (!others.some((j) => truth[j] === truth[q])) continue;
    asked.push(q);
    const distances = distancesFrom(set, batch[q]);
    dense[q] = vote(others, (j) => -distances[batch[j]], truth);
    multi[q] = vote(others, (j) => maxSim(tokens[q], tokens[j]).score, truth);
  }
  if (asked.length === 0) return null;
  const classes = [...new Set(asked.map((q) => truth[q]))];
  const groups = groupsOf(
    set,
    asked.map((q) => batch[q]),
  ).map((list) => list.map((i) => asked[i]));
  const estimate = (told: Int32Array) =>
    estimateOf(
      (samples) => {
        const known = classes.map((c) => classF1(truth, told, c, samples)).filter(Number.isFinite);
        return known.reduce((sum, f1) => sum + f1, 0) / known.length;
      },
      asked,
      groups,
    );
  return {
    samples: asked.length,
    among: batch.length,
    top: TOP,
    dense: estimate(dense),
    multi: estimate(multi),
    classes: classes.map((c) => ({
      name: set.biologyNames[c],
      samples: asked.filter((q) => truth[q] === c).length,
      dense: classF1(truth, dense, c, asked),
      multi: classF1(truth, multi, c, asked),
    })),
    tokens: tokens[0].count,
  };
}

/** F1 of one class over some samples; NaN where none of them is of it. */
function classF1(
  truth: readonly number[],
  told: ArrayLike<number>,
  c: number,
  samples: readonly number[],
): number {
  let [hits, are, named] = [0, 0, 0];
  for (const i of samples) {
    if (truth[i] === c) are++;
    if (told[i] === c) named++;
    if (truth[i] === c && told[i] === c) hits++;
  }
  return are > 0 ? (2 * hits) / (are + named) : Number.NaN;
}

/** The class most of the best hits are of; of as many votes, that of the best hit. -1 without hits. */
function vote(
  others: readonly number[],
  score: (j: number) => number,
  truth: readonly number[],
): number {
  const hits = others.map((j) => ({ of: truth[j], score: score(j) }));
  hits.sort((a, b) => b.score - a.score);
  const votes = new Map<number, number>();
  for (const { of } of hits.slice(0, TOP)) votes.set(of, (votes.get(of) ?? 0) + 1);
  return [...votes].reduce((best, row) => (row[1] > best[1] ? row : best), [-1, 0])[0];
}
