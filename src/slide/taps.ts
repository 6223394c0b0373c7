/**
 * Weights of resampling along one axis. Pixel i covers [i, i + 1), its centre is i + 0.5.
 */
export interface Taps {
  /** First source pixel of each output pixel. */
  first: Int32Array;
  /** Source pixels an output pixel takes; the same for all, unused ones weigh 0. */
  count: number;
  /** `count` weights an output pixel, summing to 1. */
  weights: Float64Array;
  /** Every output pixel is exactly one source pixel. */
  identity: boolean;
}

// Positions come from products of decimal um/px; this much is rounding, not a shift (px).
const SNAP = 1e-6;

/**
 * Output pixel i of `size` covers source [start + i * step, start + (i + 1) * step), px.
 * Enlarging (step < 1) is bilinear at the centre. Shrinking averages over the area; the plain area
 * average of pixels that are cut in two lies up to 1/(8 step) px off the centre of that area, so
 * weight is moved between the outermost two until the centre is exact. At step 1 the two agree.
 */
export function tapsOf(start: number, step: number, size: number): Taps {
  const shrink = step > 1 + SNAP;
  const count = shrink ? Math.ceil(step - SNAP) + 1 : 2;
  const taps: Taps = {
    first: new Int32Array(size),
    count,
    weights: new Float64Array(size * count),
    identity: Math.abs(step - 1) <= SNAP && Math.abs(start - Math.round(start)) <= SNAP,
  };
  for (let i = 0; i < size; i++) {
    if (shrink) area(taps, i, snap(start + i * step), snap(start + (i + 1) * step));
    else linear(taps, i, snap(start + (i + 0.5) * step - 0.5));
  }
  return taps;
}

/** Source pixels that output pixels [from, to) need, without those that weigh 0: [begin, end). */
export function reach(taps: Taps, from: number, to: number): { begin: number; end: number } {
  let used = taps.count;
  while (used > 1 && taps.weights[(to - 1) * taps.count + used - 1] === 0) used--;
  return { begin: taps.first[from], end: taps.first[to - 1] + used };
}

function linear(taps: Taps, i: number, position: number): void {
  const first = Math.floor(position);
  taps.first[i] = first;
  taps.weights[2 * i] = 1 - (position - first);
  taps.weights[2 * i + 1] = position - first;
}

function area(taps: Taps, i: number, a: number, b: number): void {
  const first = Math.floor(a);
  const last = Math.ceil(b) - 1;
  const at = i * taps.count;
  taps.first[i] = first;
  const step = b - a;
  for (let j = first; j <= last; j++) {
    taps.weights[at + j - first] = (Math.min(b, j + 1) - Math.max(a, j)) / step;
  }
  if (last === first) return;
  // Covered part of the first and of the last pixel: their centroid is off the pixel's centre.
  const fa = first + 1 - a;
  const fb = b - last;
  const moved = (fb * (1 - fb) - fa * (1 - fa)) / (2 * step * (last - first));
  taps.weights[at] += moved;
  taps.weights[at + last - first] -= moved;
}

function snap(value: number): number {
  const whole = Math.round(value);
  return Math.abs(value - whole) <= SNAP ? whole : value;
}
