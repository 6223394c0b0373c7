import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RgbaImage } from '../slide/slide.ts';
import { weakened, weakening } from './strong-stain.ts';

const [SIDE, MARGIN, MPP] = [256, 32, 0.25];
/** What CoNSeP's darkest quarter has, as the shipped manifest says. */
const STRONGEST = 0.6;
/** Optical density in red, green, blue of haematoxylin and of eosin, at 1. */
const NUCLEUS = [0.65, 0.7, 0.29];
const GROUND = [0.07, 0.6, 0.11];

/** Nuclei 10 um wide on a pink ground, `strength` times a plain stain. */
function field(strength: number, nuclei = true): RgbaImage {
  const data = new Uint8ClampedArray(SIDE * SIDE * 4);
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const inside = nuclei && Math.hypot((x % 64) - 32, (y % 64) - 32) < 20;
      const density = inside ? NUCLEUS : GROUND;
      const at = 4 * (y * SIDE + x);
      for (let c = 0; c < 3; c++) data[at + c] = 255 * Math.exp(-strength * density[c]);
      data[at + 3] = 255;
    }
  }
  return { width: SIDE, height: SIDE, data };
}

/** Without a message that lists a million bytes. */
const same = ({ data }: RgbaImage, bytes: Uint8ClampedArray) =>
  data.every((value, at) => value === bytes[at]);

const factorOf = (image: RgbaImage) => weakening(image, MARGIN, MPP, STRONGEST);

describe('strong stain', () => {
  it('is brought down to the strongest that is known, and what is paler stays', () => {
    expect(factorOf(field(0.8))).toBe(1);
    expect(factorOf(field(2))).toBeCloseTo(STRONGEST / (2 * NUCLEUS[0]), 1);
    expect(factorOf(weakened(field(2), factorOf(field(2))))).toBeGreaterThan(0.97);
  });

  it('says nothing of glass, of fields without nuclei, and of brown', () => {
    expect(factorOf(field(0))).toBe(1);
    expect(factorOf(field(1, false))).toBe(1);
    const brown = field(2);
    for (let at = 0; at < brown.data.length; at += 4) brown.data[at + 2] = 20;
    expect(factorOf(brown)).toBe(1);
  });

  it('never makes a field darker, keeps the order of bytes, and leaves its input alone', () => {
    const image = field(2);
    const before = image.data.slice();
    fc.assert(
      fc.property(fc.double({ min: 0.2, max: 1, noNaN: true }), (factor) => {
        const paler = weakened(image, factor).data;
        const darker = paler.some((value, at) => value < image.data[at]);
        expect(darker).toBe(false);
      }),
    );
    expect(same(image, before)).toBe(true);
    expect(weakened(image, 1)).toBe(image);
  });
});

/** Written by Python; `about` says how the pictures are drawn. */
interface Example {
  marginPx: number;
  strongest: number;
  colours: number[][];
  cases: { name: string; rows: string[]; k: number; levels: number[] | null }[];
}

describe('the example that training/nuclei follows too', () => {
  const path = new URL('testing/strong-stain.json', import.meta.url);
  const example: Example = JSON.parse(readFileSync(path, 'utf8'));

  it('is at the strength that the shipped segmenter names', () => {
    const manifest = new URL('../../models/nuclei-star-2/manifest.json', import.meta.url);
    const { segmenter } = JSON.parse(readFileSync(manifest, 'utf8'));
    expect(segmenter.strongestStain).toBe(example.strongest);
  });

  it.each(example.cases)('$name', ({ rows, k, levels }) => {
    const side = 8 * rows.length;
    const data = new Uint8ClampedArray(side * side * 4).fill(255);
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        const colour = example.colours[Number(rows[y >> 3][x >> 3])];
        for (let c = 0; c < 3; c++) {
          data[4 * (y * side + x) + c] = colour[c] + ((x * y + x + c) % 7) - 3;
        }
      }
    }
    const image = { width: side, height: side, data };
    const factor = weakening(image, example.marginPx, MPP, example.strongest);
    expect(factor).toBeCloseTo(k, 9);
    const expected = data.map((value, at) => (at % 4 === 3 || !levels ? value : levels[value]));
    expect(same(weakened(image, factor), expected)).toBe(true);
  });
});
