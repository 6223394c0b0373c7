/**
 * Randomness as a pure function of seed and place: integer hashes and smooth lattice noise.
 * Nothing here keeps state, so that a tile looks the same whichever tiles were drawn before it.
 */

/** 32 mixed bits of a seed, a lattice point and a channel (murmur-style finaliser). */
export function hash(seed: number, x: number, y: number, channel: number): number {
  let h =
    Math.imul(x | 0, 0x27d4eb2d) ^
    Math.imul(y | 0, 0x165667b1) ^
    Math.imul(channel | 0, 0x9e3779b1) ^
    Math.imul(seed | 0, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
  return (h ^ (h >>> 15)) >>> 0;
}

/** A number in [0, 1). */
export function unit(seed: number, x: number, y: number, channel: number): number {
  return hash(seed, x, y, channel) / 4294967296;
}

/** A stream of numbers in [0, 1) from one seed (mulberry32), for things drawn as a whole. */
export function stream(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** 0 below `a`, 1 above `b`, smooth between. */
export function smoothstep(a: number, b: number, x: number): number {
  const t = (x - a) / (b - a);
  if (t <= 0) return 0;
  if (t >= 1) return 1;
  return t * t * (3 - 2 * t);
}

const SIZE = 256;
const MASK = SIZE - 1;

/**
 * Value noise on a 256 x 256 lattice that repeats; values in [-1, 1], mean near 0. Channels are
 * kept apart by the large offsets that callers add to the coordinates.
 */
export class Noise {
  private readonly table: Float32Array;

  constructor(seed: number) {
    this.table = new Float32Array(SIZE * SIZE);
    for (let i = 0; i < this.table.length; i++) {
      this.table[i] = unit(seed, i & MASK, i >>> 8, 0x51) * 2 - 1;
    }
  }

  /** One octave at lattice coordinates (x, y), with cubic smoothing. */
  at(x: number, y: number): number {
    const fx = Math.floor(x);
    const fy = Math.floor(y);
    const u = x - fx;
    const v = y - fy;
    const su = u * u * (3 - 2 * u);
    const sv = v * v * (3 - 2 * v);
    const x0 = fx & MASK;
    const x1 = (fx + 1) & MASK;
    const y0 = (fy & MASK) << 8;
    const y1 = ((fy + 1) & MASK) << 8;
    const t = this.table;
    const a = t[y0 + x0];
    const c = t[y1 + x0];
    const top = a + su * (t[y0 + x1] - a);
    const low = c + su * (t[y1 + x1] - c);
    return top + sv * (low - top);
  }

  /** `octaves` octaves, each half as strong and just over twice as fine; about [-1, 1]. */
  fbm(x: number, y: number, octaves: number): number {
    let sum = 0;
    let weight = 0.55;
    let [px, py] = [x, y];
    for (let i = 0; i < octaves; i++) {
      sum += weight * this.at(px, py);
      weight *= 0.5;
      // Turned between octaves, so that the lattice does not show as a square pattern.
      const rx = 1.66 * px + 1.21 * py + 17.3;
      py = -1.21 * px + 1.66 * py + 5.9;
      px = rx;
    }
    return sum;
  }
}
