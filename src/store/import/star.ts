/** Polygons as star-convex outlines: a centre and 32 radii (core/cells.ts). */
import { RAY_COS, RAY_SIN, RAYS } from '../../core/cells.ts';
import { insidePolygon, polygonArea } from '../../core/geometry.ts';

export interface Star {
  x: number;
  y: number;
  /** RAYS distances, px. */
  radii: Float64Array;
  /** Of the polygon itself, px2. */
  area: number;
}

/** A corner may lie this far off its ray, px, for a ring to be taken as one of our own outlines. */
const OFF_RAY = 0.02;

/**
 * The outline as seen from the polygon's centroid: along each ray the farthest crossing. A polygon
 * that does not hold its centroid is seen from the middle of its widest part at that height.
 * `ring` is x0, y0, x1, y1, ... without a closing corner. A ring that is a star of ours already
 * (corner k on ray k) comes back as it was. Null for a polygon without area.
 */
export function starOf(ring: Float64Array, length = ring.length): Star | null {
  const corners = ring.subarray(0, length);
  const area = polygonArea(corners);
  if (length < 6 || !(area > 0)) return null;
  const own = ownStar(corners, area);
  if (own) return own;
  let { x, y } = centroid(corners);
  if (!insidePolygon(corners, x, y)) x = widestMiddle(corners, y) ?? x;
  return { x, y, radii: farthestCrossings(corners, x, y), area };
}

/** Our own rings: corner 0 is at the height of the centre, corner 8 straight below it. */
function ownStar(ring: Float64Array, area: number): Star | null {
  if (ring.length !== 2 * RAYS) return null;
  const y = ring[1];
  const x = ring[2 * (RAYS / 4)];
  const radii = new Float64Array(RAYS);
  for (let k = 0; k < RAYS; k++) {
    const dx = ring[2 * k] - x;
    const dy = ring[2 * k + 1] - y;
    const along = dx * RAY_COS[k] + dy * RAY_SIN[k];
    const across = dy * RAY_COS[k] - dx * RAY_SIN[k];
    if (along < -OFF_RAY || Math.abs(across) > OFF_RAY) return null;
    radii[k] = Math.max(0, along);
  }
  return { x, y, radii, area };
}

/** Centre of mass of a simple polygon; around its first corner, so that no digits are lost far out. */
function centroid(ring: Float64Array): { x: number; y: number } {
  const [x0, y0] = ring;
  let [twice, sumX, sumY] = [0, 0, 0];
  for (let i = 0; i < ring.length; i += 2) {
    const j = (i + 2) % ring.length;
    const [ax, ay] = [ring[i] - x0, ring[i + 1] - y0];
    const [bx, by] = [ring[j] - x0, ring[j + 1] - y0];
    const cross = ax * by - bx * ay;
    twice += cross;
    sumX += (ax + bx) * cross;
    sumY += (ay + by) * cross;
  }
  return { x: x0 + sumX / (3 * twice), y: y0 + sumY / (3 * twice) };
}

/** Middle of the longest stretch of the polygon at height y; null where it has none. */
function widestMiddle(ring: Float64Array, y: number): number | null {
  const crossings: number[] = [];
  for (let i = 0; i < ring.length; i += 2) {
    const j = (i + 2) % ring.length;
    const [ay, by] = [ring[i + 1], ring[j + 1]];
    if (ay > y === by > y) continue;
    crossings.push(ring[i] + ((y - ay) / (by - ay)) * (ring[j] - ring[i]));
  }
  crossings.sort((a, b) => a - b);
  let widest = 0;
  let middle: number | null = null;
  for (let k = 0; k + 1 < crossings.length; k += 2) {
    const width = crossings[k + 1] - crossings[k];
    if (width > widest) {
      widest = width;
      middle = (crossings[k] + crossings[k + 1]) / 2;
    }
  }
  return middle;
}

/**
 * Each edge is crossed by the rays between the angles of its ends: only those are looked at, so
 * that the work is corners + rays, not corners x rays.
 */
function farthestCrossings(ring: Float64Array, x: number, y: number): Float64Array {
  const radii = new Float64Array(RAYS);
  const step = (2 * Math.PI) / RAYS;
  for (let i = 0; i < ring.length; i += 2) {
    const j = (i + 2) % ring.length;
    const [ax, ay] = [ring[i] - x, ring[i + 1] - y];
    const [bx, by] = [ring[j] - x, ring[j + 1] - y];
    const cross = ax * by - ay * bx;
    if (cross === 0) continue;
    const start = Math.atan2(ay, ax);
    // Signed turn from a to b, less than half a circle either way.
    const turn = Math.atan2(cross, ax * bx + ay * by);
    const [low, high] = turn > 0 ? [start, start + turn] : [start + turn, start];
    const slack = 1e-9;
    for (let k = Math.ceil(low / step - slack); k <= high / step + slack; k++) {
      const ray = ((k % RAYS) + RAYS) % RAYS;
      const [c, s] = [RAY_COS[ray], RAY_SIN[ray]];
      // Where the line through a and b meets the ray t (c, s).
      const t = cross / ((by - ay) * c - (bx - ax) * s);
      if (t > radii[ray] && Number.isFinite(t)) radii[ray] = t;
    }
  }
  return radii;
}
