/** Areas painted by hand: discs swept along a stroke, added to or cut from polygons. */
import clipping, { type MultiPolygon, type Pair } from 'polygon-clipping';
import { CytolensError } from '../core/errors.ts';
import { type Coordinates, type Geometry, type Polygon, polygonsOf, snap } from './geometry.ts';

/** Corners of half a round end. */
const CAP_CORNERS = 12;
/** A stroke is smoothed by at most this share of the brush's radius. */
const STROKE_SMOOTHING = 1 / 16;

/**
 * The area that a disc of `radius` (px) covers when it is moved along a stroke. Throws `internal`
 * when the shapes cannot be joined.
 */
export function sweep(stroke: Coordinates, radius: number): readonly Polygon[] {
  const path = simplify(stroke, radius * STROKE_SMOOTHING);
  const capsules: MultiPolygon[] = [];
  for (let i = 2; i < path.length; i += 2) {
    capsules.push([[capsule(path[i - 2], path[i - 1], path[i], path[i + 1], radius)]]);
  }
  if (path.length === 2) capsules.push([[capsule(path[0], path[1], path[0], path[1], radius)]]);
  return capsules.length === 0 ? [] : fromClipping(joined(capsules));
}

/** Both areas as one. Throws `internal`. */
export function union(first: Geometry, second: readonly Polygon[]): Geometry {
  return combined(clipping.union, polygonsOf(first), second);
}

/** The first area without the second; no polygons are left where nothing is. Throws `internal`. */
export function subtract(first: Geometry, second: readonly Polygon[]): Geometry {
  return combined(clipping.difference, polygonsOf(first), second);
}

/**
 * Fewer points, none of those left out further than `tolerance` from the line: Douglas and Peucker
 * (1973, doi:10.3138/FM57-6770-U75U-7727). Both ends stay.
 */
export function simplify(points: Coordinates, tolerance: number): number[] {
  const count = points.length / 2;
  if (count <= 2) return [...points];
  const kept = new Uint8Array(count);
  kept[0] = kept[count - 1] = 1;
  const open: [number, number][] = [[0, count - 1]];
  for (let span = open.pop(); span; span = open.pop()) {
    const [from, to] = span;
    let [far, most] = [-1, tolerance];
    for (let i = from + 1; i < to; i++) {
      const distance = toSegment(points, from, to, points[2 * i], points[2 * i + 1]);
      if (distance > most) [far, most] = [i, distance];
    }
    if (far < 0) continue;
    kept[far] = 1;
    open.push([from, far], [far, to]);
  }
  return points.filter((_, i) => kept[i >> 1] === 1);
}

function toSegment(points: Coordinates, from: number, to: number, x: number, y: number): number {
  const [ax, ay] = [points[2 * from], points[2 * from + 1]];
  return segmentDistance(ax, ay, points[2 * to], points[2 * to + 1], x, y);
}

/** Distance of (x, y) from the segment a to b. */
export function segmentDistance(
  ax: number,
  ay: number,
  bx: number,
  by: number,
  x: number,
  y: number,
): number {
  const [dx, dy] = [bx - ax, by - ay];
  const squared = dx * dx + dy * dy;
  const along = squared > 0 ? ((x - ax) * dx + (y - ay) * dy) / squared : 0;
  const t = Math.max(0, Math.min(1, along));
  return Math.hypot(x - ax - t * dx, y - ay - t * dy);
}

/** Ring around a segment at a distance of `radius`, round at both ends. */
function capsule(ax: number, ay: number, bx: number, by: number, radius: number): Pair[] {
  const direction = Math.atan2(by - ay, bx - ax);
  // Corners lie a little outside of the circle, so that the polygon has the disc's area.
  const step = Math.PI / CAP_CORNERS;
  const reach = radius * Math.sqrt(step / Math.sin(step));
  const ring: Pair[] = [];
  for (const [x, y, from] of [
    [bx, by, direction - Math.PI / 2],
    [ax, ay, direction + Math.PI / 2],
  ]) {
    for (let k = 0; k <= CAP_CORNERS; k++) {
      const turn = from + k * step;
      ring.push([snap(x + reach * Math.cos(turn)), snap(y + reach * Math.sin(turn))]);
    }
  }
  return ring;
}

/** Halves joined first: pieces stay small for as long as they can. */
function joined(pieces: MultiPolygon[]): MultiPolygon {
  let level = pieces;
  while (level.length > 1) {
    const next: MultiPolygon[] = [];
    for (let i = 0; i < level.length; i += 2) {
      next.push(i + 1 < level.length ? attempt(clipping.union, level[i], level[i + 1]) : level[i]);
    }
    level = next;
  }
  return level[0];
}

type Operation = (first: MultiPolygon, second: MultiPolygon) => MultiPolygon;

function combined(
  operation: Operation,
  first: readonly Polygon[],
  second: readonly Polygon[],
): Geometry {
  const result = attempt(operation, toClipping(first), toClipping(second));
  return { kind: 'polygons', polygons: fromClipping(result) };
}

/** Edges that all but coincide can defeat the sweep; on a coarser lattice they do coincide. */
function attempt(operation: Operation, first: MultiPolygon, second: MultiPolygon): MultiPolygon {
  for (const steps of [100, 10, 1]) {
    try {
      return operation(onLattice(first, steps), onLattice(second, steps));
    } catch {
      // The next lattice is tried.
    }
  }
  throw new CytolensError(
    'internal',
    'These two shapes could not be joined. Draw the stroke again, a little beside.',
  );
}

function onLattice(shape: MultiPolygon, steps: number): MultiPolygon {
  const round = (v: number) => Math.round(v * steps) / steps;
  return shape.map((rings) => rings.map((ring) => ring.map(([x, y]) => [round(x), round(y)])));
}

function toClipping(polygons: readonly Polygon[]): MultiPolygon {
  return polygons.map((rings) =>
    rings.map((ring) => {
      const pairs: Pair[] = [];
      for (let i = 0; i < ring.length; i += 2) pairs.push([ring[i], ring[i + 1]]);
      return pairs;
    }),
  );
}

/** Rings of polygon-clipping are closed; ours are not. */
function fromClipping(shape: MultiPolygon): Polygon[] {
  return shape.map((rings) => rings.map((ring) => ring.slice(0, -1).flat().map(snap)));
}
