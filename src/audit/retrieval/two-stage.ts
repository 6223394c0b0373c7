/**
 * The fields most like a region, in two stages: all fields are estimated (token-index.ts), and the
 * best of them compared on their own tokens, first by a few query tokens, the best of those exactly.
 * bench/retrieval.ts measures what that loses.
 */

import { spearman } from '../../analysis/explain/compare.ts';
import { Best } from '../../analysis/explain/vectors.ts';
import type { FieldTokens } from '../../analysis/ledger.ts';
import { throwIfAborted } from '../../core/errors.ts';
import { nextTask } from '../../core/tasks.ts';
import { type Matched, maxSim } from '../retrieval.ts';
import { type Rows, unitRows } from '../rows.ts';
import { type QueryVectors, type TokenIndex, thinned } from './token-index.ts';

/** Fields compared on their own tokens, at least: by so many query tokens, and by all of them. */
export const SHORTLIST = 144;
const FEW = 24;
const EXACT = 24;

/** Fields to search: an index, and where the fields' own tokens are. */
export interface Searched {
  index: TokenIndex;
  /** Null where they are not kept any more. */
  tokensOf(field: number): Promise<FieldTokens | null>;
  /** Whether a field may be an answer. */
  allowed(field: number): boolean;
}

export interface Answer {
  /** Which of the searched, and which of its fields. */
  of: number;
  field: number;
  /** MaxSim over the number of query tokens, and cosine of class tokens: -1 to 1. */
  maxSim: number;
  cosine: number;
  /** Which token answers each query token. */
  matched: Pick<Matched, 'token' | 'similarity'>;
}

export interface Found {
  /** The best first, by MaxSim and by the one cosine. */
  byTokens: Answer[];
  byClassToken: Answer[];
  /** Fields that both lists have. */
  shared: number;
  /** Rank correlation of the two over all fields, MaxSim estimated; null where that is nothing. */
  spearman: number | null;
  /** Fields searched, and compared exactly. */
  searched: number;
  compared: number;
}

/** The `count` best fields. Throws `cancelled`, and what `tokensOf` throws. */
export async function findSimilar(
  query: QueryVectors,
  places: readonly Searched[],
  count: number,
  shortlist = SHORTLIST,
  signal?: AbortSignal,
): Promise<Found> {
  const { rows, cosine, estimated } = await estimateAll(query, places, signal);
  const whole = best(cosine, count);
  const chosen = new Set([...best(estimated, Math.max(shortlist, 4 * count)), ...whole]);
  const candidates: Candidate[] = [];
  for (const row of chosen) {
    const { of, field } = rows[row];
    const tokens = await places[of].tokensOf(field);
    throwIfAborted(signal);
    if (tokens) candidates.push({ row, tokens: unitRows(tokens.patchTokens, query.tokens.dim) });
  }
  const answers = mostLike(query, candidates, Math.max(EXACT, 2 * count), whole).map(
    ({ row, score, ...matched }): Answer => ({
      ...rows[row],
      maxSim: score / query.tokens.count,
      cosine: cosine[row],
      matched,
    }),
  );
  const byTokens = answers.toSorted((a, b) => b.maxSim - a.maxSim).slice(0, count);
  const byClassToken = answers.toSorted((a, b) => b.cosine - a.cosine).slice(0, count);
  return {
    byTokens,
    byClassToken,
    shared: byTokens.filter((answer) => byClassToken.includes(answer)).length,
    spearman: spearman(estimated, cosine),
    searched: rows.length,
    compared: answers.length,
  };
}

/** The first stage: every field that may be an answer and has tokens, with its estimates. */
async function estimateAll(query: QueryVectors, places: readonly Searched[], signal?: AbortSignal) {
  const rows: { of: number; field: number }[] = [];
  const cosine: number[] = [];
  const estimated: number[] = [];
  for (const [of, { index, allowed }] of places.entries()) {
    const said = index.estimate(query);
    for (let field = 0; field < said.cosine.length; field++) {
      if (Number.isNaN(said.cosine[field]) || !allowed(field)) continue;
      rows.push({ of, field });
      cosine.push(said.cosine[field]);
      estimated.push(said.maxSim[field]);
    }
    await nextTask();
    throwIfAborted(signal);
  }
  return { rows, cosine, estimated };
}

interface Candidate {
  /** Its number among the estimated fields. */
  row: number;
  tokens: Rows;
}

/** The second stage: the `most` best by a few query tokens, and the `wanted` rows, exactly. */
function mostLike(
  { tokens }: QueryVectors,
  candidates: readonly Candidate[],
  most: number,
  wanted: readonly number[],
): (Matched & { row: number })[] {
  const few = thinned(tokens, FEW);
  const exactly = new Set(
    best(
      candidates.map((one) => maxSim(few, one.tokens).score),
      most,
    ),
  );
  return candidates
    .filter(({ row }, i) => exactly.has(i) || wanted.includes(row))
    .map((one) => ({ row: one.row, ...maxSim(tokens, one.tokens) }));
}

/** The numbers of the largest values. */
function best(values: readonly number[], most: number): number[] {
  const found = new Best(most);
  values.forEach((value, row) => {
    found.add(row, value);
  });
  return found.list.map(({ row }) => row);
}
