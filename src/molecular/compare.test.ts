import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { densityCorrelations, differenceOf, standardised } from './compare.ts';

const value = fc.integer({ min: -1000, max: 1000 });

describe('differenceOf', () => {
  it('does not see offset and scale of either score', () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 3, maxLength: 20 }), (values) => {
        fc.pre(new Set(values).size > 1);
        const a = Float32Array.from(values);
        const b = a.map((v) => 3 * v + 500);
        for (const v of differenceOf(a, b)) expect(Math.abs(v)).toBeLessThan(0.02);
      }),
    );
  });

  it('is in SDs', () => {
    expect([...standardised(Float32Array.from([1, 3]))]).toEqual([-1, 1]);
    expect([...standardised(Float32Array.from([5, 5]))]).toEqual([0, 0]);
  });
});

describe('densityCorrelations', () => {
  it('counts cells by type in the fields that answered', () => {
    // Type 0 grows with the score over fields 4, 7, 9; type 1 falls; field 5 did not answer.
    const field = Uint32Array.from([4, 7, 7, 9, 9, 9, 4, 4, 7, 5, 5, 5]);
    const type = Uint8Array.from([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1]);
    const cells = { count: field.length, field, type };
    const fields = Uint32Array.from([4, 7, 9]);
    const rho = densityCorrelations(Float32Array.from([1, 2, 3]), fields, cells, 3);
    expect(rho[0]).toBeCloseTo(1);
    expect(rho[1]).toBeCloseTo(-1);
    expect(rho[2]).toBeNull();
  });
});
