/**
 * Answers of an alignment to a gene set, for rows of embeddings: fields of a slide, or fields
 * centred on measured spots. Equations: docs/molecular.md, after arXiv:2606.29949.
 */

import type { FieldTokens } from '../analysis/ledger.ts';
import { concat } from '../core/arrays.ts';
import { throwIfAborted } from '../core/errors.ts';
import { nextTask } from '../core/tasks.ts';
import { type Alignment, ranksOf } from './alignment.ts';
import {
  effectiveNeighbours,
  type Neighbours,
  softKnn,
  weightedMean,
  weightedSpread,
} from './soft-knn.ts';
import { SetScorer } from './ssgsea.ts';

/** Rows that the network is asked about at once. */
const BATCH = 32;
/** Rows whose neighbours are looked for between two looks at the signal. */
const NEAR_BATCH = 512;

interface Options {
  signal?: AbortSignal;
  /** Told the rows that are done. */
  onProgress?: (done: number, total: number) => void;
}

/** What does not depend on the prompt: all that is kept of M rows between prompts. */
export interface Profiled {
  rows: number;
  /** What the network makes of the image [M, W]. */
  u: Float32Array;
  /** In the library that the rows were last asked with. */
  neighbours: Neighbours;
  /** Doubled ranks of the predicted expression [M, G] (see ssgsea.ts): two bytes a gene. */
  ranks: Uint16Array;
}

/** Both answers of M rows, in ranks, with how far they can be believed. */
export interface RowScores {
  /** ssGSEA of the predicted profile [M]. */
  predictor: Float32Array;
  /** Mean of the nearest prototypes' ssGSEA by their weights [M]; their weighted SD [M]. */
  knn: Float32Array;
  spread: Float32Array;
  /** Effective number of neighbours [M]. */
  effective: Float32Array;
  /** Similarity of the nearest prototype [M]. */
  nearest: Float32Array;
}

/** A field's embedding [2 dim]: class token and mean of its `count` patch tokens, side by side. */
export function embeddingOf(tokens: FieldTokens, dim: number, count: number): Float32Array {
  const { classToken, patchTokens } = tokens;
  const embedding = new Float32Array(2 * dim);
  embedding.set(classToken.subarray(0, dim));
  for (let d = 0; d < dim; d++) {
    let sum = 0;
    for (let t = 0; t < count; t++) sum += patchTokens[t * dim + d];
    embedding[dim + d] = sum / count;
  }
  return embedding;
}

/** Run embeddings [M, D] through the network. Throws `cancelled`, and `model` where it stops. */
export async function profile(
  alignment: Alignment,
  embeddings: Float32Array,
  { signal, onProgress }: Options = {},
): Promise<Profiled> {
  const { session } = alignment;
  const { manifest } = session;
  const { dim, width, vocabulary } = manifest.alignment;
  const wide = 2 * dim;
  const rows = embeddings.length / wide;
  const u = new Float32Array(rows * width);
  const ranks = new Uint16Array(rows * vocabulary.genes);
  for (let from = 0; from < rows; from += BATCH) {
    throwIfAborted(signal);
    const to = Math.min(rows, from + BATCH);
    const data = embeddings.slice(from * wide, to * wide);
    const said = await session.run({ embedding: { dims: [to - from, wide], data } });
    u.set(said[manifest.outputs.u].data, from * width);
    const expression = said[manifest.outputs.expression].data;
    ranks.set(ranksOf(expression, vocabulary.genes), from * vocabulary.genes);
    onProgress?.(to, rows);
    await nextTask();
  }
  return { rows, u, neighbours: await neighboursOf(alignment, u, signal), ranks };
}

/** Neighbours of `u` [M, W] in the alignment's library. Throws `cancelled`. */
export async function neighboursOf(
  { session, library }: Alignment,
  u: Float32Array,
  signal?: AbortSignal,
): Promise<Neighbours> {
  const { width, knn } = session.manifest.alignment;
  const step = NEAR_BATCH * width;
  const parts: Neighbours[] = [];
  for (let from = 0; from < u.length; from += step) {
    throwIfAborted(signal);
    parts.push(softKnn(u.subarray(from, from + step), library.r, width, knn));
    await nextTask();
  }
  throwIfAborted(signal);
  return joinedNeighbours(parts);
}

/** Neighbours of several rows of queries, one after the other. */
export function joinedNeighbours(parts: readonly Neighbours[]): Neighbours {
  return {
    k: parts[0]?.k ?? 0,
    index: concat(
      Uint32Array,
      parts.map(({ index }) => index),
    ),
    similarity: concat(
      Float32Array,
      parts.map(({ similarity }) => similarity),
    ),
    weight: concat(
      Float32Array,
      parts.map(({ weight }) => weight),
    ),
  };
}

/** Both answers to the set at `places` of the vocabulary; some milliseconds for 1,000 rows. */
export function scoreRows(
  { session, library, libraryRanks }: Alignment,
  { rows, neighbours, ranks }: Profiled,
  places: Uint32Array,
): RowScores {
  const { genes } = session.manifest.alignment.vocabulary;
  const scorer = new SetScorer(genes);
  const score = (of: Uint16Array, row: number) =>
    scorer.score(of.subarray(row * genes, (row + 1) * genes), places);
  const known = Float64Array.from({ length: library.prototypes }, (_, j) => score(libraryRanks, j));
  return {
    predictor: Float32Array.from({ length: rows }, (_, m) => score(ranks, m)),
    knn: weightedMean(neighbours, known),
    spread: weightedSpread(neighbours, known),
    effective: effectiveNeighbours(neighbours),
    nearest: Float32Array.from({ length: rows }, (_, m) => neighbours.similarity[m * neighbours.k]),
  };
}

/** `profile` and `scoreRows` for rows that are asked about once. */
export async function answerRows(
  alignment: Alignment,
  embeddings: Float32Array,
  places: Uint32Array,
  options: Options = {},
): Promise<RowScores> {
  return scoreRows(alignment, await profile(alignment, embeddings, options), places);
}

export interface DrivingGene {
  /** Place in the vocabulary. */
  place: number;
  /** How much lower the mean predicted score would be without the gene, in ranks. */
  drop: number;
}

/** Genes of a set (two or more) by what the mean predicted score of the rows loses without each. */
export function drivingGenes(
  { session }: Alignment,
  { rows, ranks }: Profiled,
  places: Uint32Array,
): DrivingGene[] {
  const { genes } = session.manifest.alignment.vocabulary;
  const scorer = new SetScorer(genes);
  const drop = new Float64Array(places.length);
  for (let m = 0; m < rows; m++) {
    scorer.addDrops(ranks.subarray(m * genes, (m + 1) * genes), places, drop);
  }
  return Array.from(places, (place, i) => ({ place, drop: drop[i] / rows })).sort(
    (a, b) => b.drop - a.drop,
  );
}

/** Share of the rows' weight on prototypes of each patient, most first; a prototype of several
 * patients counts for each by its spots. */
export function patientShares(
  { library }: Alignment,
  { rows, neighbours }: Profiled,
): { patient: string; share: number }[] {
  const { k, index, weight } = neighbours;
  const { patients, spots } = library;
  const sums = new Float64Array(patients.length);
  for (let i = 0; i < rows * k; i++) {
    const own = spots.subarray(index[i] * patients.length, (index[i] + 1) * patients.length);
    const all = own.reduce((sum, n) => sum + n, 0);
    for (let p = 0; p < own.length; p++) sums[p] += (weight[i] * own[p]) / all;
  }
  return patients
    .map((patient, p) => ({ patient, share: sums[p] / rows }))
    .sort((a, b) => b.share - a.share);
}
