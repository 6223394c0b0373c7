/** Is there tissue here? Glass and pen marks are not shown to the models. */
import type { RgbaImage } from '../slide/slide.ts';

/** Tissue differs from glass by colour; grey dust and pen shadows do not have it. */
const MIN_CHROMA = 18;
/** Darker than this on average counts as tissue only with some colour in it. */
const MIN_DARKNESS = 12;
/** A marker's green or blue: no mixture of haematoxylin and eosin lets green through best. */
const PEN_CHROMA = 40;
const PEN_GREEN = 10;

/** Fields with less tissue than this are skipped. */
export const MIN_TISSUE = 0.05;

/** Coloured (max - min over RGB) and darker than glass. */
function isTissue(r: number, g: number, b: number): boolean {
  const chroma = Math.max(r, g, b) - Math.min(r, g, b);
  return chroma >= MIN_CHROMA && 255 - (r + g + b) / 3 >= MIN_DARKNESS;
}

/**
 * Green, blue or cyan ink: more green than red, strongly coloured. Red ink looks like blood and is
 * not told apart; black ink has no chroma and is no tissue anyway.
 */
function isPen(r: number, g: number, b: number): boolean {
  return g - r >= PEN_GREEN && Math.max(r, g, b) - Math.min(r, g, b) >= PEN_CHROMA;
}

/** What a pixel, or a square of the mask, shows. */
export const GLASS = 0;
export const TISSUE = 1;
export const PEN = 2;
export type MaskKind = typeof GLASS | typeof TISSUE | typeof PEN;

/** One kind a pixel. */
export function kindsOf({ data }: RgbaImage): Uint8Array {
  const kinds = new Uint8Array(data.length / 4);
  for (let i = 0, p = 0; i < kinds.length; i++, p += 4) {
    const [r, g, b] = [data[p], data[p + 1], data[p + 2]];
    kinds[i] = isPen(r, g, b) ? PEN : isTissue(r, g, b) ? TISSUE : GLASS;
  }
  return kinds;
}

/** Share of pixels that are tissue and no pen. */
export function tissueShare(image: RgbaImage): number {
  const kinds = kindsOf(image);
  return kinds.reduce((tissue, kind) => tissue + (kind === TISSUE ? 1 : 0), 0) / kinds.length;
}
