/**
 * Shapes in level-0 px and what is measured on them. Coordinates are flat lists x0, y0, x1, y1, ...;
 * a ring is not closed (its last corner is not its first once more). Sizes of pictures in
 * micrometres need the slide's scale: see measure.ts.
 */
import { extentOf, type Point, polygonArea, type Rect } from '../core/geometry.ts';

export type Coordinates = readonly number[];
/** The outer ring, then the rings of its holes. */
export type Polygon = readonly Coordinates[];

export type Geometry =
  | { kind: 'points'; points: Coordinates }
  | { kind: 'line'; points: Coordinates }
  /** Three points: one end, the corner, the other end. */
  | { kind: 'angle'; points: Coordinates }
  | ({ kind: 'rectangle' } & Rect)
  | ({ kind: 'ellipse' } & Rect)
  | { kind: 'polygons'; polygons: readonly Polygon[] };

/** A line, or a closed border. */
export interface Outline {
  points: Coordinates;
  closed: boolean;
}

/** Corners that stand for an ellipse: a multiple of four, so that its box is met exactly. */
export const ELLIPSE_CORNERS = 64;
/** Coordinates are held to 1/100 px, as files hold them. */
const STEPS = 100;

export function isArea(geometry: Geometry): boolean {
  return ['rectangle', 'ellipse', 'polygons'].includes(geometry.kind);
}

/** The lines to draw; points have none. */
export function outlinesOf(geometry: Geometry): Outline[] {
  switch (geometry.kind) {
    case 'points':
      return [];
    case 'line':
    case 'angle':
      return [{ points: geometry.points, closed: false }];
    case 'rectangle':
      return [{ points: cornersOf(geometry), closed: true }];
    case 'ellipse':
      return [{ points: ellipseRing(geometry), closed: true }];
    case 'polygons':
      return geometry.polygons.flatMap((rings) =>
        rings.map((points) => ({ points, closed: true })),
      );
  }
}

/** The same area as polygons; none for points and lines. */
export function polygonsOf(geometry: Geometry): readonly Polygon[] {
  if (geometry.kind === 'polygons') return geometry.polygons;
  return isArea(geometry) ? outlinesOf(geometry).map(({ points }) => [points]) : [];
}

export function boundsOf(geometry: Geometry): Rect {
  if (geometry.kind === 'rectangle' || geometry.kind === 'ellipse') {
    const { x, y, w, h } = geometry;
    return { x, y, w, h };
  }
  return geometry.kind === 'polygons'
    ? extentOf(...geometry.polygons.map(([outer]) => outer))
    : extentOf(geometry.points);
}

/** Area in px^2, holes left out; 0 for points and lines. */
export function areaOf(geometry: Geometry): number {
  if (geometry.kind === 'rectangle') return geometry.w * geometry.h;
  if (geometry.kind === 'ellipse') return (Math.PI / 4) * geometry.w * geometry.h;
  let area = 0;
  for (const [outer, ...holes] of polygonsOf(geometry)) {
    area += polygonArea(outer) - holes.reduce((sum, hole) => sum + polygonArea(hole), 0);
  }
  return area;
}

/**
 * Length of all lines in px: of an area its perimeter, holes included. An ellipse's is Ramanujan's
 * second approximation (1914), right to 1e-4 at an axis ratio of 5.
 */
export function lengthOf(geometry: Geometry): number {
  if (geometry.kind === 'ellipse') {
    const [a, b] = [geometry.w / 2, geometry.h / 2];
    if (a + b === 0) return 0;
    const h = 3 * ((a - b) / (a + b)) ** 2;
    return Math.PI * (a + b) * (1 + h / (10 + Math.sqrt(4 - h)));
  }
  return outlinesOf(geometry).reduce((sum, outline) => sum + outlineLength(outline), 0);
}

/** Degrees, 0..180, at the middle point; null for other shapes and where two points are one. */
export function angleOf(geometry: Geometry): number | null {
  if (geometry.kind !== 'angle' || geometry.points.length !== 6) return null;
  const [ax, ay, bx, by, cx, cy] = geometry.points;
  const [ux, uy, vx, vy] = [ax - bx, ay - by, cx - bx, cy - by];
  if (Math.hypot(ux, uy) === 0 || Math.hypot(vx, vy) === 0) return null;
  return (Math.abs(Math.atan2(ux * vy - uy * vx, ux * vx + uy * vy)) * 180) / Math.PI;
}

/** How many points were set; 0 for other shapes. */
export function countOf(geometry: Geometry): number {
  return geometry.kind === 'points' ? geometry.points.length / 2 : 0;
}

export function moved(geometry: Geometry, dx: number, dy: number): Geometry {
  return mapped(geometry, (x, y) => ({ x: x + dx, y: y + dy }));
}

/** Rounded to what files hold, so that what is read back is what was written. */
export function snapped(geometry: Geometry): Geometry {
  return mapped(geometry, (x, y) => ({ x: snap(x), y: snap(y) }));
}

export function snap(value: number): number {
  // Adding zero turns -0 into 0.
  return Math.round(value * STEPS) / STEPS + 0;
}

/** The box with two opposite corners, to 1/100 px. */
export function boxOf(first: Point, second: Point): Rect {
  const [x, y] = [snap(Math.min(first.x, second.x)), snap(Math.min(first.y, second.y))];
  const [right, bottom] = [snap(Math.max(first.x, second.x)), snap(Math.max(first.y, second.y))];
  return { x, y, w: snap(right - x), h: snap(bottom - y) };
}

/** Corners of a box: a ring. */
export function cornersOf({ x, y, w, h }: Rect): number[] {
  return [x, y, snap(x + w), y, snap(x + w), snap(y + h), x, snap(y + h)];
}

function mapped(geometry: Geometry, to: (x: number, y: number) => Point): Geometry {
  const list = (points: Coordinates) => {
    const out: number[] = new Array(points.length);
    for (let i = 0; i < points.length; i += 2) {
      const { x, y } = to(points[i], points[i + 1]);
      out[i] = x;
      out[i + 1] = y;
    }
    return out;
  };
  switch (geometry.kind) {
    case 'rectangle':
    case 'ellipse': {
      const { x, y, w, h } = geometry;
      return { kind: geometry.kind, ...boxOf(to(x, y), to(x + w, y + h)) };
    }
    case 'polygons':
      return { kind: 'polygons', polygons: geometry.polygons.map((rings) => rings.map(list)) };
    default:
      return { ...geometry, points: list(geometry.points) };
  }
}

function ellipseRing({ x, y, w, h }: Rect): number[] {
  const ring: number[] = [];
  const [cx, cy] = [x + w / 2, y + h / 2];
  for (let k = 0; k < ELLIPSE_CORNERS; k++) {
    const turn = (2 * Math.PI * k) / ELLIPSE_CORNERS;
    ring.push(cx + (w / 2) * Math.cos(turn), cy + (h / 2) * Math.sin(turn));
  }
  return ring;
}

function outlineLength({ points, closed }: Outline): number {
  let length = 0;
  for (let i = 2; i < points.length; i += 2) {
    length += Math.hypot(points[i] - points[i - 2], points[i + 1] - points[i - 1]);
  }
  const last = points.length - 2;
  if (closed) length += Math.hypot(points[0] - points[last], points[1] - points[last + 1]);
  return length;
}
