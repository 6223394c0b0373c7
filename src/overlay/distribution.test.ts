import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bin, Distribution, RANK_BINS } from './distribution.ts';

const STEP = 2 ** (1 / 64);

function of(values: readonly number[]): Distribution {
  const distribution = new Distribution();
  for (const value of values) distribution.add(value);
  return distribution;
}

describe('distribution', () => {
  test('quantiles agree with sorting to 1.1 %', () => {
    const positive = fc.double({ min: 1e-9, max: 1e3, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(positive, { minLength: 1 }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (values, q) => {
          const sorted = values.toSorted((a, b) => a - b);
          const exact = sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)];
          const got = of(values).quantile(q);
          expect(got / exact).toBeLessThan(STEP * 1.0001);
          expect(got / exact).toBeGreaterThan(1 / STEP / 1.0001);
        },
      ),
    );
  });

  test('ranks grow with the value, and equal values share the middle rank', () => {
    const ranks = of([1, 1, 2, 4]).ranks();
    expect([1, 2, 4].map((v) => ranks[bin(v)])).toEqual([0.25, 0.625, 0.875]);
  });

  test('zero, negative, NaN and huge values have a bin', () => {
    expect([0, -1, Number.NaN].map(bin)).toEqual([0, 0, 0]);
    expect(bin(Number.MIN_VALUE)).toBe(0);
    expect(bin(Infinity)).toBe(RANK_BINS - 1);
    expect(of([0, 0, 0]).quantile(0.99)).toBe(0);
    expect(new Distribution().quantile(0.5)).toBe(0);
  });

  test('what is taken out was never there', () => {
    const distribution = of([1, 8, 0.25]);
    distribution.removeBin(bin(8));
    expect(distribution.size).toBe(2);
    expect(distribution.ranks()).toEqual(of([1, 0.25]).ranks());
  });
});
