/**
 * Which share of which token each cell covers (methods sheet, "Token -> cell, a conserved
 * partition"): o_ci = area(cell_c within token_i) / area(token_i), exactly, by clipping outlines
 * to token squares; where cells overlap so that a token is covered more than once, shares are
 * scaled to sum to 1.
 */
import { type CellTable, outline, RAYS } from '../core/cells.ts';
import type { Point } from '../core/geometry.ts';
import { polygonArea } from '../core/geometry.ts';

/** The token grid of one field in level-0 px. Token i = row * cols + col. */
export interface TokenGrid extends Point {
  /** Side of a token, level-0 px. */
  side: number;
  cols: number;
  rows: number;
}

/** A sparse matrix: entry e says that `cell[e]` covers `share[e]` of `token[e]`. */
export interface Overlap {
  cell: Uint32Array;
  token: Uint16Array;
  share: Float32Array;
  /** r_i: share of each token that no cell covers. */
  rest: Float32Array;
}

/** Touching a token by less than this share is a rounding error, not a touch. */
const MIN_SHARE = 1e-6;

/** A clipped 32-gon has at most one more vertex an edge of the square; room to spare. */
const MAX_POINTS = 8 * RAYS;

/** Shares before scaling: what clipping gives, kept so that later cells only add to it. */
export class RawOverlap {
  private readonly cell: number[] = [];
  private readonly token: number[] = [];
  private readonly share: number[] = [];

  constructor(readonly grid: TokenGrid) {}

  /** Clip these cells to the grid's tokens. Each cell is to be added once. */
  add(table: CellTable, cells: Iterable<number>): void {
    for (const index of cells) this.addOutline(index, outline(table, index, corners));
  }

  /** The shares as they stand, scaled where a token is covered more than once. */
  normalised(): Overlap {
    const { cols, rows } = this.grid;
    const covered = new Float64Array(cols * rows);
    this.token.forEach((token, e) => {
      covered[token] += this.share[e];
    });
    return {
      cell: Uint32Array.from(this.cell),
      token: Uint16Array.from(this.token),
      share: Float32Array.from(this.share, (s, e) => s / Math.max(1, covered[this.token[e]])),
      rest: Float32Array.from(covered, (c) => Math.max(0, 1 - c)),
    };
  }

  /** Clip a polygon, x0, y0, x1, y1, ... in the grid's px, to the grid's tokens. */
  addOutline(index: number, polygon: Float64Array): void {
    const { grid } = this;
    points.set(polygon);
    // In units of tokens, so that token (c, r) is the unit square at (c, r).
    let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
    for (let i = 0; i < points.length; i += 2) {
      points[i] = (points[i] - grid.x) / grid.side;
      points[i + 1] = (points[i + 1] - grid.y) / grid.side;
      x0 = Math.min(x0, points[i]);
      x1 = Math.max(x1, points[i]);
      y0 = Math.min(y0, points[i + 1]);
      y1 = Math.max(y1, points[i + 1]);
    }
    const lastRow = Math.min(grid.rows - 1, Math.ceil(y1) - 1);
    const lastCol = Math.min(grid.cols - 1, Math.ceil(x1) - 1);
    for (let row = Math.max(0, Math.floor(y0)); row <= lastRow; row++) {
      const inRow = clipBand(points, points.length, 1, row, strip, scratch);
      for (let col = Math.max(0, Math.floor(x0)); col <= lastCol; col++) {
        const inSquare = clipBand(strip, inRow, 0, col, square, scratch);
        const area = polygonArea(square, inSquare);
        if (area < MIN_SHARE) continue;
        this.cell.push(index);
        this.token.push(row * grid.cols + col);
        this.share.push(area);
      }
    }
  }
}

/** Overlap of the given cells with one field's tokens. */
export function overlapOf(table: CellTable, cells: Iterable<number>, grid: TokenGrid): Overlap {
  const raw = new RawOverlap(grid);
  raw.add(table, cells);
  return raw.normalised();
}

// Scratch space of the clipper: a cell is clipped before the next one begins.
const corners = new Float64Array(2 * RAYS);
const points = new Float64Array(2 * RAYS);
const strip = new Float64Array(MAX_POINTS);
const square = new Float64Array(MAX_POINTS);
const scratch = new Float64Array(MAX_POINTS);

/** Clip a polygon to lo <= coordinate <= lo + 1 on one axis (Sutherland-Hodgman, twice). */
function clipBand(
  points: Float64Array,
  length: number,
  axis: 0 | 1,
  lo: number,
  out: Float64Array,
  scratch: Float64Array,
): number {
  const half = clipHalf(points, length, axis, lo, 1, scratch);
  return clipHalf(scratch, half, axis, lo + 1, -1, out);
}

/** Keep the side of a polygon where sign * (coordinate - limit) >= 0. Returns the new length. */
function clipHalf(
  points: Float64Array,
  length: number,
  axis: 0 | 1,
  limit: number,
  sign: 1 | -1,
  out: Float64Array,
): number {
  let n = 0;
  for (let i = 0; i < length; i += 2) {
    const j = i + 2 < length ? i + 2 : 0;
    const here = sign * (points[i + axis] - limit);
    const there = sign * (points[j + axis] - limit);
    if (here >= 0) {
      out[n++] = points[i];
      out[n++] = points[i + 1];
    }
    if (here >= 0 !== there >= 0) {
      const t = here / (here - there);
      out[n++] = points[i] + t * (points[j] - points[i]);
      out[n++] = points[i + 1] + t * (points[j + 1] - points[i + 1]);
    }
  }
  return n;
}
