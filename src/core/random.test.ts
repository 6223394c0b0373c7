import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { meanInterval, mulberry32, shuffle } from './random.ts';

describe('seeded chance', () => {
  it('repeats itself for a seed and differs between seeds', () => {
    const draw = (seed: number) => Array.from({ length: 5 }, mulberry32(seed));
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
    expect(draw(3).every((v) => v >= 0 && v < 1)).toBe(true);
  });

  it('shuffles a range, keeps its entries and leaves the rest', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 2 }), fc.integer(), (list, seed) => {
        const from = list.length >> 2;
        const to = list.length - (list.length >> 2);
        const mixed = [...list];
        shuffle(mixed, mulberry32(seed), from, to);
        expect(mixed.slice(0, from)).toEqual(list.slice(0, from));
        expect(mixed.slice(to)).toEqual(list.slice(to));
        const sorted = (some: number[]) => some.toSorted((a, b) => a - b);
        expect(sorted(mixed)).toEqual(sorted(list));
      }),
    );
  });

  it('puts every entry in every place equally often', () => {
    const random = mulberry32(7);
    const seen = [0, 0, 0];
    for (let i = 0; i < 3000; i++) {
      const list = [0, 1, 2];
      shuffle(list, random);
      seen[list.indexOf(0)]++;
    }
    for (const count of seen) expect(count / 3000).toBeCloseTo(1 / 3, 1);
  });

  it('gives an interval that holds the mean and narrows with more values', () => {
    const random = mulberry32(3);
    const wide = meanInterval(Array.from({ length: 10 }, random)) ?? [1, 0];
    const narrow = meanInterval(Array.from({ length: 1000 }, random)) ?? [1, 0];
    expect(narrow[0]).toBeLessThan(0.5);
    expect(narrow[1]).toBeGreaterThan(0.5);
    expect(narrow[1] - narrow[0]).toBeLessThan(wide[1] - wide[0]);
    expect(meanInterval([1, 2, 3, 4])).toBeNull();
    expect(meanInterval([2, 2, 2, 2, 2])).toEqual([2, 2]);
  });
});
