/** The grid that a view calls for, kept until view, value, gate or cells ask for another. */
import { scaleOf } from '../core/affine.ts';
import type { CellTable } from '../core/cells.ts';
import type { Blocks } from './blocks.ts';
import {
  aggregateCells,
  type Grid,
  type GridStatistics,
  gridStatistics,
  squareUm,
  wholeSquares,
} from './grid.ts';
import type { Statistics } from './statistics.ts';
import { GRID_UM, gateOf, levelOf, type OverlayStyle, type OverlayView } from './style.ts';

export interface KnownGrid {
  key: string;
  /** Side of a square, um. */
  um: number;
  grid: Grid;
  statistics: GridStatistics;
}

export class GridSource {
  private known: KnownGrid | null = null;

  /** Null without cells. `blocks` and `statistics` are of the table; `mpp` is um per level-0 px. */
  current(
    table: CellTable,
    blocks: Blocks,
    statistics: Statistics,
    mpp: number,
    style: OverlayStyle,
    view: OverlayView,
  ): KnownGrid | null {
    const box = blocks.bounds();
    if (!box) return null;
    const area = { w: (box[2] - box[0]) * mpp, h: (box[3] - box[1]) * mpp };
    const um = squareUm(style.gridUm ?? GRID_UM, scaleOf(view) / mpp, area);
    const level = levelOf(style);
    const gate = JSON.stringify(gateOf(style));
    const key = `${style.value} ${um} ${level} ${statistics.version(level)} ${gate}`;
    if (this.known?.key !== key) {
      const size = um / mpp;
      const grid = aggregateCells(table, style.value, size, wholeSquares(box, size), {
        passes: statistics.passing(style, table),
        weight: (i) => statistics.weightOf(level, i),
      });
      this.known = { key, um, grid, statistics: gridStatistics(grid) };
    }
    return this.known;
  }

  clear(): void {
    this.known = null;
  }
}
