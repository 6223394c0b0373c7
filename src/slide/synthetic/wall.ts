/**
 * The wall of a round structure: its radius by direction, in a table that is read without
 * trigonometry. Lengths are um.
 */

/** Directions in which a wall is stored. */
export const DIRECTIONS = 64;

export interface Wall {
  /** Radius by pseudo-angle, with the first entry repeated at the end. */
  wall: Float32Array;
  /**
   * Cosine between the radius and the wall's normal, likewise: what turns a length along the radius
   * into a distance from the wall.
   */
  lean: Float32Array;
}

/** Cosine and sine of the stored directions. */
export const DIR_COS = new Float64Array(DIRECTIONS);
export const DIR_SIN = new Float64Array(DIRECTIONS);
for (let k = 0; k < DIRECTIONS; k++) {
  const p = (k * 4) / DIRECTIONS;
  const u = p < 2 ? 1 - p : p - 3;
  const v = p < 1 ? p : p < 3 ? 2 - p : p - 4;
  const r = Math.hypot(u, v);
  DIR_COS[k] = u / r;
  DIR_SIN[k] = v / r;
}
/** Angle between the directions two before and two after. */
const DIR_TURN = DIR_COS.map((_, k) => {
  const [i, j] = [(k + DIRECTIONS - 2) % DIRECTIONS, (k + 2) % DIRECTIONS];
  return Math.acos(DIR_COS[i] * DIR_COS[j] + DIR_SIN[i] * DIR_SIN[j]);
});

/**
 * Angle of (u, v) as 0..4 without trigonometry: the place where the ray meets the unit diamond.
 */
export function pseudoAngle(u: number, v: number): number {
  const sum = Math.abs(u) + Math.abs(v);
  if (sum === 0) return 0;
  const p = v / sum;
  if (u < 0) return 2 - p;
  // A hair below zero would round to 4, past the end of the tables.
  return p < -1e-12 ? 4 + p : Math.abs(p);
}

/** Radius of the wall of `site` in direction (u, v), um. */
export function wallRadius(site: Wall, u: number, v: number): number {
  const t = pseudoAngle(u, v) * (DIRECTIONS / 4);
  const i = t | 0;
  const a = site.wall[i];
  return a + (t - i) * (site.wall[i + 1] - a);
}

/** Cosine between radius and normal of the wall in direction (u, v). */
export function wallLean(site: Wall, u: number, v: number): number {
  const t = pseudoAngle(u, v) * (DIRECTIONS / 4);
  const i = t | 0;
  return site.lean[i] + (t - i) * (site.lean[i + 1] - site.lean[i]);
}

/** `Wall.lean` of a table of radii. */
export function leanOf(wall: Float32Array): Float32Array {
  const lean = new Float32Array(DIRECTIONS + 1);
  for (let k = 0; k < DIRECTIONS; k++) {
    const before = (k + DIRECTIONS - 2) % DIRECTIONS;
    const after = (k + 2) % DIRECTIONS;
    const slope = (wall[after] - wall[before]) / (DIR_TURN[k] * wall[k]);
    lean[k] = 1 / Math.sqrt(1 + slope * slope);
  }
  lean[DIRECTIONS] = lean[0];
  return lean;
}
