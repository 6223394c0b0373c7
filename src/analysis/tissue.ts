/** Is there tissue here? A field of bare glass is not shown to the models. */
import type { RgbaImage } from '../slide/slide.ts';

/** Tissue differs from glass by colour; grey dust and pen shadows do not have it. */
const MIN_CHROMA = 18;
/** Darker than this on average counts as tissue only with some colour in it. */
const MIN_DARKNESS = 12;

/** Fields with less tissue than this are skipped. */
export const MIN_TISSUE = 0.05;

/** Share of pixels that are tissue: coloured (max - min over RGB) and darker than glass. */
export function tissueShare(image: RgbaImage): number {
  const { data } = image;
  let tissue = 0;
  for (let p = 0; p < data.length; p += 4) {
    const [r, g, b] = [data[p], data[p + 1], data[p + 2]];
    const high = Math.max(r, g, b);
    const low = Math.min(r, g, b);
    if (high - low >= MIN_CHROMA && 255 - (r + g + b) / 3 >= MIN_DARKNESS) tissue++;
  }
  return tissue / (data.length / 4);
}
