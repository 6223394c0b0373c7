/**
 * Centres of cells by place, extended row by row: a million rows take some 20 ms at once and a field
 * of a run next to nothing, so nothing has to be built in the background and no answer waits.
 */
import type { CellTable } from '../core/cells.ts';

const LEAST_SLOTS = 1 << 12;
/** Rows a slot, on average, beyond which the slots are doubled. */
const MOST_PER_SLOT = 8;

export class SpatialHash {
  /** Last row of every slot, and the row before each row in its slot; -1 ends a chain. */
  private heads = new Int32Array(0);
  private before = new Int32Array(0);
  private rows = 0;
  private side = 1;

  /** `side` of a square, level-0 px. */
  clear(side: number): void {
    this.side = side;
    this.rows = 0;
    this.heads = new Int32Array(LEAST_SLOTS).fill(-1);
  }

  /** Take in the rows that came since the last call. */
  extend({ x, y, count }: Pick<CellTable, 'x' | 'y' | 'count'>): void {
    if (count > this.before.length) {
      const grown = new Int32Array(Math.max(count, 2 * this.before.length));
      grown.set(this.before.subarray(0, this.rows));
      this.before = grown;
    }
    if (count > this.heads.length * MOST_PER_SLOT) {
      let slots = this.heads.length;
      while (count > slots * MOST_PER_SLOT) slots *= 2;
      this.heads = new Int32Array(slots).fill(-1);
      this.rows = 0;
    }
    for (let i = this.rows; i < count; i++) {
      const slot = this.slot(Math.floor(x[i] / this.side), Math.floor(y[i] / this.side));
      this.before[i] = this.heads[slot];
      this.heads[slot] = i;
    }
    this.rows = count;
  }

  /** Rows whose centres may lie within `reach` (level-0 px) of a place; some may come twice. */
  near(x: number, y: number, reach: number, visit: (row: number) => void): void {
    const [x0, x1] = [x - reach, x + reach].map((v) => Math.floor(v / this.side));
    const [y0, y1] = [y - reach, y + reach].map((v) => Math.floor(v / this.side));
    for (let row = y0; row <= y1; row++) {
      for (let col = x0; col <= x1; col++) {
        for (let i = this.heads[this.slot(col, row)]; i >= 0; i = this.before[i]) visit(i);
      }
    }
  }

  /** Large odd factors, so that neighbours fall far apart (Teschner et al., 2003). */
  private slot(col: number, row: number): number {
    return (Math.imul(col, 73856093) ^ Math.imul(row, 19349663)) & (this.heads.length - 1);
  }
}
