/**
 * Filters on cells: plain values for a store or an address. The same rule decides what is drawn,
 * picked, counted and summed: area and confidence are compared as the whole numbers that the
 * graphics card holds, everything else in single precision, so that no cell is on one side of a
 * limit on screen and on the other in a count.
 */

/** Both ends belong to the range; an open end is infinite. */
export type Range = readonly [low: number, high: number];

/** A filter that is left out lets every cell pass. */
export interface Gate {
  /** Indices of the cell types that are shown. */
  types?: readonly number[];
  /** um2, in steps of 0.25; what is above 1023 counts as that. */
  area?: Range;
  /** Object probability of the segmenter, 0..1, in steps of 1/255. */
  confidence?: Range;
  /** Signed contribution to the logit, of the level that is shown. */
  contribution?: Range;
  /** Rank by attention density, 0..1: the share of analysed cells of lower density. */
  rank?: Range;
  /**
   * Only cells whose centre lies inside of what has this name (an annotation, a class of them).
   * Which cells those are is told by `Overlay.setInside`: a gate is plain values.
   */
  inside?: string;
}

/** Filters with two ends, in the order in which they are written. */
export const RANGES = ['area', 'confidence', 'contribution', 'rank'] as const;
export type RangeName = (typeof RANGES)[number];

export const OPEN_GATE: Gate = {};

export function isOpen(gate: Gate): boolean {
  const { types, inside } = gate;
  const open = types === undefined && inside === undefined;
  return open && RANGES.every((name) => gate[name] === undefined);
}

/** What the graphics card compares with. */
export interface GateBounds {
  /** Bit i: type i is shown. Types beyond 31 are always shown. */
  types: number;
  area: Range;
  confidence: Range;
  contribution: Range;
  rank: Range;
  /** Only cells that are marked as inside. */
  inside: boolean;
}

const AREA_STEPS = 4;
const MOST_AREA = 4095;
/** Area the graphics card tells apart from larger ones, um2. */
export const LARGEST_AREA = MOST_AREA / AREA_STEPS;
/** Ends of what a float uniform may be; larger than any contribution. */
const FAR = 3e38;

/** Area in steps of 0.25 um2, in 12 bits. */
export function areaSteps(um2: number): number {
  return Math.max(0, Math.min(MOST_AREA, Math.round(um2 * AREA_STEPS)));
}

export function boundsOf(gate: Gate): GateBounds {
  const { types, area, confidence, contribution, rank } = gate;
  return {
    types: types ? types.reduce((bits, type) => bits | (1 << type), 0) >>> 0 : 0xffffffff,
    area: whole(area, AREA_STEPS, MOST_AREA),
    confidence: whole(confidence, 255, 255),
    contribution: single(contribution),
    rank: single(rank),
    inside: gate.inside !== undefined,
  };
}

export function within(value: number, range: Range): boolean {
  return value >= range[0] && value <= range[1];
}

export function typeShown(bounds: GateBounds, type: number): boolean {
  return type > 31 || ((bounds.types >>> type) & 1) === 1;
}

/** The whole numbers 0..most whose value, number / steps, lies in the range. */
function whole(range: Range | undefined, steps: number, most: number): Range {
  if (!range) return [0, most];
  // A limit that was itself a whole number of steps must not lose it to rounding.
  const low = Math.ceil(range[0] * steps - 1e-6);
  const high = Math.floor(range[1] * steps + 1e-6);
  return [Math.max(0, Math.min(most, low)), Math.max(-1, Math.min(most, high))];
}

function single(range: Range | undefined): Range {
  if (!range) return [-FAR, FAR].map(Math.fround) as unknown as Range;
  const clip = (v: number) => Math.fround(Math.max(-FAR, Math.min(FAR, v)));
  return [clip(range[0]), clip(range[1])];
}
