import { openAsBlob } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openSlide } from '../slide/formats.ts';
import { readRegion } from '../slide/region.ts';
import type { RgbaImage } from '../slide/slide.ts';
import { createSyntheticSlide, DEFAULT_SYNTHETIC } from '../slide/synthetic/synthetic.ts';
import { dataFile, sharpDecoder } from '../slide/testing/data.ts';
import { MIN_SHARPNESS, sharpness } from './focus.ts';
import {
  cutMask,
  findTissue,
  paintMask,
  planSlide,
  type TissueMask,
  tissueArea,
  tissueIn,
} from './mask.ts';
import { fieldRect } from './plan.ts';
import { GLASS, kindsOf, PEN, TISSUE, tissueShare } from './tissue.ts';

const SIDE = 448;
const emptyMask = (cols: number, rows: number): TissueMask => ({
  cols,
  rows,
  size: SIDE / 8,
  kinds: new Uint8Array(cols * rows),
});

function picture(colours: readonly (readonly [number, number, number])[]): RgbaImage {
  const data = new Uint8ClampedArray(colours.flatMap(([r, g, b]) => [r, g, b, 255]));
  return { width: colours.length, height: 1, data };
}

describe('tissue by colour', () => {
  it('tells stained tissue from glass, dust, shadow and the ink of markers', () => {
    const kinds = kindsOf(
      picture([
        [225, 160, 195], // eosin
        [105, 75, 150], // haematoxylin
        [245, 243, 246], // glass
        [120, 121, 119], // dust
        [40, 120, 60], // green marker
        [30, 70, 190], // blue marker
      ]),
    );
    expect([...kinds]).toEqual([TISSUE, TISSUE, GLASS, GLASS, PEN, PEN]);
  });
});

describe('the plan of a slide', () => {
  it('takes what is in view first, then goes outward, every field with tissue once', () => {
    const mask = emptyMask(80, 64);
    mask.kinds.fill(TISSUE);
    const view = { x: 7 * SIDE, y: 3 * SIDE, w: 2 * SIDE, h: SIDE };
    const plan = planSlide(mask, SIDE, view);
    expect(plan).toHaveLength(10 * 8);
    expect(new Set(plan.map((p) => `${p.col},${p.row}`)).size).toBe(80);
    expect(plan.slice(0, 2).map((p) => p.row)).toEqual([3, 3]);
    expect(
      plan
        .slice(0, 2)
        .map((p) => p.col)
        .sort(),
    ).toEqual([7, 8]);
    const far = plan.slice(2).map((p) => (p.col - 7.5) ** 2 + (p.row - 3) ** 2);
    expect(far).toEqual([...far].sort((a, b) => a - b));
  });

  it('follows the brush: painted tissue is planned, erased tissue is not', () => {
    const mask = emptyMask(80, 64);
    const view = { x: 0, y: 0, w: SIDE, h: SIDE };
    expect(planSlide(mask, SIDE, view)).toEqual([]);
    paintMask(mask, 2.5 * SIDE, 1.5 * SIDE, SIDE / 2, TISSUE);
    expect(planSlide(mask, SIDE, view)).toEqual([{ col: 2, row: 1 }]);
    expect(tissueIn(mask, { col: 2, row: 1 })).toBeGreaterThan(0.7);
    const area = tissueArea(mask, 0.25);
    expect(Math.abs(area / (Math.PI * (SIDE / 8) ** 2) - 1)).toBeLessThan(0.1);
    paintMask(mask, 2.5 * SIDE, 1.5 * SIDE, SIDE, GLASS);
    expect(planSlide(mask, SIDE, view)).toEqual([]);
  });

  it('is cut to an area: only tissue inside of it is planned, and no glass becomes tissue', () => {
    const mask = emptyMask(32, 32);
    mask.kinds.fill(TISSUE);
    mask.kinds[9 * 32 + 9] = GLASS;
    cutMask(mask, (x, y) => x >= SIDE && x < 2 * SIDE && y >= SIDE && y < 2 * SIDE);
    expect(planSlide(mask, SIDE, { x: 0, y: 0, w: 1, h: 1 })).toEqual([{ col: 1, row: 1 }]);
    expect(mask.kinds.filter((kind) => kind === TISSUE)).toHaveLength(63);
  });
});

describe('on slides', () => {
  it('finds the tissue of the drawn slide, and its fields are in focus', async () => {
    const slide = createSyntheticSlide(DEFAULT_SYNTHETIC);
    const mask = await findTissue(slide, SIDE);
    const share = mask.kinds.reduce((sum, k) => sum + (k === TISSUE ? 1 : 0), 0);
    expect(share / mask.kinds.length).toBeGreaterThan(0.1);
    expect(share / mask.kinds.length).toBeLessThan(0.8);
    expect(mask.kinds.includes(PEN)).toBe(false);
    // A part of it is found as the whole is, and the rest is called glass.
    const within = { x: 52 * SIDE, y: 61 * SIDE, w: 2 * SIDE, h: SIDE };
    const part = await findTissue(slide, SIDE, within);
    for (const col of [51, 52, 53, 54]) {
      const place = { col, row: 61 };
      const inside = col === 52 || col === 53;
      expect(tissueIn(part, place)).toBe(inside ? tissueIn(mask, place) : 0);
    }
    for (const place of [
      { col: 52, row: 61 },
      { col: 56, row: 64 },
    ]) {
      expect(tissueIn(mask, place)).toBeGreaterThan(0.3);
      const image = await readRegion(slide, fieldRect(place, SIDE), 224, 224);
      expect(sharpness(image, 0.5)).toBeGreaterThan(MIN_SHARPNESS);
      expect(sharpness(await blurred(image), 0.5)).toBeLessThan(MIN_SHARPNESS);
    }
  }, 60_000);

  const lung = dataFile('slides/lung-squamous-gt450.szi');
  it.skipIf(!lung)(
    'agrees with a closer look at a real slide',
    async () => {
      const file = new File([await openAsBlob(lung ?? '')], 'lung.szi');
      const source = { kind: 'file', file, facts: { mpp: 0.263018 } } as const;
      const slide = await openSlide(source, { decode: sharpDecoder });
      const side = 112 / 0.263018;
      const mask = await findTissue(slide, side);
      const plan = planSlide(mask, side, { x: 9000, y: 7000, w: 800, h: 600 });
      expect(plan.length).toBeGreaterThan(200);
      let sharp = 0;
      const looked = plan.filter((_, i) => i % 40 === 0);
      for (const place of looked) {
        const image = await readRegion(slide, fieldRect(place, side), 224, 224);
        if (sharpness(image, 0.5) >= MIN_SHARPNESS) sharp++;
        expect(Math.abs(tissueShare(image) - tissueIn(mask, place))).toBeLessThan(0.45);
      }
      expect(sharp).toBe(looked.length);
    },
    60_000,
  );
});

/** Gaussian blur of 2 um at 0.5 um/px. */
async function blurred(image: RgbaImage): Promise<RgbaImage> {
  const { default: sharp } = await import('sharp');
  const { width, height, data } = image;
  const raw = await sharp(data, { raw: { width, height, channels: 4 } })
    .blur(4)
    .raw()
    .toBuffer();
  return { width, height, data: new Uint8ClampedArray(raw) };
}
