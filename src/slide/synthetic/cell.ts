/** One drawn nucleus: its shape, and the outline that is both painted and handed out as truth. */
import { stream } from './noise.ts';

/** Level-0 px per um: drawn slides are always 0.25 um/px. */
export const PX_PER_UM = 4;

export const CELL_TYPES = [
  'neoplastic',
  'epithelial',
  'lymphocyte',
  'fibroblast',
  'necrotic',
] as const;
export const NEOPLASTIC = 0;
export const EPITHELIAL = 1;
export const LYMPHOCYTE = 2;
export const FIBROBLAST = 3;
export const NECROTIC = 4;

export interface Cell {
  /** Centre, um. */
  x: number;
  y: number;
  /** Half axes along and across, um. */
  a: number;
  b: number;
  /** Direction of the long axis. */
  cos: number;
  sin: number;
  /** Index into CELL_TYPES. */
  type: number;
  seed: number;
}

/** Vertices of an outline. */
export const VERTICES = 32;

/** Constants of a shape: radius factors by angle in the frame where the ellipse is a circle. */
export interface Shape {
  /** Radius factor at angle 2 pi k / VERTICES. */
  radius: Float64Array;
  /** Sideways bend at the ends, in units of b. */
  bend: number;
}

const UNEVEN = [0.06, 0.04, 0.045, 0.08, 0.13];

/** Shape of a cell, a pure function of its seed and type. */
export function shapeOf(cell: Cell): Shape {
  const next = stream(cell.seed);
  const uneven = UNEVEN[cell.type];
  const [p2, p3, p4, p5] = [next(), next(), next(), next()].map((v) => v * 2 * Math.PI);
  const [e2, e3, e4, e5] = [1, 0.9, 0.55, 0.35].map((v) => v * uneven * (0.4 + next()));
  const pointed = cell.type === FIBROBLAST ? 0.1 + 0.6 * next() : 0.12 * next();
  const bend = (cell.type === FIBROBLAST ? 0.9 : 0.3) * (next() - 0.5);
  const radius = new Float64Array(VERTICES);
  for (let k = 0; k < VERTICES; k++) {
    const t = (2 * Math.PI * k) / VERTICES;
    const c2 = Math.cos(t) ** 2;
    const s = Math.abs(Math.sin(t));
    // Spindles: between the circle (1) and the lens |v| = 1 - u^2.
    const lens = c2 < 1e-6 ? 1 : (-s + Math.sqrt(s * s + 4 * c2)) / (2 * c2);
    const wave =
      e2 * Math.cos(2 * t + p2) +
      e3 * Math.cos(3 * t + p3) +
      e4 * Math.cos(4 * t + p4) +
      e5 * Math.cos(5 * t + p5);
    radius[k] = (1 + pointed * (lens - 1)) * (1 + wave);
  }
  return { radius, bend };
}

/** Outline x0, y0, x1, y1, ... in level-0 px. */
export function outlineOf(cell: Cell): Float32Array {
  const { radius, bend } = shapeOf(cell);
  const out = new Float32Array(2 * VERTICES);
  for (let k = 0; k < VERTICES; k++) {
    const t = (2 * Math.PI * k) / VERTICES;
    const u = radius[k] * Math.cos(t);
    const v = radius[k] * Math.sin(t) + bend * (u * u - 0.3);
    const lx = u * cell.a;
    const ly = v * cell.b;
    out[2 * k] = (cell.x + lx * cell.cos - ly * cell.sin) * PX_PER_UM;
    out[2 * k + 1] = (cell.y + lx * cell.sin + ly * cell.cos) * PX_PER_UM;
  }
  return out;
}

/** Radius of the cell's ellipse in direction (dx, dy) of length `d`, um. */
function extent(cell: Cell, dx: number, dy: number, d: number): number {
  const c = (dx * cell.cos + dy * cell.sin) / d;
  const s = (dy * cell.cos - dx * cell.sin) / d;
  return (cell.a * cell.b) / Math.sqrt((cell.b * c) ** 2 + (cell.a * s) ** 2);
}

/** Whether two nuclei come closer than `gap` um, taken along the line between their centres. */
export function collide(p: Cell, q: Cell, gap: number): boolean {
  const dx = q.x - p.x;
  const dy = q.y - p.y;
  const reach = p.a + q.a + gap;
  const d2 = dx * dx + dy * dy;
  if (d2 > reach * reach) return false;
  const d = Math.sqrt(d2);
  if (d < 1e-6) return true;
  return d < extent(p, dx, dy, d) + extent(q, dx, dy, d) + gap;
}
