import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeFloat16, encodeFloat16 } from './float16.ts';

const half = (value: number) => encodeFloat16(Float32Array.of(value))[0];
const single = (bits: number) => decodeFloat16(Uint16Array.of(bits))[0];

describe('half precision', () => {
  it.each<[string, number, number]>([
    ['zero', 0, 0x0000],
    ['minus zero', -0, 0x8000],
    ['one', 1, 0x3c00],
    ['minus two', -2, 0xc000],
    ['a third', 0.333251953125, 0x3555],
    ['the largest', 65504, 0x7bff],
    ['the smallest normal', 2 ** -14, 0x0400],
    ['the largest below normal', 2 ** -14 - 2 ** -24, 0x03ff],
    ['the smallest', 2 ** -24, 0x0001],
    ['infinite', Infinity, 0x7c00],
    ['minus infinite', -Infinity, 0xfc00],
  ])('has the bits of IEEE 754: %s', (_, value, bits) => {
    expect(half(value)).toBe(bits);
    expect(single(bits)).toBe(value);
  });

  it.each<[string, number, number]>([
    ['a tie goes down to even', 1 + 2 ** -11, 0x3c00],
    ['a tie goes up to even', 1 + 3 * 2 ** -11, 0x3c02],
    ['just above a tie goes up', 1 + 2 ** -11 + 2 ** -23, 0x3c01],
    ['below the last tie stays finite', 65519, 0x7bff],
    ['from the last tie on it is infinite', 65520, 0x7c00],
    ['half of the smallest is zero', 2 ** -25, 0x0000],
    ['more than half of the smallest is the smallest', 2 ** -25 * 1.0001, 0x0001],
    ['a tie below normal goes to even', 3 * 2 ** -25, 0x0002],
    ['up into the normal ones', 2 ** -14 - 2 ** -26, 0x0400],
    ['far too large', 1e30, 0x7c00],
    ['far too small', -1e-30, 0x8000],
  ])('rounds: %s', (_, value, bits) => {
    expect(half(value)).toBe(bits);
  });

  it('keeps NaN', () => {
    expect(single(half(Number.NaN))).toBeNaN();
    expect(single(0xfdff)).toBeNaN();
  });

  it('brings every half back', () => {
    const all = Uint16Array.from({ length: 0x10000 }, (_, bits) => bits);
    const values = decodeFloat16(all);
    const numbers = all.filter((_, i) => !Number.isNaN(values[i]));
    expect(numbers.length).toBe(0x10000 - 2 * 0x3ff);
    expect(encodeFloat16(values.filter((value) => !Number.isNaN(value)))).toEqual(numbers);
  });

  it('picks the nearest half', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, min: -65504, max: 65504 }), (value) => {
        const bits = half(value);
        const error = Math.abs(single(bits) - value);
        for (const other of [bits - 1, bits + 1]) {
          const neighbour = single(other & 0xffff);
          if (!Number.isFinite(neighbour)) continue;
          expect(error).toBeLessThanOrEqual(Math.abs(neighbour - value));
          if (error === Math.abs(neighbour - value) && error > 0) expect(bits % 2).toBe(0);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
