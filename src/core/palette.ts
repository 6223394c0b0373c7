/**
 * Colours for cell types: told apart by colour-blind eyes and set against pink and purple H&E, so no
 * pinks, purples or mid reds. After Okabe and Ito, "Color Universal Design" (2008), less its
 * reddish purple, plus greys.
 */
import type { Rgb } from './colormap.ts';
import { parseHex } from './colormap.ts';

const VERMILION = '#d55e00';
const GREEN = '#009e73';
const YELLOW = '#f2dc1e';
const SKY = '#56b4e9';
const BLACK = '#17181a';
const GREY = '#f4f4f6';
const BLUE = '#0b53a0';
const ORANGE = '#f5a623';

/** In the order in which unknown types take them. */
export const TYPE_COLOURS: readonly string[] = [
  YELLOW,
  SKY,
  GREEN,
  VERMILION,
  BLACK,
  GREY,
  BLUE,
  ORANGE,
];

/** The same cell gets the same colour whatever model named it. */
const KNOWN: readonly (readonly [RegExp, string])[] = [
  [/neoplas|tumou?r|malignan/i, VERMILION],
  [/lympho|inflam|plasma/i, YELLOW],
  [/fibro|spindle|strom|connective/i, SKY],
  [/necro|dead|apopto/i, BLACK],
  [/misc|other|unknown|background/i, GREY],
  [/epithel/i, GREEN],
];

/** A colour a type, by the type's index; more than eight unknown types share colours. */
export function typeColours(types: readonly string[]): Rgb[] {
  const known = types.map((type) => KNOWN.find(([pattern]) => pattern.test(type))?.[1]);
  const taken = new Set(known);
  const free = TYPE_COLOURS.filter((colour) => !taken.has(colour));
  const spare = free.length > 0 ? free : TYPE_COLOURS;
  let next = 0;
  return known.map((colour) => parseHex(colour ?? spare[next++ % spare.length]));
}
