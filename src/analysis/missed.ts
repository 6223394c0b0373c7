/**
 * Did the segmenter miss nuclei? How much of what is stained like nuclei in a field lies outside of
 * every outline.
 */
import { insideStar, RAYS } from '../core/cells.ts';
import type { RgbaImage } from '../slide/slide.ts';
import type { Detections } from './nuclei.ts';
import { squaresOf, stainedSquares } from './stained.ts';

/** Areas of one field, um2. */
export interface NuclearStain {
  /** Stained like nuclei. */
  stained: number;
  /** Of it, outside of every outline. */
  outside: number;
}

/** What is known of a field's stain. */
export interface FieldStain extends NuclearStain {
  /** By what its optical density was multiplied for the segmenter (strong-stain.ts): at most 1. */
  factor: number;
}

/** Outlines count as this much larger, um: their rims are less exact than their places. */
const RIM_UM = 1;

/**
 * What is stained like nuclei in a field (stained.ts) and is 3 um wide in both directions. `pixels`
 * are as stored, at the segmenter's `mpp` um per px, `marginPx` px on each side belong to the
 * neighbours; `found` is in the same px.
 */
export function nuclearStain(
  pixels: RgbaImage,
  found: Detections,
  marginPx: number,
  mpp: number,
): NuclearStain {
  const { image, step } = squaresOf(pixels, marginPx, mpp);
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
export function missedShare(fields: readonly { stain: NuclearStain | null }[]): number | null {
  let [stained, outside] = [0, 0];
  for (const { stain: field } of fields) {
    if (!field) return null;
    stained += field.stained;
    outside += field.outside;
  }
  return stained < LEAST_STAINED ? null : outside / stained;
}

/** Fields whose stain was weakened for the segmenter; null where a field does not say. */
export function weakenedFields(fields: readonly { stain: FieldStain | null }[]): number | null {
  let count = 0;
  for (const { stain } of fields) {
    if (!stain) return null;
    if (stain.factor < 1) count++;
  }
  return count;
}
