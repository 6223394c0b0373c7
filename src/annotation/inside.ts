/** Which places lie inside of areas: made once for a set of shapes, asked for a million cells. */
import type { Rect } from '../core/geometry.ts';
import { boundsOf, cornersOf, type Geometry, isArea, polygonsOf } from './geometry.ts';

/** Strips of equal height that a shape's edges are sorted into, at most. */
const MOST_STRIPS = 2048;
/** Squares along a side of the box around many shapes, each with the shapes that may hold it. */
const SQUARES = 64;

export type InsideTest = (x: number, y: number) => boolean;

/** Whether a place lies inside of any of the areas; points and lines hold nothing. */
export function insideAny(geometries: readonly Geometry[]): InsideTest {
  const areas = geometries.filter(isArea);
  const bounds = areas.map(boundsOf);
  const whole = boundsOf({ kind: 'points', points: bounds.flatMap(cornersOf) });
  const { x: x0, y: y0 } = whole;
  const [stepX, stepY] = [whole.w / SQUARES || 1, whole.h / SQUARES || 1];
  const squares: InsideTest[][] = Array.from({ length: (SQUARES + 1) ** 2 }, () => []);
  areas.forEach((area, i) => {
    const { x, y, w, h } = bounds[i];
    const test = insideOf(area);
    for (let row = Math.floor((y - y0) / stepY); row <= (y + h - y0) / stepY; row++) {
      for (let col = Math.floor((x - x0) / stepX); col <= (x + w - x0) / stepX; col++) {
        squares[row * (SQUARES + 1) + col]?.push(test);
      }
    }
  });
  return (x, y) => {
    const [col, row] = [Math.floor((x - x0) / stepX), Math.floor((y - y0) / stepY)];
    if (!(col >= 0 && row >= 0 && col <= SQUARES && row <= SQUARES)) return false;
    return squares[row * (SQUARES + 1) + col].some((test) => test(x, y));
  };
}

/** Whether a place lies inside of an area (even-odd rule, so holes are outside). */
export function insideOf(geometry: Geometry): InsideTest {
  if (geometry.kind === 'rectangle') return insideBox(geometry);
  if (geometry.kind === 'ellipse') {
    const { x, y, w, h } = geometry;
    const [a, b] = [w / 2, h / 2];
    return (px, py) => ((px - x - a) / a) ** 2 + ((py - y - b) / b) ** 2 <= 1;
  }
  const polygons = polygonsOf(geometry).map((rings) => new StripedPolygon(rings));
  return (x, y) => polygons.some((polygon) => polygon.holds(x, y));
}

function insideBox({ x, y, w, h }: Rect): InsideTest {
  return (px, py) => px >= x && py >= y && px < x + w && py < y + h;
}

/** A polygon whose edges are found by the strip that a place lies in. */
class StripedPolygon {
  /** x0, y0, x1, y1 of each edge that a strip meets. */
  private readonly strips: number[][];
  private x0 = Infinity;
  private x1 = -Infinity;
  private y0 = Infinity;
  private y1 = -Infinity;
  private readonly perStrip: number;

  constructor(rings: readonly (readonly number[])[]) {
    let corners = 0;
    for (const ring of rings) {
      corners += ring.length / 2;
      for (let i = 0; i < ring.length; i += 2) {
        this.x0 = Math.min(this.x0, ring[i]);
        this.x1 = Math.max(this.x1, ring[i]);
        this.y0 = Math.min(this.y0, ring[i + 1]);
        this.y1 = Math.max(this.y1, ring[i + 1]);
      }
    }
    const count = Math.max(1, Math.min(MOST_STRIPS, corners));
    this.perStrip = (this.y1 - this.y0) / count || 1;
    this.strips = Array.from({ length: count }, () => []);
    for (const ring of rings) this.addEdges(ring);
  }

  holds(x: number, y: number): boolean {
    if (!(x >= this.x0 && x <= this.x1 && y >= this.y0 && y <= this.y1)) return false;
    const edges = this.strips[this.stripOf(y)];
    let inside = false;
    for (let i = 0; i < edges.length; i += 4) {
      const [ay, by] = [edges[i + 1], edges[i + 3]];
      if (ay > y === by > y) continue;
      if (x < edges[i] + ((y - ay) / (by - ay)) * (edges[i + 2] - edges[i])) inside = !inside;
    }
    return inside;
  }

  private addEdges(ring: readonly number[]): void {
    for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
      const [ay, by] = [ring[j + 1], ring[i + 1]];
      if (ay === by) continue;
      const last = this.stripOf(Math.max(ay, by));
      for (let strip = this.stripOf(Math.min(ay, by)); strip <= last; strip++) {
        this.strips[strip].push(ring[i], by, ring[j], ay);
      }
    }
  }

  private stripOf(y: number): number {
    const strip = Math.floor((y - this.y0) / this.perStrip);
    return Math.max(0, Math.min(this.strips.length - 1, strip));
  }
}
