/** Cells aggregated over squares: sums, not samples, so that no cell is lost when zoomed out. */
import type { CellTable } from '../core/cells.ts';
import type { Rect } from '../core/geometry.ts';
import { Distribution } from './distribution.ts';
import { ROBUST } from './statistics.ts';
import type { Domain, OverlayValue } from './style.ts';

/** More squares than this are never made: 1M squares are 12 MB. */
const MOST_SQUARES = 1 << 20;
/** A square is at least so many CSS px wide on screen. */
const LEAST_CSS_PX = 6;

export interface Grid {
  value: OverlayValue;
  /** Corner of square (0, 0), level-0 px. */
  x: number;
  y: number;
  /** Side of a square, level-0 px. */
  size: number;
  cols: number;
  rows: number;
  /** Row by row: the sum of the value, or for `type` the most frequent type; NaN where no cell is. */
  values: Float32Array<ArrayBuffer>;
  /** Cells whose centre lies in the square. */
  counts: Uint32Array<ArrayBuffer>;
}

/** Which cells count, and what their values are multiplied by. */
export interface Share {
  passes: (index: number) => boolean;
  weight: (index: number) => number;
}

const WHOLE: Share = { passes: () => true, weight: () => 1 };

/**
 * Aggregate the cells whose centre lies in `bounds` (level-0 px) over squares of `cellSizePx`.
 * Attention adds up A_c, contribution adds up C_c; the total over squares is the sum of the column.
 */
export function aggregateCells(
  table: CellTable,
  value: OverlayValue,
  cellSizePx: number,
  bounds: Rect,
  { passes, weight } = WHOLE,
): Grid {
  const cols = Math.max(1, Math.ceil(bounds.w / cellSizePx));
  const rows = Math.max(1, Math.ceil(bounds.h / cellSizePx));
  const counts = new Uint32Array(cols * rows);
  const { x, y } = table;
  const square = (i: number): number => {
    const col = Math.floor((x[i] - bounds.x) / cellSizePx);
    const row = Math.floor((y[i] - bounds.y) / cellSizePx);
    const inside = col >= 0 && row >= 0 && col < cols && row < rows;
    return inside && passes(i) ? row * cols + col : -1;
  };
  const values =
    value === 'type'
      ? frequentTypes(table, square, counts)
      : sums(table, table[value], weight, square, counts);
  return { value, x: bounds.x, y: bounds.y, size: cellSizePx, cols, rows, values, counts };
}

/**
 * Side of a square in um: `leastUm`, doubled until a square takes LEAST_CSS_PX on screen and the
 * area (um) no more than MOST_SQUARES. Doubling keeps the borders of squares where they were.
 */
export function squareUm(
  leastUm: number,
  cssPxPerUm: number,
  area: { w: number; h: number },
): number {
  let um = leastUm;
  const squares = () => Math.ceil(area.w / um) * Math.ceil(area.h / um);
  while (um * cssPxPerUm < LEAST_CSS_PX || squares() > MOST_SQUARES) um *= 2;
  return um;
}

/** The least rectangle of whole squares of side `size` from the slide's corner that holds a box. */
export function wholeSquares(box: readonly [number, number, number, number], size: number): Rect {
  const x = Math.floor(box[0] / size) * size;
  const y = Math.floor(box[1] / size) * size;
  const w = (Math.floor(box[2] / size) + 1) * size - x;
  const h = (Math.floor(box[3] / size) + 1) * size - y;
  return { x, y, w, h };
}

export interface GridStatistics {
  domain: Domain;
  /** Least |sum| that a share of the squares with cells does not exceed. */
  quantile(share: number): number;
}

/** Robust domain over squares that hold cells, as `Statistics.domain` over cells. */
export function gridStatistics(grid: Grid): GridStatistics {
  const strength = new Distribution();
  for (let i = 0; i < grid.values.length; i++) {
    if (grid.counts[i] > 0) strength.add(Math.abs(grid.values[i]));
  }
  const end = strength.quantile(ROBUST) || 1;
  const domain: Domain = grid.value === 'contribution' ? [-end, end] : [0, end];
  return { domain, quantile: (share) => (share > 0 ? strength.quantile(share) : 0) };
}

function sums(
  table: CellTable,
  column: Float32Array,
  weight: (i: number) => number,
  square: (i: number) => number,
  counts: Uint32Array,
): Float32Array<ArrayBuffer> {
  // Doubles: a million additions in single precision lose the fourth digit.
  const totals = new Float64Array(counts.length);
  for (let i = 0; i < table.count; i++) {
    const at = square(i);
    if (at < 0) continue;
    totals[at] += column[i] * weight(i);
    counts[at]++;
  }
  return Float32Array.from(totals, (total, at) => (counts[at] > 0 ? total : Number.NaN));
}

function frequentTypes(
  table: CellTable,
  square: (i: number) => number,
  counts: Uint32Array,
): Float32Array<ArrayBuffer> {
  const { type, count } = table;
  let types = 1;
  for (let i = 0; i < count; i++) types = Math.max(types, type[i] + 1);
  const tallies = Array.from({ length: types }, () => new Uint16Array(counts.length));
  for (let i = 0; i < count; i++) {
    const at = square(i);
    if (at < 0) continue;
    tallies[type[i]][at]++;
    counts[at]++;
  }
  const values = new Float32Array(counts.length).fill(Number.NaN);
  for (let at = 0; at < counts.length; at++) {
    if (counts[at] === 0) continue;
    let best = 0;
    for (let t = 1; t < types; t++) if (tallies[t][at] > tallies[best][at]) best = t;
    values[at] = best;
  }
  return values;
}
