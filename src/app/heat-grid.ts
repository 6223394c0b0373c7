/** Cells on a grid for a file: whole sums, on the grid that the overlay draws. */
import type { CellTable } from '../core/cells.ts';
import { aggregateCells, squareUm, wholeSquares } from '../overlay/grid.ts';
import type { HeatGrid } from '../store/export/source.ts';

/** Side of a square, um; doubled where a slide would take too many. */
const SQUARE_UM = 64;

/** Sums over squares of 64 um (or a power of two times that) that hold all cells. */
export function heatGrid(cells: CellTable, mpp: number): HeatGrid {
  const box: [number, number, number, number] = [Infinity, Infinity, 0, 0];
  for (let i = 0; i < cells.count; i++) {
    box[0] = Math.min(box[0], cells.x[i]);
    box[1] = Math.min(box[1], cells.y[i]);
    box[2] = Math.max(box[2], cells.x[i]);
    box[3] = Math.max(box[3], cells.y[i]);
  }
  if (cells.count === 0) box.fill(0);
  // A file has no screen: only the number of squares bounds their size.
  const um = squareUm(SQUARE_UM, Infinity, {
    w: (box[2] - box[0]) * mpp,
    h: (box[3] - box[1]) * mpp,
  });
  const size = um / mpp;
  const bounds = wholeSquares(box, size);
  const contribution = aggregateCells(cells, 'contribution', size, bounds);
  const attention = aggregateCells(cells, 'attention', size, bounds);
  const { x, y, cols, rows, counts } = contribution;
  return {
    x,
    y,
    size,
    cols,
    rows,
    counts,
    contribution: contribution.values,
    attention: attention.values,
  };
}
