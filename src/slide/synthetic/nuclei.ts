/**
 * Every nucleus of a rectangle. Those of round structures come with the structure (lining.ts);
 * those between them sit on a jittered lattice and give way to neighbours of higher rank (a
 * Matern hard-core process), so that any tile finds the same cells. Coordinates are um.
 */
import { type Cell, collide, FIBROBLAST, LYMPHOCYTE, NECROTIC } from './cell.ts';
import { type Glands, Kind, PITCH } from './glands.ts';
import { type Blob, type Content, contentOf } from './lining.ts';
import { hash, unit } from './noise.ts';
import { emptyRegion, type Tissue } from './tissue.ts';

/** Spacing of the lattice between structures, um, and lattice squares along a block's side. */
const STEP = 8.8;
const SIDE = 13;
export const BLOCK = STEP * SIDE;
/** Longest half axis of any nucleus with its bend, um. */
export const REACH = 10;
/** Lattice squares over which two nuclei can meet, and a block with that rim. */
const RIM = 2;
const WIDE = SIDE + 2 * RIM;
const CACHE_LIMIT = 2500;

/** A cell that may stand, with its rank among its neighbours. */
interface Candidate extends Cell {
  rank: number;
}

export class Nuclei {
  private readonly contents = new Map<number, Content>();
  private readonly candidates = new Map<number, (Candidate | null)[]>();
  private readonly blocks = new Map<number, Cell[]>();
  private readonly region = emptyRegion();

  constructor(
    private readonly tissue: Tissue,
    private readonly glands: Glands,
  ) {}

  /** Cells whose outline may meet the rectangle, and inclusions that may. */
  within(x0: number, y0: number, x1: number, y1: number): Content {
    const cells: Cell[] = [];
    const blobs: Blob[] = [];
    const near = (c: { x: number; y: number }) =>
      c.x > x0 - REACH && c.x < x1 + REACH && c.y > y0 - REACH && c.y < y1 + REACH;
    this.eachSite(x0 - REACH, y0 - REACH, x1 + REACH, y1 + REACH, (ix, iy) => {
      const content = this.content(ix, iy);
      for (const cell of content.cells) if (near(cell)) cells.push(cell);
      for (const blob of content.blobs) if (near(blob)) blobs.push(blob);
    });
    const [bx0, bx1] = [x0 - REACH, x1 + REACH].map((v) => Math.floor(v / BLOCK));
    const [by0, by1] = [y0 - REACH, y1 + REACH].map((v) => Math.floor(v / BLOCK));
    for (let by = by0; by <= by1; by++) {
      for (let bx = bx0; bx <= bx1; bx++) {
        for (const cell of this.block(bx, by)) if (near(cell)) cells.push(cell);
      }
    }
    return { cells, blobs };
  }

  /** Lattice squares of the structures that can reach into a slide rectangle. */
  private eachSite(
    x0: number,
    y0: number,
    x1: number,
    y1: number,
    visit: (ix: number, iy: number) => void,
  ): void {
    let [qx0, qy0, qx1, qy1] = [Infinity, Infinity, -Infinity, -Infinity];
    const steps = Math.max(4, Math.ceil(Math.max(x1 - x0, y1 - y0) / 30));
    for (let j = 0; j <= steps; j++) {
      const y = y0 + ((y1 - y0) * j) / steps;
      for (let i = 0; i <= steps; i++) {
        // The extremes of the bent rectangle lie on its rim, up to folds that the pitch covers.
        if (j > 0 && j < steps && i > 0 && i < steps) continue;
        const x = x0 + ((x1 - x0) * i) / steps;
        const qx = x + this.tissue.warpX(x, y);
        const qy = y + this.tissue.warpY(x, y);
        qx0 = Math.min(qx0, qx);
        qx1 = Math.max(qx1, qx);
        qy0 = Math.min(qy0, qy);
        qy1 = Math.max(qy1, qy);
      }
    }
    for (let iy = Math.floor(qy0 / PITCH) - 1; iy <= Math.floor(qy1 / PITCH) + 1; iy++) {
      for (let ix = Math.floor(qx0 / PITCH) - 1; ix <= Math.floor(qx1 / PITCH) + 1; ix++) {
        visit(ix, iy);
      }
    }
  }

  private content(ix: number, iy: number): Content {
    return remember(this.contents, ix, iy, () => contentOf(this.glands.site(ix, iy), this.tissue));
  }

  /** Standing cells of a block: those that no neighbour of higher rank displaces. */
  private block(bx: number, by: number): Cell[] {
    return remember(this.blocks, bx, by, () => {
      // The block with a rim of RIM squares, so that neighbours are found by plain arithmetic.
      const wide: (Candidate | null)[] = new Array(WIDE * WIDE).fill(null);
      for (let j = -1; j <= 1; j++) {
        for (let i = -1; i <= 1; i++) {
          const part = this.candidatesOf(bx + i, by + j);
          const [left, top] = [i * SIDE + RIM, j * SIDE + RIM];
          for (let y = Math.max(0, top); y < Math.min(WIDE, top + SIDE); y++) {
            for (let x = Math.max(0, left); x < Math.min(WIDE, left + SIDE); x++) {
              wide[y * WIDE + x] = part[(y - top) * SIDE + x - left];
            }
          }
        }
      }
      const standing: Cell[] = [];
      for (let y = RIM; y < RIM + SIDE; y++) {
        for (let x = RIM; x < RIM + SIDE; x++) {
          const cell = wide[y * WIDE + x];
          if (cell && !displaced(cell, x, y, wide)) standing.push(cell);
        }
      }
      return standing;
    });
  }

  private candidatesOf(bx: number, by: number): (Candidate | null)[] {
    return remember(this.candidates, bx, by, () => {
      const { tissue } = this;
      const x0 = bx * BLOCK;
      const y0 = by * BLOCK;
      const margin = tissue.edge(x0 + BLOCK / 2, y0 + BLOCK / 2, 100);
      const out: (Candidate | null)[] = new Array(SIDE * SIDE).fill(null);
      if (margin < -BLOCK) return out;
      // Regions change slowly: one look-up serves two by two lattice squares.
      for (let j = 0; j < SIDE; j += 2) {
        for (let i = 0; i < SIDE; i += 2) {
          tissue.region(x0 + (i + 1) * STEP, y0 + (j + 1) * STEP, this.region);
          for (let y = j; y < Math.min(j + 2, SIDE); y++) {
            for (let x = i; x < Math.min(i + 2, SIDE); x++) {
              out[y * SIDE + x] = this.candidate(bx * SIDE + x, by * SIDE + y, margin);
            }
          }
        }
      }
      return out;
    });
  }

  /** What may stand on a lattice square whose region is `this.region`. */
  private candidate(ix: number, iy: number, margin: number): Candidate | null {
    const { seed } = this.tissue;
    const { region } = this;
    const dead = 0.42 * region.necrosis;
    const lymph = (0.02 + 0.86 * region.lymph) * (1 - region.necrosis);
    const spindle = (0.25 - 0.09 * region.loose) * (1 - 0.9 * region.necrosis) * (1 - region.lymph);
    const pick = unit(seed, ix, iy, 0xc1);
    if (pick > dead + lymph + spindle) return null;
    const type = pick < dead ? NECROTIC : pick < dead + lymph ? LYMPHOCYTE : FIBROBLAST;
    const jitter = type === LYMPHOCYTE ? 0.75 : 0.95;
    const x = (ix + 0.5 + jitter * (unit(seed, ix, iy, 0xc2) - 0.5)) * STEP;
    const y = (iy + 0.5 + jitter * (unit(seed, ix, iy, 0xc3) - 0.5)) * STEP;
    const long = unit(seed, ix, iy, 0xc4);
    const wide = unit(seed, ix, iy, 0xc5);
    let a = 4.8 + 3.3 * long;
    let b = 1.45 + 0.75 * wide;
    if (type === LYMPHOCYTE) {
      a = 3 + 0.4 * long;
      b = a * (0.87 + 0.12 * wide);
    } else if (type === NECROTIC) {
      a = 1.9 + 1.6 * long ** 1.5;
      b = a * (0.62 + 0.36 * wide);
    }
    if (margin < 260 && this.tissue.edge(x, y) < a) return null;
    const d = this.wallDistance(x, y);
    if (d < b + 0.9) return null;
    let angle = unit(seed, ix, iy, 0xc6) * Math.PI;
    if (type === FIBROBLAST) angle = 0.16 * (angle - 1.57) + this.fibreAngle(x, y, d);
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    const rank = hash(seed, ix, iy, 0xc8);
    return { x, y, a, b, cos, sin, type, seed: hash(seed, ix, iy, 0xc7), rank };
  }

  private wallDistance(x: number, y: number): number {
    const { tissue, glands } = this;
    const d = glands.distance(x + tissue.warpX(x, y), y + tissue.warpY(x, y));
    // Fat cells leave almost no room between them; flat nuclei are pressed into their rims.
    return glands.nearest?.kind === Kind.fat && d > -1.2 ? d + 1.6 : d;
  }

  /** Direction of the fibres: along the contour of the coordinate across them. */
  private fibreAngle(x: number, y: number, d: number): number {
    const { tissue } = this;
    const base = tissue.fibreAcross(x, y, d, this.glands.second);
    const h = 2;
    const right = this.wallDistance(x + h, y);
    const gx = tissue.fibreAcross(x + h, y, right, this.glands.second) - base;
    const below = this.wallDistance(x, y + h);
    const gy = tissue.fibreAcross(x, y + h, below, this.glands.second) - base;
    return Math.atan2(gx, -gy);
  }
}

/** Whether a neighbour of higher rank takes the place of `cell` at (x, y) of its lattice. */
function displaced(cell: Candidate, x: number, y: number, wide: (Candidate | null)[]): boolean {
  for (let j = -RIM; j <= RIM; j++) {
    for (let i = -RIM; i <= RIM; i++) {
      const other = wide[(y + j) * WIDE + x + i];
      if (other && other.rank > cell.rank && collide(other, cell, 0.5)) return true;
    }
  }
  return false;
}

/** Memo by a lattice square; emptied when full, which changes nothing but time. */
function remember<T>(map: Map<number, T>, ix: number, iy: number, make: () => T): T {
  const key = (ix + 32768) * 65536 + iy + 32768;
  let value = map.get(key);
  if (value === undefined) {
    if (map.size > CACHE_LIMIT) map.clear();
    value = make();
    map.set(key, value);
  }
  return value;
}
