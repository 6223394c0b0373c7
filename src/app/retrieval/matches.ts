/** What is drawn over the pictures of a region and an answer. */
import type { Rings, SimilarRegion } from '../../audit/similar-regions.ts';
import type { Rect } from '../../core/geometry.ts';

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

/** The SVG path of a region (level-0 px) in a picture of the square `within`, `side` CSS px wide. */
export function outlineIn(rings: Rings, within: Rect, side: number): string {
  const scale = side / within.w;
  return rings
    .map((ring) => {
      const corners = Array.from({ length: ring.length / 2 }, (_, i) => {
        const [x, y] = [(ring[2 * i] - within.x) * scale, (ring[2 * i + 1] - within.y) * scale];
        return `${x.toFixed(1)},${y.toFixed(1)}`;
      });
      return `M${corners.join('L')}Z`;
    })
    .join('');
}

/** In tokens: the larger of columns and rows between two. */
function distance(a: number, b: number, cols: number): number {
  const rows = Math.abs(Math.floor(a / cols) - Math.floor(b / cols));
  return Math.max(rows, Math.abs((a % cols) - (b % cols)));
}
