/**
 * What is stained like nuclei in a field. Haematoxylin takes red light and eosin hardly any (0.65
 * against 0.07 of their optical density; Ruifrok and Johnston 2001), so red light alone tells nuclei
 * from the rest, without vectors that differ from scanner to scanner.
 */
import { cropShrink } from '../model/tensor.ts';
import type { RgbaImage } from '../slide/slide.ts';
import { BROWN, densityTable } from '../slide/stain.ts';
import { kindsOf, MIN_TISSUE, TISSUE } from './tissue.ts';

/** Looked at in squares of about this side, um: finer than a nucleus, coarser than its texture. */
const SQUARE_UM = 1;
/** Nothing paler in red than this optical density counts, however pale the rest of the field. */
const PALEST = 0.3;
/** The threshold is looked for below this density, in so many steps. */
const DARKEST = 2;
const STEPS = 64;

/** A field of `mpp` um per px without its margin, as squares of about 1 um, `step` px each. */
export function squaresOf(
  pixels: RgbaImage,
  marginPx: number,
  mpp: number,
): { image: RgbaImage; step: number } {
  const step = Math.max(1, Math.round(SQUARE_UM / mpp));
  return { image: cropShrink(pixels, marginPx, step), step };
}

/**
 * 1 where a square is stained like nuclei: tissue that takes at least as much red light as Otsu's
 * threshold over all tissue of the field, and is not brown. None where there is hardly any tissue.
 */
export function stainedSquares(image: RgbaImage): Uint8Array {
  const { data } = image;
  const density = densityTable();
  const kinds = kindsOf(image);
  const stained = new Uint8Array(kinds.length);
  const tissue: number[] = [];
  for (let i = 0; i < kinds.length; i++) {
    if (kinds[i] === TISSUE) tissue.push(density[data[4 * i]]);
  }
  if (tissue.length < MIN_TISSUE * kinds.length) return stained;
  const threshold = Math.max(PALEST, otsu(tissue));
  for (let i = 0; i < kinds.length; i++) {
    if (kinds[i] !== TISSUE || density[data[4 * i]] < threshold) continue;
    const isBrown = density[data[4 * i + 2]] > BROWN * density[data[4 * i + 1]];
    stained[i] = isBrown ? 0 : 1;
  }
  return stained;
}

/**
 * The value that parts the others best: the largest variance between the two sides (Otsu 1979).
 * Values from 0 to DARKEST.
 */
function otsu(values: readonly number[]): number {
  const counts = new Uint32Array(STEPS);
  for (const value of values) {
    counts[Math.min(STEPS - 1, Math.floor((value / DARKEST) * STEPS))]++;
  }
  const total = counts.reduce((all, count, at) => all + count * at, 0);
  let [below, sumBelow, best, threshold] = [0, 0, 0, 0];
  for (let at = 0; at < STEPS - 1; at++) {
    below += counts[at];
    sumBelow += counts[at] * at;
    const above = values.length - below;
    if (below === 0 || above === 0) continue;
    const between = below * above * (sumBelow / below - (total - sumBelow) / above) ** 2;
    if (between > best) [best, threshold] = [between, at + 1];
  }
  return (threshold / STEPS) * DARKEST;
}
