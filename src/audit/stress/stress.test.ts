import { describe, expect, it } from 'vitest';
import { apply, IDENTITY } from '../../core/affine.ts';
import { mulberry32 } from '../../core/random.ts';
import type { RgbaImage } from '../../slide/slide.ts';
import { blur, brighten, scaleStains } from './pixels.ts';
import { resample } from './resample.ts';
import { fieldView, variantsOf } from './variants.ts';

/** Smooth coloured noise, so that a wrong turn or shift shows. */
function tissue(size: number): RgbaImage {
  const random = mulberry32(8);
  const waves = Array.from({ length: 12 }, () => [random() * 0.4, random() * 0.4, random() * 6]);
  const data = new Uint8ClampedArray(4 * size * size);
  for (let y = 0, at = 0; y < size; y++) {
    for (let x = 0; x < size; x++, at += 4) {
      [0, 1, 2].forEach((c) => {
        const sum = waves
          .slice(4 * c, 4 * c + 4)
          .reduce((s, [u, v, p]) => s + Math.sin(u * x + v * y + p), 0);
        data[at + c] = 150 + 20 * sum;
      });
      data[at + 3] = 255;
    }
  }
  return { width: size, height: size, data };
}

const PX = 32;
const view = fieldView(tissue(2 * PX));
const jpeg = async () => null;
const picture = async (id: string) => {
  const variant = variantsOf(PX).find((v) => v.id === id);
  const made = await variant?.picture(view, jpeg);
  if (!variant || !made) throw new Error(id);
  return { variant, made };
};
const pixel = ({ width, data }: RgbaImage, x: number, y: number) => [
  ...data.subarray(4 * (y * width + x), 4 * (y * width + x) + 3),
];
const difference = (a: RgbaImage, b: RgbaImage) =>
  a.data.reduce((most, v, i) => Math.max(most, Math.abs(v - b.data[i])), 0);

describe('variants', () => {
  it('begin with the field as it is', async () => {
    const { made } = await picture('rotation-0');
    expect(difference(made, view.field)).toBe(0);
    expect(pixel(view.field, 0, 0)).toEqual(pixel(view.window, PX / 2, PX / 2));
  });

  it('quarter turns and mirrors move pixels and change none', async () => {
    for (const id of ['rotation-90', 'rotation-180', 'rotation-270', 'mirror-x', 'mirror-y']) {
      const { variant, made } = await picture(id);
      for (const [x, y] of [
        [3, 5],
        [20, 30],
        [31, 0],
      ]) {
        const to = apply(variant.place, x + 0.5, y + 0.5);
        expect(pixel(made, Math.floor(to.x), Math.floor(to.y)), id).toEqual(
          pixel(view.field, x, y),
        );
      }
    }
  });

  it('a turn has tissue in its corners, from beyond the field, and turns back', async () => {
    const { variant, made } = await picture('rotation-45');
    // The corner of the turned picture shows what lies at this place of the window.
    const at = PX / 2 - (PX / 2) * Math.SQRT2 + 0.7;
    expect(at).toBeLessThan(0);
    expect(pixel(made, 0, 0)).not.toEqual([255, 255, 255]);
    const middle = apply(variant.place, PX / 2, PX / 2);
    expect(middle.x).toBeCloseTo(PX / 2, 9);
    const back = resample(made, PX, variant.place);
    for (let y = 12; y < 20; y++) {
      for (let x = 12; x < 20; x++) {
        pixel(back, x, y).forEach((v, c) => {
          expect(Math.abs(v - pixel(view.field, x, y)[c])).toBeLessThan(4);
        });
      }
    }
  });

  it('a shift shows what lies beside', async () => {
    const { made } = await picture('position-8,8');
    expect(pixel(made, 20, 20)).toEqual(pixel(view.field, 12, 12));
  });

  it('have names of their own, 24 angles, and say when they cannot be made', async () => {
    const all = variantsOf(PX);
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    expect(all.filter(({ family }) => family === 'rotation')).toHaveLength(24);
    const compressed = all.filter(({ family }) => family === 'compression');
    for (const variant of compressed) expect(await variant.picture(view, jpeg)).toBeNull();
  });
});

describe('changes in place', () => {
  it('stains as they were are no change, more of them is darker', () => {
    const same = scaleStains(view.field, 1, 1);
    expect(difference(same, view.field)).toBeLessThanOrEqual(1);
    const more = scaleStains(view.field, 1.25, 1);
    const mean = (image: RgbaImage) =>
      image.data.reduce((s, v, i) => s + (i % 4 < 3 ? v : 0), 0) / (image.data.length * 0.75);
    expect(mean(more)).toBeLessThan(mean(view.field));
  });

  it('light and blur', () => {
    expect(pixel(brighten(view.field, 0.5), 4, 4)[0]).toBeCloseTo(
      pixel(view.field, 4, 4)[0] / 2,
      -1,
    );
    const flat = { width: 8, height: 6, data: new Uint8ClampedArray(4 * 48).fill(120) };
    expect(blur(flat, 2).data[40]).toBe(120);
    const spot = { width: 9, height: 5, data: new Uint8ClampedArray(4 * 45) };
    spot.data[4 * (2 * 9 + 6)] = 200;
    const soft = blur(spot, 1);
    expect(soft.width).toBe(9);
    expect(pixel(soft, 6, 2)[0]).toBeLessThan(60);
    expect(pixel(soft, 6, 2)[0]).toBeGreaterThan(pixel(soft, 5, 2)[0]);
    expect(pixel(soft, 5, 2)[0]).toBe(pixel(soft, 7, 2)[0]);
  });

  it('resampling where nothing moves is exact', () => {
    expect(difference(resample(view.field, PX, IDENTITY), view.field)).toBe(0);
  });
});
