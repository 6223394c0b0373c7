import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { effectiveNeighbours, softKnn, weightedMean, weightedSpread } from './soft-knn.ts';

const R = Float32Array.from([0.6, 0.8, 1, 0, 0, 1, -1, 0]);
const Y = Float64Array.from([2, -1, 1, -2]);
const golden = (tau: number, k: number) => softKnn(Float32Array.from([0.6, 0.8]), R, 2, { k, tau });

describe('softKnn', () => {
  it.each([
    [0.5, 4, 0.990305],
    [0.5, 2, 1.598688],
    [0.07, 4, 1.936527],
  ])('has the golden value of the methods sheet for tau %d, k %d', (tau, k, value) => {
    expect(weightedMean(golden(tau, k), Y)[0]).toBeCloseTo(value, 5);
  });

  it('tells how many neighbours the golden answer rests on', () => {
    expect(effectiveNeighbours(golden(0.5, 4))[0]).toBeCloseTo(3.0684, 4);
  });

  it('brings the most similar first and takes all of a library smaller than k', () => {
    const { k, index, similarity } = golden(0.5, 9);
    expect(k).toBe(4);
    expect([...index]).toEqual([0, 2, 1, 3]);
    expect(similarity[0]).toBeCloseTo(1, 6);
    expect(similarity[3]).toBeCloseTo(-0.6, 6);
  });

  it('refuses a library of another width', () => {
    expect(() => softKnn(new Float32Array(2), new Float32Array(3), 2, { k: 1, tau: 1 })).toThrow(
      /does not fit/,
    );
  });

  const number = fc.float({ min: -1, max: 1, noNaN: true });
  it('weighs to one, and its mean and spread stay within the values', () => {
    fc.assert(
      fc.property(
        fc.array(number, { minLength: 3, maxLength: 3 }),
        fc.array(number, { minLength: 12, maxLength: 12 }),
        fc.integer({ min: 1, max: 4 }),
        (u, r, k) => {
          const found = softKnn(Float32Array.from(u), Float32Array.from(r), 3, { k, tau: 0.1 });
          expect(found.weight.reduce((sum, w) => sum + w, 0)).toBeCloseTo(1, 5);
          const mean = weightedMean(found, Y)[0];
          expect(mean).toBeGreaterThanOrEqual(-2 - 1e-5);
          expect(mean).toBeLessThanOrEqual(2 + 1e-5);
          expect(weightedSpread(found, Y)[0]).toBeLessThanOrEqual(2 + 1e-5);
          const effective = effectiveNeighbours(found)[0];
          expect(effective).toBeGreaterThan(1 - 1e-5);
          expect(effective).toBeLessThan(k + 1e-4);
        },
      ),
    );
  });
});
