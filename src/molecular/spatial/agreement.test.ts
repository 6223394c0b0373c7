import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agreementOf, fromMean } from './agreement.ts';

/** A lattice of 200 um. */
const lattice = (side: number) => {
  const at = Array.from({ length: side * side }, (_, i) => i);
  return {
    x: at.map((i) => (i % side) * 200),
    y: at.map((i) => Math.floor(i / side) * 200),
  };
};

describe('agreement of measured and predicted', () => {
  it('is Spearman over spots, with blocks of 800 um', () => {
    const um = lattice(12);
    const measured = um.x.map((x, i) => x + (i % 7) * 100);
    const said = agreementOf(
      measured,
      measured.map((v) => v ** 3),
      um.y,
      um,
    );
    expect(said).toMatchObject({ rho: 1, spots: 144, blocks: 9 });
    expect(said.interval?.every((v) => Math.abs(v - 1) < 1e-9)).toBe(true);
    // 4 and 5 tie: ranks 1, 2.5, 2.5, 4 against 4, 3, 1, 2.
    const small = agreementOf([1, 5, 5, 9], [8, 7, 1, 2], [1, 2, 3, 4], lattice(2));
    expect(small.rho).toBeCloseTo(-0.632455532, 8);
    expect(small.interval).toBeNull();
  });

  it('says nothing where one side is constant', () => {
    expect(agreementOf([1, 1, 1, 1], [1, 2, 3, 4], [4, 1, 2, 3], lattice(2)).rho).toBeNull();
  });

  it('does not change with any increasing map, and its interval holds its value', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: -50, max: 50 })), {
          minLength: 144,
          maxLength: 144,
        }),
        (pairs) => {
          const um = lattice(12);
          const [a, b] = [pairs.map(([p]) => p), pairs.map(([, q]) => q)];
          const one = agreementOf(a, b, um.x, um);
          const other = agreementOf(
            a.map((v) => Math.exp(v / 10)),
            fromMean(b, 3),
            um.x,
            um,
          );
          expect(other.rho).toBeCloseTo(one.rho ?? 0, 9);
          expect(one.interval?.[0]).toBeLessThanOrEqual(one.interval?.[1] ?? 1);
        },
      ),
      { numRuns: 5 },
    );
  });

  it('is nothing given depth where both only follow it', () => {
    const um = lattice(12);
    const depth = um.x.map((x, i) => x + ((i * 37) % 101) * 5);
    const noise = (step: number) => depth.map((d, i) => d + ((i * step) % 97) * 8);
    const said = agreementOf(noise(31), noise(53), depth, um);
    expect(said.rho).toBeGreaterThan(0.8);
    expect(Math.abs(said.givenDepth.rho ?? 1)).toBeLessThan(0.3);
  });

  it('takes values from their mean', () => {
    expect([...fromMean([1, 2, 3], 2)]).toEqual([-2, 0, 2]);
  });
});
