/** Boxes of runs of rows. Rows arrive field by field, so a run is a patch of tissue: what is off screen is skipped. */

import type { CellTable } from '../core/cells.ts';
import type { Rect } from '../core/geometry.ts';

export const BLOCK_ROWS = 256;
/** Runs closer than this are drawn as one: a draw call costs more than a few hidden blocks. */
const BRIDGE_BLOCKS = 2;

/** Rows from `first` on, `count` of them. */
export interface Run {
  first: number;
  count: number;
}

export class Blocks {
  /** x0, y0, x1, y1 of the centres of each block, level-0 px. */
  private boxes = new Float32Array(0);
  private rows = 0;

  clear(): void {
    this.rows = 0;
  }

  append(table: CellTable, first: number): void {
    const blocks = Math.ceil(table.count / BLOCK_ROWS);
    if (blocks * 4 > this.boxes.length) {
      const grown = new Float32Array(Math.max(blocks * 4, this.boxes.length * 2));
      grown.set(this.boxes);
      this.boxes = grown;
    }
    for (let i = first; i < table.count; i++) {
      const at = 4 * Math.floor(i / BLOCK_ROWS);
      if (i % BLOCK_ROWS === 0) this.boxes.set([Infinity, Infinity, -Infinity, -Infinity], at);
      this.boxes[at] = Math.min(this.boxes[at], table.x[i]);
      this.boxes[at + 1] = Math.min(this.boxes[at + 1], table.y[i]);
      this.boxes[at + 2] = Math.max(this.boxes[at + 2], table.x[i]);
      this.boxes[at + 3] = Math.max(this.boxes[at + 3], table.y[i]);
    }
    this.rows = table.count;
  }

  /** Box of all centres as [x0, y0, x1, y1], level-0 px; null without cells. */
  bounds(): [number, number, number, number] | null {
    if (this.rows === 0) return null;
    const box: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity];
    for (let at = 0; at < 4 * Math.ceil(this.rows / BLOCK_ROWS); at += 4) {
      box[0] = Math.min(box[0], this.boxes[at]);
      box[1] = Math.min(box[1], this.boxes[at + 1]);
      box[2] = Math.max(box[2], this.boxes[at + 2]);
      box[3] = Math.max(box[3], this.boxes[at + 3]);
    }
    return box;
  }

  /** Runs of rows whose centres may lie in the box [x0, y0, x1, y1] grown by `margin`. */
  meeting(box: Rect, margin: number): Run[] {
    const { x: x0, y: y0 } = box;
    const [x1, y1] = [x0 + box.w, y0 + box.h];
    const runs: Run[] = [];
    const blocks = Math.ceil(this.rows / BLOCK_ROWS);
    for (let b = 0; b < blocks; b++) {
      const at = 4 * b;
      if (this.boxes[at] > x1 + margin || this.boxes[at + 2] < x0 - margin) continue;
      if (this.boxes[at + 1] > y1 + margin || this.boxes[at + 3] < y0 - margin) continue;
      const first = b * BLOCK_ROWS;
      const end = Math.min(first + BLOCK_ROWS, this.rows);
      const last = runs.at(-1);
      if (last && first - (last.first + last.count) <= BRIDGE_BLOCKS * BLOCK_ROWS) {
        last.count = end - last.first;
      } else {
        runs.push({ first, count: end - first });
      }
    }
    return runs;
  }
}
