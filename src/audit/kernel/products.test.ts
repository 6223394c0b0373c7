import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mulberry32 } from '../../core/random.ts';
import type { Rows } from '../rows.ts';
import { compileKernel } from './build.ts';
import { KERNEL } from './bytes.ts';
import { products } from './products.ts';

const random = mulberry32(11);
const drawn = (count: number, dim: number): Rows => ({
  count,
  dim,
  rows: Float32Array.from({ length: count * dim }, () => random() - 0.5),
});

/** One pair after the other, in double precision. */
function oneByOne(a: Rows, b: Rows): number[] {
  const out: number[] = [];
  for (let i = 0; i < a.count; i++) {
    for (let j = 0; j < b.count; j++) {
      let dot = 0;
      for (let d = 0; d < a.dim; d++) dot += a.rows[i * a.dim + d] * b.rows[j * b.dim + d];
      out.push(dot);
    }
  }
  return out;
}

function furthest(a: Rows, b: Rows): number {
  const found = products(a, b);
  const expected = oneByOne(a, b);
  expect(found.length).toBe(expected.length);
  return expected.reduce((most, dot, at) => Math.max(most, Math.abs(dot - found[at])), 0);
}

describe('products of rows', () => {
  it('are those of one pair after the other, for any number of rows and numbers', () => {
    const size = fc.integer({ min: 0, max: 11 });
    fc.assert(
      fc.property(size, size, fc.integer({ min: 1, max: 21 }), (n, m, dim) => {
        expect(furthest(drawn(n, dim), drawn(m, dim))).toBeLessThan(1e-5);
      }),
    );
  });

  it('are the same where the rows do not fit one block', () => {
    // Blocks of 4 MB hold 104 such rows.
    expect(furthest(drawn(3, 10_001), drawn(215, 10_001))).toBeLessThan(1e-3);
    expect(furthest(drawn(215, 10_001), drawn(2, 10_001))).toBeLessThan(1e-3);
    expect(furthest(drawn(1030, 3), drawn(2051, 3))).toBeLessThan(1e-5);
  });

  it('do not see what an earlier, wider call left behind', () => {
    products(drawn(40, 64), drawn(40, 64));
    expect(furthest(drawn(3, 5), drawn(3, 5))).toBeLessThan(1e-6);
  });
});

it('the shipped kernel is what its source compiles to', async () => {
  expect(await compileKernel()).toBe(KERNEL);
});
