/** Spots lie on a lattice of known pitch, so their places in px tell the scale of the picture. */
import { Matrix, solve } from 'ml-matrix';

/**
 * um per px of N spots at px (x, y) whose lattice places are `um`: the mean over both axes of a
 * fitted affine map (training/head/spots.py does the same). Null for fewer than four spots or all
 * on one line.
 */
export function scaleOfLattice(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  um: { x: ArrayLike<number>; y: ArrayLike<number> },
): number | null {
  const n = x.length;
  const spread = (values: ArrayLike<number>) => new Set(Array.from(values)).size;
  if (n < 4 || spread(um.x) < 2 || spread(um.y) < 2) return null;
  const design = new Matrix(Array.from({ length: n }, (_, i) => [um.x[i], um.y[i], 1]));
  const pixel = new Matrix(Array.from({ length: n }, (_, i) => [x[i], y[i]]));
  const step = solve(design, pixel, true);
  const across = Math.hypot(step.get(0, 0), step.get(0, 1));
  const down = Math.hypot(step.get(1, 0), step.get(1, 1));
  const mpp = 2 / (across + down);
  return Number.isFinite(mpp) && mpp > 0 ? mpp : null;
}
