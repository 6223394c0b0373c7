/** Changing a shape by its corners, and finding the shape under a pointer. Level-0 px. */
import { grow, type Point, type Rect } from '../core/geometry.ts';
import type { Annotation } from './annotation.ts';
import { segmentDistance } from './brush.ts';
import {
  areaOf,
  boundsOf,
  boxOf,
  type Coordinates,
  type Geometry,
  isArea,
  outlinesOf,
} from './geometry.ts';
import { insideOf } from './inside.ts';

/** Places to take hold of: corners, or of a box its corners and the middles of its sides. */
export function handlesOf(geometry: Geometry): Point[] {
  if (geometry.kind === 'rectangle' || geometry.kind === 'ellipse') {
    const { x, y, w, h } = geometry;
    return BOX_HANDLES.map(([u, v]) => ({ x: x + u * w, y: y + v * h }));
  }
  const lists = geometry.kind === 'polygons' ? geometry.polygons.flat() : [geometry.points];
  return lists.flatMap(pointsOf);
}

/** Shares of width and height at which a box is held, clockwise from its upper left corner. */
const BOX_HANDLES = [
  [0, 0],
  [0.5, 0],
  [1, 0],
  [1, 0.5],
  [1, 1],
  [0.5, 1],
  [0, 1],
  [0, 0.5],
] as const;

/** The shape with one of its handles moved to a place. A box may be turned over by it. */
export function withHandleAt(geometry: Geometry, handle: number, to: Point): Geometry {
  if (geometry.kind === 'rectangle' || geometry.kind === 'ellipse') {
    return { kind: geometry.kind, ...stretched(geometry, handle, to) };
  }
  return overLists(geometry, handle, (list, at) => {
    const changed = [...list];
    changed.splice(at, 2, to.x, to.y);
    return changed;
  });
}

/** The shape without a corner; the same shape where too few would be left. */
export function withoutHandle(geometry: Geometry, handle: number): Geometry {
  return overLists(geometry, handle, (list, at) => {
    if (list.length <= leastLength(geometry)) return list;
    return [...list.slice(0, at), ...list.slice(at + 2)];
  });
}

/**
 * The shape with a new corner on the edge nearest to a place, and the handle that it is; null when
 * no edge of a polygon or line lies within `reach`.
 */
export function withCornerAt(
  geometry: Geometry,
  at: Point,
  reach: number,
): { geometry: Geometry; handle: number } | null {
  if (geometry.kind !== 'line' && geometry.kind !== 'polygons') return null;
  let best = { distance: reach, handle: -1, after: 0 };
  let first = 0;
  for (const { points, closed } of outlinesOf(geometry)) {
    const corners = points.length / 2;
    for (let i = 0; i < (closed ? corners : corners - 1); i++) {
      const distance = edgeDistance(points, i, at);
      if (distance < best.distance) best = { distance, handle: first + i, after: i };
    }
    first += corners;
  }
  if (best.handle < 0) return null;
  const changed = overLists(geometry, best.handle, (list, start) => {
    return [...list.slice(0, start + 2), at.x, at.y, ...list.slice(start + 2)];
  });
  return { geometry: changed, handle: best.handle + 1 };
}

/** How far a place is from a shape, px: 0 inside of an area. */
export function distanceTo(geometry: Geometry, at: Point): number {
  if (isArea(geometry) && insideOf(geometry)(at.x, at.y)) return 0;
  if (geometry.kind === 'points') {
    return Math.min(...pointsOf(geometry.points).map((p) => Math.hypot(p.x - at.x, p.y - at.y)));
  }
  let least = Infinity;
  for (const { points, closed } of outlinesOf(geometry)) {
    const corners = points.length / 2;
    for (let i = 0; i < (closed ? corners : corners - 1); i++) {
      least = Math.min(least, edgeDistance(points, i, at));
    }
  }
  return least;
}

/**
 * The annotation at a place: lines and points within `reach` (px) first, then the smallest area,
 * the later of two alike. `candidates` may be any; null where none is met.
 */
export function pickAt(
  candidates: Iterable<Annotation>,
  at: Point,
  reach: number,
): Annotation | null {
  let best: Annotation | null = null;
  let least = Infinity;
  for (const annotation of candidates) {
    const { geometry } = annotation;
    const box = grow(boundsOf(geometry), reach);
    if (!holds(box, at) || distanceTo(geometry, at) > reach) continue;
    const size = isArea(geometry) ? areaOf(geometry) : -1;
    if (size <= least) [best, least] = [annotation, size];
  }
  return best;
}

function holds({ x, y, w, h }: Rect, at: Point): boolean {
  return at.x >= x && at.x <= x + w && at.y >= y && at.y <= y + h;
}

function stretched({ x, y, w, h }: Rect, handle: number, to: Point): Rect {
  const [u, v] = BOX_HANDLES[handle];
  const left = u === 0 ? to.x : x;
  const right = u === 1 ? to.x : x + w;
  const top = v === 0 ? to.y : y;
  const bottom = v === 1 ? to.y : y + h;
  return boxOf({ x: left, y: top }, { x: right, y: bottom });
}

/** Numbers that a list of corners holds at least: 1 point, 2 of a line, 3 of an angle or a ring. */
function leastLength({ kind }: Geometry): number {
  return kind === 'points' ? 2 : kind === 'line' ? 4 : 6;
}

/** Change the list that a handle is of; `at` is the place of its x in that list. */
function overLists(
  geometry: Geometry,
  handle: number,
  change: (list: Coordinates, at: number) => Coordinates,
): Geometry {
  if (geometry.kind === 'rectangle' || geometry.kind === 'ellipse') return geometry;
  let at = 2 * handle;
  const next = (list: Coordinates) => {
    const own = at >= 0 && at < list.length;
    const changed = own ? change(list, at) : list;
    at -= list.length;
    return changed;
  };
  if (geometry.kind !== 'polygons') return { ...geometry, points: next(geometry.points) };
  return { kind: 'polygons', polygons: geometry.polygons.map((rings) => rings.map(next)) };
}

function edgeDistance(points: Coordinates, corner: number, { x, y }: Point): number {
  const i = 2 * corner;
  const j = (i + 2) % points.length;
  return segmentDistance(points[i], points[i + 1], points[j], points[j + 1], x, y);
}

function pointsOf(points: Coordinates): Point[] {
  const list: Point[] = [];
  for (let i = 0; i < points.length; i += 2) list.push({ x: points[i], y: points[i + 1] });
  return list;
}
