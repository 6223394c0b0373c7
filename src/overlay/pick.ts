/** Which cell lies under a point: exact against the drawn outline, the smallest cell where several do. */
import type { CellTable } from '../core/cells.ts';
import { insideStar, RAYS, starArea } from '../core/cells.ts';
import { SpatialHash } from './spatial-hash.ts';

/** Longest radius that a table can hold, in its own units. */
const MOST_UNITS = 255;

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
  private readonly places = new SpatialHash();
  private known = 0;

  /** Rows were replaced: everything known of them is void. Rows merely appended need no call. */
  clear(): void {
    this.known = 0;
  }

  /** Take in rows that came since the last call; done before the first pick, or here, in good time. */
  prepare(table: CellTable): void {
    if (this.known === 0) this.places.clear((MOST_UNITS / 2) * table.radiusUnit);
    this.places.extend(table);
    this.known = table.count;
  }

  /** The smallest shown cell at (x, y) in level-0 px, or -1. */
  pick(table: CellTable, x: number, y: number, shows: (index: number) => boolean): number {
    this.prepare(table);
    const reach = MOST_UNITS * table.radiusUnit;
    let best = -1;
    let bestSize = Infinity;
    this.places.near(x, y, reach, (i) => {
      const [dx, dy] = [x - table.x[i], y - table.y[i]];
      if (dx * dx + dy * dy > reach * reach) return;
      if (!insideCell(table, i, x, y) || !shows(i)) return;
      const own = starArea(table.radii, i * RAYS);
      // Of two equal cells the later one is drawn on top.
      if (own < bestSize || (own === bestSize && i > best)) [best, bestSize] = [i, own];
    });
    return best;
  }
}
