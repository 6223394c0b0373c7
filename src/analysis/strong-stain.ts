/**
 * Stain stronger than the segmenter was trained on is brought down before it looks: it knows dark
 * nuclei on a light ground, and missed nine of ten where both are dark. Only its own input changes;
 * the encoder sees the stored pixels. training/nuclei/strong_stain.py follows the same rule, and a
 * shared example holds both to the same numbers.
 */
import type { RgbaImage } from '../slide/slide.ts';
import { densityTable } from '../slide/stain.ts';
import { squaresOf, stainedSquares } from './stained.ts';

/** Fewer squares than this stained like nuclei say nothing. */
const LEAST_SQUARES = 20;

/**
 * The factor on the optical density of a field: 1, or less where the median red density of what is
 * stained like nuclei exceeds `strongest`, so that it becomes that.
 */
export function weakening(
  pixels: RgbaImage,
  marginPx: number,
  mpp: number,
  strongest: number,
): number {
  const { image } = squaresOf(pixels, marginPx, mpp);
  const density = densityTable();
  const stained = stainedSquares(image);
  const reds: number[] = [];
  stained.forEach((is, i) => {
    if (is) reds.push(density[image.data[4 * i]]);
  });
  if (reds.length < LEAST_SQUARES) return 1;
  return Math.min(1, strongest / reds.sort((a, b) => a - b)[reds.length >> 1]);
}

/** A field with its optical density times `factor`; the same picture for 1. */
export function weakened(pixels: RgbaImage, factor: number): RgbaImage {
  if (factor === 1) return pixels;
  const bytes = Uint8ClampedArray.from(
    { length: 256 },
    (_, v) => 255 * (Math.max(v, 1) / 255) ** factor,
  );
  const data = pixels.data.slice();
  for (let at = 0; at < data.length; at += 4) {
    for (let c = at; c < at + 3; c++) data[c] = bytes[data[c]];
  }
  return { ...pixels, data };
}
