import { openAsBlob } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { roundCells } from '../analysis/testing.ts';
import { blobSource } from '../slide/bytes.ts';
import type { RgbaImage } from '../slide/slide.ts';
import { RUIFROK_HDAB, RUIFROK_HE, type Vector } from '../slide/stain.ts';
import { openSzi } from '../slide/szi.ts';
import { dataFile, sharpDecoder } from '../slide/testing/data.ts';
import { familiarityOf } from './familiarity.ts';
import { medianDiameter, scaleDoubt, scaleVerdict } from './scale-check.ts';
import { checkStain, stainCheck } from './stain-check.ts';

/** Of amounts of stains, one px an entry. */
function stained(amounts: readonly (readonly [Vector, number])[]): RgbaImage {
  const data = new Uint8ClampedArray(4 * amounts.length);
  amounts.forEach(([vector, amount], i) => {
    for (let c = 0; c < 3; c++) data[4 * i + c] = 255 * Math.exp(-amount * vector[c]);
    data[4 * i + 3] = 255;
  });
  return { width: amounts.length, height: 1, data };
}

const { haematoxylin, other: eosin } = RUIFROK_HE;
const dab = RUIFROK_HDAB.other;
/** 1000 px, of which every `every`-th is of `rare`, the rest of `common`. */
const mixture = (common: Vector, rare: Vector, every: number) =>
  stained(
    Array.from({ length: 1000 }, (_, i) => [i % every === 0 ? rare : common, 0.5 + (i % 7) / 5]),
  );

describe('stain', () => {
  it('haematoxylin and eosin are not brown', () => {
    expect(stainCheck(mixture(eosin, haematoxylin, 3))).toMatchObject({
      brown: 0,
      looksImmuno: false,
    });
  });

  it('brown is counted and, above a share, said to be immunohistochemistry', () => {
    expect(stainCheck(mixture(haematoxylin, dab, 4))).toMatchObject({ looksImmuno: true });
    expect(stainCheck(mixture(haematoxylin, dab, 4))?.brown).toBeCloseTo(0.25, 2);
    expect(stainCheck(mixture(haematoxylin, dab, 50))).toMatchObject({ looksImmuno: false });
  });

  it('glass says nothing', () => {
    expect(stainCheck(stained(Array.from({ length: 1000 }, () => [eosin, 0.05])))).toBeNull();
  });

  const slides = ['lung-squamous-gt450.szi', 'duodenum-giardia-at2.szi'].flatMap(
    (name) => dataFile(`slides/${name}`) ?? [],
  );
  it.skipIf(slides.length === 0).each(slides)('%s is not brown', async (path) => {
    const slide = await openSzi(blobSource(await openAsBlob(path)), 'x', {}, sharpDecoder);
    const check = await checkStain(slide);
    expect(check?.pixels).toBeGreaterThan(10_000);
    expect(check?.looksImmuno).toBe(false);
  });
});

describe('scale', () => {
  const cells = (count: number, radius: number) =>
    roundCells(Array.from({ length: count }, (_, i) => [i, i, radius]));

  it('takes the median over nuclei, when there are enough', () => {
    expect(medianDiameter(cells(49, 4))).toBeNull();
    expect(medianDiameter(cells(60, 4))).toBeCloseTo(8, 5);
  });

  it('says what cannot be right, in this order, and nothing else', () => {
    expect(scaleDoubt(0.25, 0.5, 7.5)).toBeNull();
    expect(scaleDoubt(0.5, 0.5, null)).toBeNull();
    expect(scaleDoubt(null, 0.5, 7.5)).toContain('does not say');
    expect(scaleDoubt(25, 0.5, 7.5)).toContain('not what slide scanners write');
    expect(scaleDoubt(1, 0.5, 7.5)).toContain('lacks the detail');
    expect(scaleDoubt(0.25, 0.5, 3)).toContain('smaller than 3.0 µm');
    expect(scaleDoubt(0.25, 0.5, 15)).toContain('larger than 15.0 µm');
  });

  it('is not called plausible where too few nuclei were found to judge it', () => {
    expect(scaleVerdict(scaleDoubt(0.25, 0.5, null), null)).toBe('not known');
    expect(scaleVerdict(scaleDoubt(25, 0.5, null), null)).toBe('doubtful');
    expect(scaleVerdict(scaleDoubt(0.25, 0.5, 7.5), 7.5)).toBe('plausible');
    expect(scaleVerdict(scaleDoubt(0.25, 0.5, 15), 15)).toBe('doubtful');
  });
});

describe('known tissue', () => {
  it('fields keep their places, and those without a distance are left out', () => {
    const bank = { percentile: (d: number) => 100 * d, isUnfamiliar: (d: number) => d > 0.5 };
    const fields = [0.2, null, 0.7].map((distance, col) => ({ distance, place: { col, row: 1 } }));
    const said = familiarityOf(fields, 10, bank);
    expect([...said.corners]).toEqual([0, 10, 20, 10]);
    expect([...said.unfamiliar]).toEqual([0, 1]);
    expect(said.percentile[1]).toBeCloseTo(70, 4);
  });
});
