/** What the tests of the drawn slide share. */
import type { RgbaImage, TruthSlide } from '../../slide.ts';
import { createSyntheticSlide, DEFAULT_SYNTHETIC } from '../synthetic.ts';

/** Level-0 tiles (column, row) of the default slide by what they mostly show. */
export const PLACES = {
  crypts: [39, 43],
  glands: [40, 18],
  nests: [17, 39],
  fat: [17, 56],
  necrosis: [16, 28],
  stroma: [48, 39],
} as const;
export type Place = keyof typeof PLACES;

/** Drawing is slow beside other work; a test may draw dozens of tiles. */
export const SLOW = 60_000;

export function openDefault(): TruthSlide {
  return createSyntheticSlide(DEFAULT_SYNTHETIC);
}

export async function draw(
  slide: TruthSlide,
  level: number,
  col: number,
  row: number,
): Promise<RgbaImage> {
  const raster = await slide.tile(level, col, row);
  if (!('data' in raster)) throw new Error('expected pixels');
  return raster;
}
