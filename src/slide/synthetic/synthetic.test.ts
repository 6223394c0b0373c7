import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isCytolensError } from '../../core/errors.ts';
import type { RgbaImage, TruthSlide } from '../slide.ts';
import { createSyntheticSlide } from './synthetic.ts';
import { draw, openDefault, PLACES, type Place, SLOW } from './testing/places.ts';

const sha = (image: RgbaImage) => createHash('sha256').update(image.data).digest('hex');

describe('drawn slide', { timeout: SLOW }, () => {
  it('says what it is', () => {
    const { info } = openDefault();
    expect(info.id).toBe('synthetic-7-60000x45000-1');
    expect([info.mpp, info.objective, info.stain]).toEqual([0.25, 40, 'H&E']);
    expect(info.levels.map((l) => l.downsample)).toEqual([1, 2, 4, 8, 16, 32, 64, 128]);
    expect(info.levels.at(-1)).toMatchObject({ width: 469, height: 352 });
  });

  it('cuts the tiles at the right and lower edge', async () => {
    const slide = createSyntheticSlide({ seed: 1, width: 700, height: 900 });
    const corner = await draw(slide, 0, 1, 1);
    expect([corner.width, corner.height]).toEqual([188, 388]);
    expect(corner.data.length).toBe(188 * 388 * 4);
  });

  it('refuses tiles off the slide, sizes out of range and aborted requests', async () => {
    const slide = openDefault();
    const tag = (expected: string) => (e: unknown) => isCytolensError(e) && e.tag === expected;
    await expect(slide.tile(0, 118, 0)).rejects.toSatisfy(tag('not-found'));
    await expect(slide.tile(8, 0, 0)).rejects.toSatisfy(tag('not-found'));
    await expect(slide.tile(0, 0, 0, AbortSignal.abort())).rejects.toSatisfy(tag('cancelled'));
    expect(() => createSyntheticSlide({ seed: 1, width: 200_001, height: 9 })).toThrow();
  });

  it('draws the same tile whatever was drawn before it', async () => {
    const [a, b] = [openDefault(), openDefault()];
    const places = [PLACES.crypts, PLACES.glands, PLACES.necrosis];
    const first = new Map<string, string>();
    for (const [c, r] of places) first.set(`${c},${r}`, sha(await draw(a, 0, c, r)));
    for (const [c, r] of places.reverse()) {
      await draw(b, 3, c >> 3, r >> 3);
      expect(sha(await draw(b, 0, c, r))).toBe(first.get(`${c},${r}`));
    }
  });

  it('keeps its pixels: a change of them must raise GENERATOR_VERSION', async () => {
    const slide = openDefault();
    // Mean colour, not a hash: engines may differ in the last bit of a cosine.
    for (const [place, colour] of STORED) {
      const [col, row] = PLACES[place];
      const mean = meanColour(await draw(slide, 0, col, row));
      for (let c = 0; c < 3; c++) expect(mean[c]).toBeCloseTo(colour[c], 1);
    }
  });

  it('has no seams', async () => {
    const slide = openDefault();
    for (const level of [0, 2, 4, 6]) {
      const [c, r] = [(20 << 1) >> level, (18 << 1) >> level];
      const [left, right] = [await draw(slide, level, c, r), await draw(slide, level, c + 1, r)];
      const step = (x: number, y: number) => {
        const at = (i: number) => {
          const image = i < 512 ? left : right;
          return image.data[(y * image.width + (i % 512)) * 4 + 1];
        };
        return Math.abs(at(x) - at(x + 1));
      };
      let [across, within, n] = [0, 0, 0];
      for (let y = 0; y < left.height; y++) {
        across += step(511, y);
        within += (step(509, y) + step(510, y) + step(512, y) + step(513, y)) / 4;
        n++;
      }
      expect(across / n).toBeLessThan(1.35 * (within / n) + 1);
    }
  });
});

/** Mean red, green, blue of each place, for the test above. */
const STORED: [Place, [number, number, number]][] = [
  ['glands', [195.54, 155.83, 203.08]],
  ['stroma', [212.89, 178.35, 214.56]],
];

function meanColour({ data }: RgbaImage): number[] {
  const sum = [0, 0, 0];
  for (let i = 0; i < data.length; i += 4) for (let c = 0; c < 3; c++) sum[c] += data[i + c];
  return sum.map((s) => s / (data.length / 4));
}

/** Mean absolute and mean signed difference (grey levels) of `level + 3` to averages of `level`. */
async function against(slide: TruthSlide, level: number, col: number, row: number) {
  const fine = await draw(slide, level, col, row);
  const coarse = await draw(slide, level + 3, col >> 3, row >> 3);
  const [ox, oy] = [(col % 8) * 64, (row % 8) * 64];
  let [apart, shift, n] = [0, 0, 0];
  for (let j = 0; j < fine.height >> 3 && oy + j < coarse.height; j++) {
    for (let i = 0; i < fine.width >> 3 && ox + i < coarse.width; i++) {
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (let k = 0; k < 64; k++) {
          const at = (j * 8 + (k >> 3)) * fine.width + i * 8 + (k & 7);
          sum += fine.data[at * 4 + c];
        }
        const d = coarse.data[((oy + j) * coarse.width + ox + i) * 4 + c] - sum / 64;
        apart += Math.abs(d);
        shift += d;
        n++;
      }
    }
  }
  return { apart: apart / n, shift: shift / n };
}

describe('coarse levels', { timeout: SLOW }, () => {
  it('agree on a slide so large that its coarsest levels show regions alone', async () => {
    const slide = createSyntheticSlide({ seed: 7, width: 120_000, height: 90_000 });
    expect(slide.info.levels).toHaveLength(9);
    const { apart, shift } = await against(slide, 5, 1, 1);
    expect(apart).toBeLessThan(10);
    expect(Math.abs(shift)).toBeLessThan(4);
  });

  // Below level 5 nuclei are a tint: the means must agree, single nuclei cannot.
  const LIMITS = [6, 8, 12, 10, 10];
  for (const [place, [col, row]] of Object.entries(PLACES)) {
    it(`agree with the fine ones: ${place}`, async () => {
      const slide = openDefault();
      for (let level = 0; level < LIMITS.length; level++) {
        const { apart, shift } = await against(slide, level, col >> level, row >> level);
        expect(apart, `level ${level} mean difference`).toBeLessThan(LIMITS[level]);
        expect(Math.abs(shift), `level ${level} shift`).toBeLessThan(5);
      }
    });
  }
});
