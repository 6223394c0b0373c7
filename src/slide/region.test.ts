import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cacheOf, TileCache } from './cache.ts';
import { levelFor, readRegion } from './region.ts';
import type { RgbaImage } from './slide.ts';
import { formulaSlide } from './testing/fake.ts';

const grey = (image: RgbaImage, x: number, y: number) => image.data[(y * image.width + x) * 4];

describe('readRegion', () => {
  it('returns the very pixels at level 0, across tile borders', async () => {
    const slide = formulaSlide(300, 200, (x, y) => (x * 7 + y * 13) % 251);
    const image = await readRegion(slide, { x: 37, y: 21, w: 180, h: 140 }, 180, 140);
    for (let y = 0; y < 140; y += 3) {
      for (let x = 0; x < 180; x += 7) {
        const value = ((x + 37.5) * 7 + (y + 21.5) * 13) % 251;
        expect(Math.abs(grey(image, x, y) - value)).toBeLessThanOrEqual(0.51);
      }
    }
  });

  it('loads no tile that it does not need', async () => {
    const slide = formulaSlide(256, 256, () => 9);
    await readRegion(slide, { x: 64, y: 64, w: 64, h: 64 }, 64, 64);
    await readRegion(slide, { x: 64, y: 64, w: 64, h: 64 }, 32, 32);
    expect(slide.calls).toEqual(['0/1_1']);
  });

  // A steep ramp: 28 grey levels a px, so that rounding to bytes hides no more than 0.018 px.
  it.each([
    [1, 0.5, 'half a pixel off'],
    [1, 0.31, 'a fraction of a pixel off'],
    [0.5, 0, 'enlarged twice'],
    [0.95, 0.2, 'enlarged a little'],
    [1.05, 0.2, 'shrunk a little'],
    [1.9, 0.3, 'shrunk, cutting pixels'],
    [1.5, 0.9, 'shrunk, cutting pixels in half'],
    [2, 0, 'shrunk twice'],
  ])('keeps a ramp in place at step %f, offset %f (%s)', async (step, offset) => {
    const slide = formulaSlide(130, 32, (x) => 28 * (x - 99.5), { tile: 52 });
    const size = Math.floor(20 / step);
    const rect = { x: 94 + offset, y: 4, w: size * step, h: 3 * step };
    const image = await readRegion(slide, rect, size, 3);
    let checked = 0;
    for (let x = 0; x < size; x++) {
      const exact = rect.x + (x + 0.5) * step;
      if (exact < 101.5 || exact > 106.5) continue;
      checked++;
      expect(Math.abs(grey(image, x, 1) / 28 + 99.5 - exact)).toBeLessThan(0.02);
    }
    expect(checked).toBeGreaterThanOrEqual(2);
  });

  it('agrees over levels whose sides are rounded up', async () => {
    const slide = formulaSlide(331, 333, (x) => x * 0.7, { levels: 3 });
    for (const scale of [1, 2, 4, 3, 6.3]) {
      const size = Math.floor(300 / scale);
      const image = await readRegion(slide, { x: 5, y: 5, w: size * scale, h: 8 }, size, 3);
      for (let x = 1; x < size - 1; x++) {
        const exact = (5 + (x + 0.5) * scale) * 0.7;
        expect(Math.abs(grey(image, x, 1) - exact)).toBeLessThanOrEqual(1.01);
      }
    }
  });

  it('reads the coarsest level that is fine enough', () => {
    const { levels } = formulaSlide(1000, 1000, () => 0, { levels: 4 }).info;
    expect([0.5, 1, 1.99, 1.9999, 2, 3.9, 8, 100].map((s) => levelFor(levels, s))).toEqual([
      0, 0, 0, 1, 1, 1, 3, 3,
    ]);
  });

  it('is white and opaque outside of the slide', async () => {
    const slide = formulaSlide(64, 64, () => 10);
    const image = await readRegion(slide, { x: -32, y: -32, w: 128, h: 128 }, 128, 128);
    expect([grey(image, 31, 64), grey(image, 32, 64)]).toEqual([255, 10]);
    expect([grey(image, 95, 64), grey(image, 96, 64)]).toEqual([10, 255]);
    const far = await readRegion(slide, { x: 900, y: 900, w: 10, h: 10 }, 5, 5);
    expect(new Set(far.data)).toEqual(new Set([255]));
  });

  it('keeps the mean of any region (weights sum to 1)', async () => {
    const slide = formulaSlide(256, 256, () => 123, { levels: 2 });
    const position = fc.double({ min: 1, max: 100, noNaN: true });
    const size = fc.integer({ min: 1, max: 90 });
    await fc.assert(
      fc.asyncProperty(position, position, size, size, size, async (x, y, side, w, h) => {
        const image = await readRegion(slide, { x, y, w: side, h: side }, w, h);
        expect(new Set(image.data)).toEqual(new Set([123, 255]));
      }),
      { numRuns: 60 },
    );
  });

  it('makes large regions in bands that fit together', async () => {
    const slide = formulaSlide(6000, 3000, (x, y) => (x + y) % 256, { tile: 512 });
    const image = await readRegion(slide, { x: 0, y: 0, w: 6000, h: 3000 }, 2000, 1000);
    for (const y of [0, 300, 465, 466, 700, 999]) {
      expect(grey(image, 10, y)).toBe(Math.round((31.5 + y * 3 + 1.5) % 256));
    }
  });

  it('refuses nonsense and the enormous, and can be cancelled', async () => {
    const slide = formulaSlide(64, 64, () => 0);
    const whole = { x: 0, y: 0, w: 64, h: 64 };
    await expect(readRegion(slide, whole, 0, 5)).rejects.toMatchObject({ tag: 'internal' });
    await expect(readRegion(slide, { ...whole, w: Number.NaN }, 5, 5)).rejects.toThrow();
    await expect(readRegion(slide, whole, 20000, 20000)).rejects.toMatchObject({
      tag: 'too-large',
    });
    const abort = new AbortController();
    const pending = readRegion(slide, whole, 64, 64, abort.signal);
    abort.abort();
    await expect(pending).rejects.toMatchObject({ tag: 'cancelled' });
  });
});

describe('TileCache', () => {
  it('shares one load between readers, and one giving up does not stop the other', async () => {
    const slide = formulaSlide(64, 64, () => 5);
    const abort = new AbortController();
    const cache = cacheOf(slide);
    const first = cache.get(0, 0, 0, abort.signal);
    const second = cache.get(0, 0, 0);
    abort.abort();
    await expect(first).rejects.toMatchObject({ tag: 'cancelled' });
    expect((await second).data[0]).toBe(5);
    expect(slide.calls).toHaveLength(1);
    expect(cacheOf(slide)).toBe(cache);
  });

  it('stays within its budget and forgets the least recently used', async () => {
    const slide = formulaSlide(64 * 4, 64, () => 5);
    const tile = 64 * 64 * 4;
    const cache = new TileCache(slide, 2 * tile);
    for (const col of [0, 1, 0, 2]) await cache.get(0, col, 0);
    expect(cache.bytes).toBe(2 * tile);
    expect(cache.peek(0, 0, 0)).not.toBeNull();
    expect(cache.peek(0, 1, 0)).toBeNull();
    cache.clear();
    expect(cache.bytes).toBe(0);
  });
});
