import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RgbaImage } from '../slide/slide.ts';
import { RUIFROK_HDAB, RUIFROK_HE, type Vector } from '../slide/stain.ts';
import { LEAST_STAINED, missedShare, nuclearStain } from './missed.ts';
import { circles } from './testing.ts';

const MPP = 0.25;
const MARGIN = 32;
/** Side of the picture with its margins, px: 64 um, of which the middle 48 are the field. */
const SIDE = 256;

type Disc = readonly [x: number, y: number, radius: number];
type Paint = (x: number, y: number) => readonly [Vector, number];

const { haematoxylin, other: eosin } = RUIFROK_HE;

/** Everywhere so much of a stain, by Beer and Lambert. */
function painted(paint: Paint): RgbaImage {
  const data = new Uint8ClampedArray(4 * SIDE * SIDE);
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const [vector, amount] = paint(x + 0.5, y + 0.5);
      const at = 4 * (y * SIDE + x);
      for (let c = 0; c < 3; c++) data[at + c] = 255 * Math.exp(-amount * vector[c]);
      data[at + 3] = 255;
    }
  }
  return { width: SIDE, height: SIDE, data };
}

/** Discs of haematoxylin in eosin. */
function nuclei(discs: readonly Disc[], amount = 1.5): RgbaImage {
  return painted((x, y) =>
    discs.some(([cx, cy, r]) => Math.hypot(x - cx, y - cy) < r)
      ? [haematoxylin, amount]
      : [eosin, 0.6],
  );
}

/** Nine nuclei of 8 um. */
const NINE: Disc[] = [64, 128, 192].flatMap((y) => [64, 128, 192].map((x) => [x, y, 16] as const));
const AREA = 9 * Math.PI * 4 ** 2;
const look = (image: RgbaImage, outlined: readonly Disc[]) =>
  nuclearStain(image, circles(outlined), MARGIN, MPP);

describe('what is stained like nuclei', () => {
  it.each([0.7, 1.5, 3])('is measured in um2, in pale and dark stain (%f)', (amount) => {
    const { stained, outside } = look(nuclei(NINE, amount), []);
    // The rims of dark nuclei, mixed with eosin, count as paler.
    expect(stained / AREA).toBeGreaterThan(0.7);
    expect(stained / AREA).toBeLessThan(1.1);
    expect(outside).toBe(stained);
  });

  it('is nowhere outside when every nucleus has an outline, even one that is 0.5 um short', () => {
    expect(look(nuclei(NINE), NINE).outside).toBe(0);
    const short = NINE.map(([x, y, r]) => [x, y, r - 2] as const);
    expect(look(nuclei(NINE), short).outside).toBe(0);
  });

  it('is outside by as many nuclei as have no outline', () => {
    const { stained, outside } = look(nuclei(NINE), NINE.slice(0, 6));
    expect(outside / stained).toBeCloseTo(1 / 3, 2);
  });

  it('belongs to this field alone, and outlines of the next one reach into it', () => {
    expect(look(nuclei([[14, 128, 16]]), []).stained).toBe(0);
    const edge: Disc[] = [[MARGIN - 4, 128, 20]];
    expect(look(nuclei(edge), []).outside).toBeGreaterThan(20);
    expect(look(nuclei(edge), edge).outside).toBe(0);
  });

  const dab = RUIFROK_HDAB.other;
  const spots =
    (vector: Vector, amount: number): Paint =>
    (x, y) =>
      Math.hypot((x % 64) - 32, (y % 64) - 32) < 16 ? [vector, amount] : [eosin, 0.6];
  it.each<[string, Paint]>([
    ['blood', spots(eosin, 2.5)],
    ['brown pigment', spots(dab, 2)],
    ['black pigment', spots([0.58, 0.58, 0.57], 4)],
    ['blue-green ink', spots([0.9, 0.3, 0.25], 2)],
    ['fibres 1.5 um thin', (_, y) => (y % 24 < 6 ? [haematoxylin, 1.5] : [eosin, 0.6])],
    ['eosin alone', () => [eosin, 1]],
    ['glass', () => [eosin, 0.02]],
  ])('is not %s', (_, paint) => {
    expect(look(painted(paint), [])).toEqual({ stained: 0, outside: 0 });
  });

  it('is never more outside than there is, and no further outline adds to it', () => {
    const place = fc.integer({ min: 0, max: SIDE });
    const disc = fc.tuple(place, place, fc.integer({ min: 4, max: 24 }));
    const list = fc.array(disc, { maxLength: 6 });
    fc.assert(
      fc.property(list, list, list, (drawn, some, more) => {
        const image = nuclei(drawn);
        const few = look(image, some);
        const all = look(image, [...some, ...more]);
        expect(all.stained).toBe(few.stained);
        expect(few.outside).toBeLessThanOrEqual(few.stained);
        expect(all.outside).toBeLessThanOrEqual(few.outside);
      }),
      { numRuns: 25 },
    );
  });
});

describe('the share missed', () => {
  const field = (stained: number, outside: number) => ({ stain: { stained, outside } });

  it('is a ratio of sums, so that a field counts by what is stained in it', () => {
    expect(missedShare([field(900, 90), field(100, 100), field(0, 0)])).toBeCloseTo(0.19, 12);
  });

  it('is not known where a field was not looked at, or too little is stained', () => {
    expect(missedShare([field(900, 90), { stain: null }])).toBeNull();
    expect(missedShare([field(LEAST_STAINED - 1, 0)])).toBeNull();
    expect(missedShare([])).toBeNull();
  });
});
