/**
 * Did the segmenter miss nuclei? What is stained like nuclei in a field, and how much of it lies
 * outside of every outline. Haematoxylin takes red light and eosin hardly any (0.65 against 0.07 of
 * their optical density; Ruifrok and Johnston 2001), so red light alone tells nuclei from the rest,
 * without vectors that differ from scanner to scanner.
 */
import { insideStar, RAYS } from '../core/cells.ts';
import { cropShrink } from '../model/tensor.ts';
import type { RgbaImage } from '../slide/slide.ts';
import { BROWN, densityTable } from '../slide/stain.ts';
import type { Detections } from './nuclei.ts';
import { kindsOf, MIN_TISSUE, TISSUE } from './tissue.ts';

/** Areas of one field, um2. */
export interface NuclearStain {
  /** Stained like nuclei. */
  stained: number;
  /** Of it, outside of every outline. */
  outside: number;
}

/** Looked at in squares of about this side, um: finer than a nucleus, coarser than its texture. */
const SQUARE_UM = 1;
/** Outlines count as this much larger, um: their rims are less exact than their places. */
const RIM_UM = 1;
/** Nothing paler in red than this optical density counts, however pale the rest of the field. */
const PALEST = 0.3;
/** The threshold is looked for below this density, in so many steps. */
const DARKEST = 2;
const STEPS = 64;

/**
 * What is stained like nuclei in a field: tissue that takes at least as much red light as Otsu's
 * threshold over the field's tissue, and is 3 um wide in both directions. `pixels` are the
 * segmenter's, `mpp` um per px, `marginPx` px on each side that belong to the neighbours; `found` is
 * in the same px.
 */
export function nuclearStain(
  pixels: RgbaImage,
  found: Detections,
  marginPx: number,
  mpp: number,
): NuclearStain {
  const step = Math.max(1, Math.round(SQUARE_UM / mpp));
  const image = cropShrink(pixels, marginPx, step);
  const { width } = image;
  const stained = wideParts(stainedSquares(image), width);
  const covered = coveredSquares(found, image, marginPx, step, RIM_UM / mpp);
  const outside = wideParts(
    stained.map((is, i) => (covered[i] ? 0 : is)),
    width,
  );
  const square = (step * mpp) ** 2;
  return { stained: square * sum(stained), outside: square * sum(outside) };
}

/** 1 where a square takes as much red light as nuclei do. */
function stainedSquares(image: RgbaImage): Uint8Array {
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

/** Every 3 x 3 block that is wholly set: fibres, membranes and the rims of outlines are narrower. */
function wideParts(set: Uint8Array, width: number): Uint8Array {
  const wide = new Uint8Array(set.length);
  const block = [-1, 0, 1].flatMap((dy) => [-1, 0, 1].map((dx) => dy * width + dx));
  for (let at = width; at < set.length - width; at++) {
    const x = at % width;
    if (!set[at] || x === 0 || x === width - 1 || !block.every((by) => set[at + by])) continue;
    for (const by of block) wide[at + by] = 1;
  }
  return wide;
}

/** 1 where a square's centre lies in an outline that is `rim` px larger. */
function coveredSquares(
  { count, x, y, radii }: Detections,
  { width, height }: RgbaImage,
  marginPx: number,
  step: number,
  rim: number,
): Uint8Array {
  const covered = new Uint8Array(width * height);
  const square = (px: number) => Math.floor((px - marginPx) / step);
  for (let i = 0; i < count; i++) {
    const grown = radii.subarray(i * RAYS, (i + 1) * RAYS).map((radius) => radius + rim);
    const far = Math.max(...grown);
    const [left, right] = [
      Math.max(0, square(x[i] - far)),
      Math.min(width - 1, square(x[i] + far)),
    ];
    const [top, bottom] = [
      Math.max(0, square(y[i] - far)),
      Math.min(height - 1, square(y[i] + far)),
    ];
    for (let row = top; row <= bottom; row++) {
      for (let col = left; col <= right; col++) {
        const [dx, dy] = [
          marginPx + (col + 0.5) * step - x[i],
          marginPx + (row + 0.5) * step - y[i],
        ];
        if (insideStar(grown, 0, dx, dy)) covered[row * width + col] = 1;
      }
    }
  }
  return covered;
}

function sum(squares: Uint8Array): number {
  return squares.reduce((total, is) => total + is, 0);
}

/** Less area stained like nuclei than this, um2, says nothing: some ten to twenty nuclei. */
export const LEAST_STAINED = 500;

/**
 * Share of what is stained like nuclei over all fields that lies outside of every outline, 0..1; null
 * where too little is stained, or a field was kept by a version that did not look.
 */
export function missedShare(
  fields: readonly { nuclearStain: NuclearStain | null }[],
): number | null {
  let [stained, outside] = [0, 0];
  for (const { nuclearStain: field } of fields) {
    if (!field) return null;
    stained += field.stained;
    outside += field.outside;
  }
  return stained < LEAST_STAINED ? null : outside / stained;
}
