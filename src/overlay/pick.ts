/** Which cell lies under a point: exact against the drawn outline, the smallest cell where several do. */
import Flatbush from 'flatbush';
import type { CellTable } from '../core/cells.ts';
import { insideStar, RAYS, starArea } from '../core/cells.ts';

/** Rows that came after the index was built are tried one by one up to this number. */
const MOST_UNINDEXED = 20_000;

/**
 * Whether (x, y) lies in the star-convex outline of a cell. The outline is the polygon through the
 * ends of the rays; only the two rays that the point lies between matter.
 */
export function insideCell(table: CellTable, index: number, x: number, y: number): boolean {
  const unit = table.radiusUnit;
  const [dx, dy] = [(x - table.x[index]) / unit, (y - table.y[index]) / unit];
  return insideStar(table.radii, index * RAYS, dx, dy);
}

export class Picker {
  private index: Flatbush | null = null;
  private indexed = 0;
  /** Longest ray over the rows looked at, level-0 px. */
  private reach = 0;
  private reachOf = 0;

  /** Rows were replaced: everything known of them is void. Rows merely appended need no call. */
  clear(): void {
    this.index = null;
    this.indexed = 0;
    this.reach = 0;
    this.reachOf = 0;
  }

  /** The smallest shown cell at (x, y) in level-0 px, or -1. */
  pick(table: CellTable, x: number, y: number, shows: (index: number) => boolean): number {
    this.prepare(table);
    let best = -1;
    let bestSize = Infinity;
    const consider = (i: number) => {
      if (!insideCell(table, i, x, y) || !shows(i)) return;
      const own = starArea(table.radii, i * RAYS);
      // Of two equal cells the later one is drawn on top.
      if (own <= bestSize) [best, bestSize] = [i, own];
    };
    const r = this.reach;
    const found = this.index?.search(x - r, y - r, x + r, y + r) ?? [];
    for (const i of found.sort((a, b) => a - b)) consider(i);
    for (let i = this.indexed; i < table.count; i++) {
      if (Math.abs(table.x[i] - x) <= r && Math.abs(table.y[i] - y) <= r) consider(i);
    }
    return best;
  }

  /** Index the centres; boxes of outlines would cost 32 times the time and gain a few candidates. */
  private prepare(table: CellTable): void {
    for (let k = this.reachOf * RAYS; k < table.count * RAYS; k++) {
      const r = table.radii[k] * table.radiusUnit;
      if (r > this.reach) this.reach = r;
    }
    this.reachOf = table.count;
    // Rebuild when the tail has grown by a quarter, so that the work stays linear over a whole run.
    const tail = table.count - this.indexed;
    if (tail <= Math.max(MOST_UNINDEXED, this.indexed / 4)) return;
    const index = new Flatbush(table.count, 16, Float32Array);
    for (let i = 0; i < table.count; i++) index.add(table.x[i], table.y[i]);
    index.finish();
    this.index = index;
    this.indexed = table.count;
  }
}
