/** Which lines are drawn between a region and an answer. */
import type { SimilarRegion } from '../../audit/similar-regions.ts';

/** A query token, the token that answers it, and their cosine. */
export interface Match {
  query: number;
  token: number;
  similarity: number;
}

/** The `most` best matches, each token of the answer and its neighbours once. */
export function bestMatches(
  { token, similarity }: Pick<SimilarRegion, 'token' | 'similarity'>,
  cols: number,
  most: number,
): Match[] {
  const order = Array.from(similarity.keys()).sort((a, b) => similarity[b] - similarity[a]);
  const taken: Match[] = [];
  for (const query of order) {
    if (taken.length === most) break;
    const apart = taken.every((other) => distance(other.token, token[query], cols) > 1);
    if (apart) taken.push({ query, token: token[query], similarity: similarity[query] });
  }
  return taken;
}

/** In tokens: the larger of columns and rows between two. */
function distance(a: number, b: number, cols: number): number {
  const rows = Math.abs(Math.floor(a / cols) - Math.floor(b / cols));
  return Math.max(rows, Math.abs((a % cols) - (b % cols)));
}
