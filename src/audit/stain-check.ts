/**
 * Does a slide look stained with haematoxylin and eosin? Both take green light most; the brown of
 * immunohistochemistry (DAB: 0.27, 0.57, 0.78 in red, green, blue; Ruifrok and Johnston 2001) takes
 * blue most. What unmixing by published vectors leaves unexplained tells less: an orange eosin leaves
 * as much of it as brown does.
 */
import { throwIfAborted } from '../core/errors.ts';
import { readRegion } from '../slide/region.ts';
import type { RgbaImage, Slide } from '../slide/slide.ts';
import { BROWN, densityTable, GLASS } from '../slide/stain.ts';

export interface StainCheck {
  /** Stained pixels looked at. */
  pixels: number;
  /** Share of them that is brown. */
  brown: number;
  /** More than `MOST_BROWN`: not haematoxylin and eosin. */
  looksImmuno: boolean;
}

/** Yellow pigment, unlike brown, lets red through: density in red as a share of that in blue. */
const RED_TOO = 0.2;
export const MOST_BROWN = 0.05;
/** Fewer stained pixels than this say nothing. */
const LEAST_PIXELS = 500;
/** Longest side of the picture that is looked at, px. */
const LOOK_PX = 512;
/** A coarsest level with more pixels than this is not read for a look. */
const MOST_PIXELS = 4096 * 4096;

/** Of a picture of tissue; null where too little of it is stained. */
export function stainCheck({ data }: RgbaImage): StainCheck | null {
  const density = densityTable();
  let [pixels, brown] = [0, 0];
  for (let at = 0; at < data.length; at += 4) {
    const [r, g, b] = [density[data[at]], density[data[at + 1]], density[data[at + 2]]];
    if (r + g + b < 3 * GLASS) continue;
    pixels++;
    if (b > BROWN * g && r > RED_TOO * b) brown++;
  }
  if (pixels < LEAST_PIXELS) return null;
  return { pixels, brown: brown / pixels, looksImmuno: brown / pixels > MOST_BROWN };
}

/**
 * Of a whole slide, by its coarsest level; null where that is too large to be looked at, or shows too
 * little. Throws what slides throw, and `cancelled`.
 */
export async function checkStain(slide: Slide, signal?: AbortSignal): Promise<StainCheck | null> {
  throwIfAborted(signal);
  const { width, height, levels } = slide.info;
  const coarsest = levels[levels.length - 1];
  if (coarsest.width * coarsest.height > MOST_PIXELS) return null;
  const scale = Math.min(1, LOOK_PX / Math.max(width, height));
  const [w, h] = [width, height].map((side) => Math.max(1, Math.round(side * scale)));
  return stainCheck(await readRegion(slide, { x: 0, y: 0, w: width, h: height }, w, h, signal));
}
