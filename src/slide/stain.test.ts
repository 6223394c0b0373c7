import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mulberry32 } from '../core/random.ts';
import type { RgbaImage } from './slide.ts';
import {
  dot,
  estimateStains,
  RUIFROK_HDAB,
  RUIFROK_HE,
  restain,
  type StainVectors,
  stainLook,
  unit,
  unmixing,
  type Vector,
} from './stain.ts';

const degrees = (a: Vector, b: Vector) =>
  (Math.acos(Math.min(1, dot(unit(a), unit(b)))) * 180) / Math.PI;

/** A field of glass, pure stains and mixtures, as a camera of 8 bits sees it. */
function mixture(stains: StainVectors, seed: number, side = 160): RgbaImage {
  const random = mulberry32(seed);
  const data = new Uint8ClampedArray(side * side * 4);
  for (let i = 0; i < data.length; i += 4) {
    const kind = random();
    const h = kind < 0.35 ? 0.3 + random() : kind < 0.6 ? 0 : 1.2 * random();
    const o = kind < 0.35 ? 0 : kind < 0.6 ? 0.3 + random() : 1.2 * random();
    const glass = kind > 0.9 ? 0 : 1;
    for (let c = 0; c < 3; c++) {
      const density = glass * (h * stains.haematoxylin[c] + o * stains.other[c]);
      data[i + c] = Math.round(255 * Math.exp(-density));
    }
    data[i + 3] = 255;
  }
  return { width: side, height: side, data };
}

describe('stain vectors of a slide', () => {
  it.each([
    ['H&E', RUIFROK_HE],
    ['H and DAB', RUIFROK_HDAB],
    [
      'a scanner of its own',
      { haematoxylin: unit([0.55, 0.75, 0.35]), other: unit([0.2, 0.9, 0.4]) },
    ],
  ])('are found again in a mixture of %s, within a degree', (_, stains) => {
    const found = estimateStains(mixture(stains, 5));
    expect(found).not.toBeNull();
    if (!found) return;
    expect(degrees(found.haematoxylin, stains.haematoxylin)).toBeLessThan(1);
    expect(degrees(found.other, stains.other)).toBeLessThan(1);
  });

  it('are not made up on glass, or from a single stain', () => {
    const glass = new Uint8ClampedArray(4 * 160 * 160).fill(250);
    expect(estimateStains({ width: 160, height: 160, data: glass })).toBeNull();
    const one = { haematoxylin: RUIFROK_HE.haematoxylin, other: RUIFROK_HE.haematoxylin };
    expect(estimateStains(mixture(one, 2))).toBeNull();
  });

  it('take a mixture apart into the amounts it was made of', () => {
    const amount = fc.double({ min: 0, max: 3, noNaN: true });
    fc.assert(
      fc.property(amount, amount, fc.constantFrom(RUIFROK_HE, RUIFROK_HDAB), (h, o, stains) => {
        const at = (c: number) => h * stains.haematoxylin[c] + o * stains.other[c];
        const [first, second, rest] = unmixing(stains).map((row) =>
          dot(row, [at(0), at(1), at(2)]),
        );
        expect(first).toBeCloseTo(h, 6);
        expect(second).toBeCloseTo(o, 6);
        expect(rest).toBeCloseTo(0, 6);
      }),
    );
  });

  it('given to another picture, are found in it', () => {
    const other = { haematoxylin: unit([0.55, 0.75, 0.35]), other: unit([0.2, 0.9, 0.4]) };
    const [image, goal] = [stainLook(mixture(RUIFROK_HE, 5)), stainLook(mixture(other, 7))];
    if (!image || !goal) throw new Error('no look');
    const after = stainLook(restain(mixture(RUIFROK_HE, 5), image, goal));
    expect(degrees(after?.stains.haematoxylin ?? [0, 0, 1], other.haematoxylin)).toBeLessThan(2);
    expect(degrees(after?.stains.other ?? [0, 0, 1], other.other)).toBeLessThan(2);
    expect(after?.strength[0]).toBeCloseTo(goal.strength[0], 1);
    expect(after?.strength[1]).toBeCloseTo(goal.strength[1], 1);
  });
});
