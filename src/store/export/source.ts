/** What every export is made from, and what it gives: parts of a file, in order. */
import type { CellTable } from '../../core/cells.ts';
import { throwIfAborted } from '../../core/errors.ts';
import { nextTask } from '../../core/tasks.ts';
import type { Provenance } from '../provenance.ts';

/** Cells summed over squares, rows from the top: what a parametric map shows. */
export interface HeatGrid {
  /** Corner of the first square and side of a square, level-0 px. */
  x: number;
  y: number;
  size: number;
  cols: number;
  rows: number;
  /** Sums of the cells whose centre lies in a square; NaN where none does. */
  contribution: Float32Array;
  attention: Float32Array;
  /** Cells in a square. */
  counts: Uint32Array;
}

export interface ExportInput {
  /** Level-0 px; nothing is written into it. */
  cells: CellTable;
  /** Names of the cell types, by index. */
  types: readonly string[];
  provenance: Provenance;
  /** Only the parametric map needs one. */
  grid: HeatGrid | null;
}

/** A piece of the file, and how many cells are in what was given so far. */
export interface Part {
  bytes: Uint8Array<ArrayBuffer>;
  done: number;
}
export type Parts = AsyncGenerator<Part, void, void>;

/** Rows written between two looks at the signal: some 10 ms of work. */
const ROWS = 10_000;

/** Row ranges [from, to) of a table; between two of them a cancel is heard. Throws `cancelled`. */
export async function* rowRanges(
  count: number,
  signal?: AbortSignal,
  rows = ROWS,
): AsyncGenerator<{ from: number; to: number }, void, void> {
  for (let from = 0; from < count; from += rows) {
    await nextTask();
    throwIfAborted(signal);
    yield { from, to: Math.min(count, from + rows) };
  }
}
