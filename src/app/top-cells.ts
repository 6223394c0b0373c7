/** The cells that speak loudest, by signed contribution. */
import type { CellTable } from '../core/cells.ts';

export interface CellChip {
  index: number;
  contribution: number;
  type: number;
}

/** Cells that speak most for and against, for the two galleries. */
export interface TopCells {
  supporting: CellChip[];
  opposing: CellChip[];
}

/** `count` cells for and against, of those that `keep` takes. */
export function topCells(
  cells: CellTable,
  count = 5,
  keep: (row: number) => boolean = () => true,
): TopCells {
  const chip = (index: number): CellChip => ({
    index,
    contribution: cells.contribution[index],
    type: cells.type[index],
  });
  return {
    supporting: best(cells, count, 1, keep).map(chip),
    opposing: best(cells, count, -1, keep).map(chip),
  };
}

/** Rows with the largest sign * contribution above zero, in order: one pass, a short list kept. */
function best(
  cells: CellTable,
  count: number,
  sign: 1 | -1,
  keep: (row: number) => boolean,
): number[] {
  const kept: number[] = [];
  const value = (row: number) => sign * cells.contribution[row];
  for (let row = 0; row < cells.count; row++) {
    if (value(row) <= 0) continue;
    if (kept.length === count && value(row) <= value(kept[count - 1])) continue;
    if (!keep(row)) continue;
    const at = kept.findIndex((other) => value(other) < value(row));
    kept.splice(at < 0 ? kept.length : at, 0, row);
    if (kept.length > count) kept.pop();
  }
  return kept;
}
