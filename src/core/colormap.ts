/**
 * Colour maps as 256 x RGB tables: perceptually even and safe for colour-blind eyes.
 *
 * Sources: viridis (van der Walt and Smith, 2015, CC0), cividis (Nuñez, Anderton and Renslow, 2018,
 * doi:10.1371/journal.pone.0199239), batlow and vik (Crameri, Scientific colour maps, MIT,
 * doi:10.5281/zenodo.1243862). Each is kept as 17 evenly spaced colours of the published table and
 * interpolated in OKLab (Ottosson, 2020), which stays within 3/255 of the published 256 colours.
 */
export type SequentialMap = 'viridis' | 'cividis' | 'batlow';
export type DivergingMap = 'vik';
export type ColorMapName = SequentialMap | DivergingMap;

/** Red, green, blue, 0..255 each (sRGB). */
export type Rgb = readonly [number, number, number];
/** Lightness 0..1, green to red, blue to yellow. */
export type Lab = readonly [number, number, number];

/** Entries of a lookup table. */
export const LUT_SIZE = 256;

const ANCHORS: Record<ColorMapName, string> = {
  viridis:
    '440154 48186a 472d7b 424086 3b528b 33638d 2c728e 26828e 21918c 1f9f88 27ad81 3dbc74 5cc863 81d34d aadc32 d5e21a fde725',
  cividis:
    '00224e 002e6a 1a386f 32436d 434e6c 535a6d 61656f 6f7073 7d7c78 8b8778 9a9376 aaa073 bbad6d ccba64 ddc858 efd748 fee838',
  batlow:
    '011959 0d315d 114360 175262 226061 356a59 4d734d 677b3e 828231 9f892b be9035 db954b f19d6b fca890 fdb4b4 fcbfd6 faccfa',
  vik: '001261 022b71 034481 0c5e92 307da6 619ebd 94bed2 c6dbe6 ece5e0 e9ccba dcac90 cf8e68 c37243 b3531f 942f06 741506 590008',
};

export const COLOR_MAPS = Object.keys(ANCHORS) as ColorMapName[];

/** The table of a map: LUT_SIZE x 3 bytes, made once. */
export function lut(name: ColorMapName): Uint8Array {
  let table = tables.get(name);
  if (!table) {
    table = build(ANCHORS[name].split(' ').map(parseHex));
    tables.set(name, table);
  }
  return table;
}

/** Colour at `t` in 0..1; outside of that range the end colours, and NaN gives the first. */
export function lookup(name: ColorMapName, t: number): Rgb {
  const table = lut(name);
  const at = 3 * Math.round(Math.min(1, Math.max(0, t || 0)) * (LUT_SIZE - 1));
  return [table[at], table[at + 1], table[at + 2]];
}

/** The map as a CSS gradient from left to right. */
export function cssGradient(name: ColorMapName, stops = 17): string {
  const colours = Array.from({ length: stops }, (_, i) => cssColor(lookup(name, i / (stops - 1))));
  return `linear-gradient(90deg, ${colours.join(', ')})`;
}

/** `#rrggbb`. */
export function cssColor([r, g, b]: Rgb): string {
  return `#${[r, g, b].map((v) => v.toString(16).padStart(2, '0')).join('')}`;
}

export function parseHex(hex: string): Rgb {
  const n = Number.parseInt(hex.replace('#', ''), 16);
  return [(n >> 16) & 255, (n >> 8) & 255, n & 255];
}

/** sRGB bytes to OKLab (Björn Ottosson, "A perceptual color space for image processing", 2020). */
export function toOklab([r, g, b]: Rgb): Lab {
  const [lr, lg, lb] = [toLinear(r), toLinear(g), toLinear(b)];
  const l = Math.cbrt(0.4122214708 * lr + 0.5363325363 * lg + 0.0514459929 * lb);
  const m = Math.cbrt(0.2119034982 * lr + 0.6806995451 * lg + 0.1073969566 * lb);
  const s = Math.cbrt(0.0883024619 * lr + 0.2817188376 * lg + 0.6299787005 * lb);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

/** OKLab to sRGB bytes, clipped to what sRGB can show. */
export function fromOklab([L, A, B]: Lab): Rgb {
  const l = (L + 0.3963377774 * A + 0.2158037573 * B) ** 3;
  const m = (L - 0.1055613458 * A - 0.0638541728 * B) ** 3;
  const s = (L - 0.0894841775 * A - 1.291485548 * B) ** 3;
  return [
    fromLinear(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    fromLinear(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    fromLinear(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

const tables = new Map<ColorMapName, Uint8Array>();

function build(anchors: readonly Rgb[]): Uint8Array {
  const labs = anchors.map(toOklab);
  const table = new Uint8Array(LUT_SIZE * 3);
  for (let i = 0; i < LUT_SIZE; i++) {
    const at = (i / (LUT_SIZE - 1)) * (labs.length - 1);
    const k = Math.min(labs.length - 2, Math.floor(at));
    table.set(fromOklab(mix(labs[k], labs[k + 1], at - k)), 3 * i);
  }
  return table;
}

function mix(a: Lab, b: Lab, t: number): Lab {
  return [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t];
}

function toLinear(byte: number): number {
  const v = byte / 255;
  return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
}

function fromLinear(linear: number): number {
  const v = linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055;
  return Math.round(255 * Math.min(1, Math.max(0, v)));
}
