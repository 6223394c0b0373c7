/** The region that is asked about: its tokens, and which fields are no answer to it. */

import { gridRect } from '../../analysis/explain/similar.ts';
import type { TokenSource } from '../../analysis/heads.ts';
import type { Ledger, LedgerField } from '../../analysis/ledger.ts';
import { kindsOf, TISSUE } from '../../analysis/tissue.ts';
import { CytolensError, throwIfAborted } from '../../core/errors.ts';
import { extentOf, insidePolygon, intersect, type Rect } from '../../core/geometry.ts';
import { readRegion } from '../../slide/region.ts';
import type { Slide } from '../../slide/slide.ts';
import { unitRows } from '../rows.ts';
import { type QueryVectors, thinned } from './token-index.ts';

/** Query tokens at most, as many as a field of the built-in encoder has; of more every so manieth. */
export const MOST_QUERY_TOKENS = 196;

/** Squares along a side of the region that are looked at for tissue. */
const MOST_SQUARES = 512;

/** Closed rings x0, y0, x1, y1, ..., level-0 px; what lies in an odd number of them is the region. */
export type Rings = readonly (readonly number[])[];

export interface RegionQuery extends QueryVectors {
  /** The box around the region, level-0 px. */
  rect: Rect;
  /** Middles of the query tokens (x0, y0, x1, y1, ...) and the side of one, level-0 px. */
  middles: Float64Array<ArrayBuffer>;
  tokenSide: number;
  /** Tokens of tissue that lie in the region, of which the query has all or every so manieth. */
  inside: number;
  /** Fields that the tokens are of. */
  fields: number;
}

/** Whether a place shows tissue, level-0 px. */
export type ShowsTissue = (x: number, y: number) => boolean;

/**
 * Where `rect` of a slide shows tissue, looked at in squares of `side` (level-0 px): glass is like
 * all glass, and would answer for the tissue beside it. Throws what slides throw, `cancelled`.
 */
export async function tissueIn(
  slide: Slide,
  rect: Rect,
  side: number,
  signal?: AbortSignal,
): Promise<ShowsTissue> {
  const [cols, rows] = [rect.w, rect.h].map((length) =>
    Math.min(MOST_SQUARES, Math.max(1, Math.ceil(length / side))),
  );
  const kinds = kindsOf(await readRegion(slide, rect, cols, rows, signal));
  const cell = (at: number, length: number, n: number) =>
    Math.min(n - 1, Math.max(0, Math.floor((at / length) * n)));
  return (x, y) => {
    const [col, row] = [cell(x - rect.x, rect.w, cols), cell(y - rect.y, rect.h, rows)];
    return kinds[row * cols + col] === TISSUE;
  };
}

/**
 * The tokens whose middle lies in the region, those of glass left out unless there are no others; the
 * token at its middle when it is too small for any. The class token is the mean of its fields' by their tokens in the region. Throws `no-tissue` where
 * nothing of it is analysed, `cancelled`.
 */
export async function regionQuery(
  { fields }: Ledger,
  tokensOf: TokenSource,
  rings: Rings,
  showsTissue: ShowsTissue = () => true,
  signal?: AbortSignal,
): Promise<RegionQuery> {
  const rect = extentOf(...rings);
  const met = fields.filter(({ grid }) => overlaps(gridRect(grid), rect));
  const all = met.map((field) => ({ field, tokens: tokensInside(field, rings) }));
  const tissue = all.map(({ field, tokens }) => ({
    field,
    tokens: tokens.filter((token) => {
      const { x, y } = middleOf(field, token);
      return showsTissue(x, y);
    }),
  }));
  let chosen = tissue.some(({ tokens }) => tokens.length > 0) ? tissue : all;
  if (chosen.every(({ tokens }) => tokens.length === 0)) {
    const [x, y] = [rect.x + rect.w / 2, rect.y + rect.h / 2];
    chosen = met.map((field) => ({
      field,
      tokens: tokensInside(field, [squareAround(field, x, y)]),
    }));
  }
  const [rows, middles]: [number[], number[]] = [[], []];
  let classToken: Float32Array | null = null;
  let used = 0;
  for (const { field, tokens: numbers } of chosen) {
    const tokens = numbers.length > 0 ? await tokensOf(field) : null;
    throwIfAborted(signal);
    if (!tokens) continue;
    used++;
    const dim = tokens.classToken.length;
    const unit = unitRows(tokens.classToken, dim).rows;
    classToken ??= new Float32Array(dim);
    for (let d = 0; d < dim; d++) classToken[d] += unit[d] * numbers.length;
    for (const token of numbers) {
      rows.push(...tokens.patchTokens.subarray(token * dim, (token + 1) * dim));
      const at = middleOf(field, token);
      middles.push(at.x, at.y);
    }
  }
  if (!classToken) throw notAnalysed();
  const dim = classToken.length;
  const inside = rows.length / dim;
  const places = { count: inside, dim: 2, rows: Float32Array.from(middles) };
  return {
    rect,
    classToken: unitRows(classToken, dim).rows,
    tokens: thinned(unitRows(Float32Array.from(rows), dim), MOST_QUERY_TOKENS),
    middles: Float64Array.from(thinned(places, MOST_QUERY_TOKENS).rows),
    tokenSide: met[0].grid.side,
    inside,
    fields: used,
  };
}

/** Whether two rectangles share more than an edge: corners of drawn shapes are rounded. */
export function overlaps(a: Rect, b: Rect): boolean {
  const both = intersect(a, b);
  const least = 1e-3 * Math.max(a.w, a.h);
  return both !== null && both.w > least && both.h > least;
}

function tokensInside(field: LedgerField, rings: Rings): number[] {
  const { cols, rows } = field.grid;
  const inside: number[] = [];
  for (let token = 0; token < cols * rows; token++) {
    const { x, y } = middleOf(field, token);
    if (rings.filter((ring) => insidePolygon(ring, x, y)).length % 2 === 1) inside.push(token);
  }
  return inside;
}

/** Middle of a token, level-0 px. */
function middleOf({ grid }: LedgerField, token: number): { x: number; y: number } {
  const { x, y, side, cols } = grid;
  return {
    x: x + ((token % cols) + 0.5) * side,
    y: y + (Math.floor(token / cols) + 0.5) * side,
  };
}

/** A square of a token's size. */
function squareAround({ grid }: LedgerField, x: number, y: number): number[] {
  const half = grid.side / 2;
  return [x - half, y - half, x + half, y - half, x + half, y + half, x - half, y + half];
}

function notAnalysed(): CytolensError {
  return new CytolensError(
    'no-tissue',
    'Nothing in this region is analysed yet, or its tokens are not kept. Analyse it, then ask again.',
  );
}
