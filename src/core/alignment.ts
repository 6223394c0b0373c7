/**
 * Laying one slide over another by landmarks: pairs of points that show the same tissue.
 *
 * Two pairs fix a similarity (shift, turn, scale), more are fitted by an affine map, least squares
 * over the distances on the other slide (Goshtasby, Image Registration, 2012, ch. 4). Both slides
 * may have any scale; a section that lies upside down on the glass needs three pairs.
 */
import { type Affine, apply } from './affine.ts';
import { CytolensError } from './errors.ts';
import type { Point } from './geometry.ts';

/** The same place on two slides, each in level-0 px of its own. */
export interface LandmarkPair {
  main: Point;
  other: Point;
}

export interface Alignment {
  kind: 'similarity' | 'affine';
  /** From level-0 px of the main slide to level-0 px of the other. */
  map: Affine;
  /** By pair: how far its point on the other slide is from where the map puts it, um. */
  residuals: number[];
  /**
   * By pair: the same where the map was fitted without it, um; null where the others alone fix no
   * map. Null as a whole up to three pairs, which an affine map always meets exactly.
   */
  leftOut: (number | null)[] | null;
}

/** Landmarks closer than this fix no direction, level-0 px. */
const LEAST_APART = 16;
/** Narrower than this share of their length, landmarks are as good as on a line. */
const LEAST_WIDTH = 0.05;

/**
 * The map that `pairs` tell. `mpp` is um per level-0 px of the other slide. Throws `format` with
 * what is wrong: fewer than two pairs, landmarks on top of one another, or all on one line.
 */
export function alignmentOf(pairs: readonly LandmarkPair[], mpp: number): Alignment {
  const map = fitted(pairs);
  const off = (m: Affine, { main, other }: LandmarkPair): number => {
    const met = apply(m, main.x, main.y);
    return Math.hypot(met.x - other.x, met.y - other.y) * mpp;
  };
  const without = (at: number): number | null => {
    const others = pairs.filter((_, i) => i !== at);
    return troubleOf(others) ? null : off(fitted(others), pairs[at]);
  };
  return {
    kind: pairs.length === 2 ? 'similarity' : 'affine',
    map,
    residuals: pairs.map((pair) => off(map, pair)),
    leftOut: pairs.length > 3 ? pairs.map((_, i) => without(i)) : null,
  };
}

/** How much a map shrinks and enlarges lengths at most: the singular values of its linear part. */
export function stretchOf({ a, b, c, d }: Affine): { least: number; most: number } {
  const sum = Math.hypot(a + d, b - c);
  const difference = Math.hypot(a - d, b + c);
  return { least: Math.abs(sum - difference) / 2, most: (sum + difference) / 2 };
}

/** Root mean square of what is known; null when nothing is. */
export function rms(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return null;
  return Math.sqrt(known.reduce((sum, v) => sum + v * v, 0) / known.length);
}

/** Why no map can be told from these pairs, as a sentence; null when one can. */
export function troubleOf(pairs: readonly LandmarkPair[]): string | null {
  if (pairs.length < 2) return 'Two pairs of landmarks are needed at least.';
  for (const side of ['main', 'other'] as const) {
    const { length, width } = extentOf(pairs.map((pair) => pair[side]));
    const where = side === 'main' ? 'the main slide' : 'the other slide';
    if (length < LEAST_APART) {
      return `The landmarks on ${where} lie on top of one another. Set them far apart.`;
    }
    if (pairs.length > 2 && width < LEAST_WIDTH * length) {
      return `The landmarks on ${where} lie on one line. Set one well beside it, or keep two pairs only.`;
    }
  }
  return null;
}

function fitted(pairs: readonly LandmarkPair[]): Affine {
  const trouble = troubleOf(pairs);
  if (trouble) throw new CytolensError('format', trouble);
  return pairs.length === 2 ? similarity(pairs) : affine(pairs);
}

/** x' = z x with one complex number z: its modulus scales, its argument turns. */
function similarity(pairs: readonly LandmarkPair[]): Affine {
  const { pp, pq, pMean, qMean } = moments(pairs);
  const square = pp.xx + pp.yy;
  const re = (pq.xx + pq.yy) / square;
  const im = (pq.xy - pq.yx) / square;
  return through({ a: re, b: im, c: -im, d: re }, pMean, qMean);
}

/** Normal equations of centred points: A = (sum q p') (sum p p')^-1. */
function affine(pairs: readonly LandmarkPair[]): Affine {
  const { pp, pq, pMean, qMean } = moments(pairs);
  const det = pp.xx * pp.yy - pp.xy * pp.xy;
  const linear = {
    a: (pq.xx * pp.yy - pq.yx * pp.xy) / det,
    b: (pq.xy * pp.yy - pq.yy * pp.xy) / det,
    c: (pq.yx * pp.xx - pq.xx * pp.xy) / det,
    d: (pq.yy * pp.xx - pq.xy * pp.xy) / det,
  };
  return through(linear, pMean, qMean);
}

/** The linear map, shifted so that it takes `p` to `q`. */
function through({ a, b, c, d }: Omit<Affine, 'e' | 'f'>, p: Point, q: Point): Affine {
  return { a, b, c, d, e: q.x - a * p.x - c * p.y, f: q.y - b * p.x - d * p.y };
}

/** Sums of products about the means: pq.xy is the sum of p's x times q's y. */
function moments(pairs: readonly LandmarkPair[]) {
  const pMean = meanOf(pairs.map(({ main }) => main));
  const qMean = meanOf(pairs.map(({ other }) => other));
  const pp = { xx: 0, xy: 0, yy: 0 };
  const pq = { xx: 0, xy: 0, yx: 0, yy: 0 };
  for (const { main, other } of pairs) {
    const [px, py] = [main.x - pMean.x, main.y - pMean.y];
    const [qx, qy] = [other.x - qMean.x, other.y - qMean.y];
    pp.xx += px * px;
    pp.xy += px * py;
    pp.yy += py * py;
    pq.xx += px * qx;
    pq.xy += px * qy;
    pq.yx += py * qx;
    pq.yy += py * qy;
  }
  return { pp, pq, pMean, qMean };
}

function meanOf(points: readonly Point[]): Point {
  const sum = points.reduce((s, p) => ({ x: s.x + p.x, y: s.y + p.y }), { x: 0, y: 0 });
  return { x: sum.x / points.length, y: sum.y / points.length };
}

/** Spread along the longest direction and across it, px: twice the root mean square distances. */
function extentOf(points: readonly Point[]): { length: number; width: number } {
  const mean = meanOf(points);
  let [xx, xy, yy] = [0, 0, 0];
  for (const { x, y } of points) {
    xx += (x - mean.x) ** 2 / points.length;
    xy += ((x - mean.x) * (y - mean.y)) / points.length;
    yy += (y - mean.y) ** 2 / points.length;
  }
  const middle = (xx + yy) / 2;
  const half = Math.hypot((xx - yy) / 2, xy);
  return { length: 2 * Math.sqrt(middle + half), width: 2 * Math.sqrt(Math.max(0, middle - half)) };
}
