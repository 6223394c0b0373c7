/**
 * Colour maps as 256 x RGB tables: perceptually even and safe for colour-blind eyes.
 *
 * Sources: viridis (van der Walt and Smith, 2015, CC0), cividis (Nuñez, Anderton and Renslow, 2018,
 * doi:10.1371/journal.pone.0199239), batlow and vik (Crameri, Scientific colour maps, MIT,
 * doi:10.5281/zenodo.1243862). Each is kept as every 8th colour of the published table and
 * interpolated in OKLab (Ottosson, 2020), which stays within 3/255 of the published 256 colours (cividis: 6/255 at its dark end, which has a kink).
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
    '440154 470d60 48186a 482374 472d7b 453781 424086 3e4989 3b528b 375b8d 33638d ' +
    '2f6b8e 2c728e 297a8e 26828e 23898e 21918c 1f978b 1f9f88 21a685 27ad81 31b57b ' +
    '3dbc74 4cc26c 5cc863 6ece58 81d34d 95d840 aadc32 c0df25 d5e21a eae51a fde725',
  cividis:
    '00224e 00285b 002e6a 053371 1a386f 273e6e 32436d 3b496c 434e6c 4b546c 535a6d ' +
    '5a5f6e 61656f 686a71 6f7073 767676 7d7c78 838179 8b8778 928d78 9a9376 a29975 ' +
    'aaa073 b3a670 bbad6d c3b369 ccba64 d4c15f ddc858 e6d051 efd748 f8df3c fee838',
  batlow:
    '011959 08255b 0d315d 0f3b5f 114360 134b61 175262 1b5962 226061 2b655e 356a59 ' +
    '416f53 4d734d 5a7745 677b3e 747e38 828231 8f862d 9f892b af8d2e be9035 cd923f ' +
    'db954b e7985a f19d6b f8a27e fca890 fdaea2 fdb4b4 fdbac4 fcbfd6 fbc6e8 faccfa',
  vik:
    '001261 021f69 022b71 023779 034481 055189 0c5e92 1c6d9c 307da6 488db2 619ebd ' +
    '7aaec8 94bed2 adcddd c6dbe6 dee6e9 ece5e0 eedbd0 e9ccba e3bca5 dcac90 d69d7c ' +
    'cf8e68 c98056 c37243 bd6431 b3531f a5400f 942f06 832106 741506 670a07 590008',
};

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
    let k = Math.min(labs.length - 2, Math.floor((i / (LUT_SIZE - 1)) * (labs.length - 1)));
    if (k > 0 && position(k, labs.length) > i) k--;
    const [from, to] = [position(k, labs.length), position(k + 1, labs.length)];
    table.set(fromOklab(mix(labs[k], labs[k + 1], (i - from) / (to - from))), 3 * i);
  }
  return table;
}

/** Entry of the table that anchor `k` of `count` is: anchors were taken at rounded places. */
function position(k: number, count: number): number {
  return Math.round((k * (LUT_SIZE - 1)) / (count - 1));
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
