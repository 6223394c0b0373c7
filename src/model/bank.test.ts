import { describe, expect, it } from 'vitest';
import { Bank } from './bank.ts';

const quantiles = Array.from({ length: 101 }, (_, q) => q / 200);
const facts = { path: 'b', sha256: '', count: 3, k: 2, dim: 2, quantiles, threshold: 0.4, on: '' };
const bank = new Bank(Float32Array.of(1, 0, 0, 1, -1, 0), facts);

describe('the bank of known tissue', () => {
  it('is the mean cosine distance to the k nearest rows, whatever the length', () => {
    // cos to (1,0) .6, to (0,1) .8, to (-1,0) -.6: the two nearest are .2 and .4 away.
    expect(bank.distance(Float32Array.of(3, 4))).toBeCloseTo(0.3, 6);
    expect(bank.distance(Float32Array.of(0.3, 0.4))).toBeCloseTo(0.3, 6);
  });

  it('tells unfamiliar fields and percentiles', () => {
    expect(bank.isUnfamiliar(0.39)).toBe(false);
    expect(bank.isUnfamiliar(0.41)).toBe(true);
    expect(bank.percentile(-1)).toBe(0);
    expect(bank.percentile(0.3)).toBe(60);
    expect(bank.percentile(9)).toBe(100);
  });
});
