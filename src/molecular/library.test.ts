import { describe, expect, it } from 'vitest';
import { encodeFloat16 } from '../core/float16.ts';
import { decodeLibrary } from './library.ts';

const SHAPE = { prototypes: 2, width: 2, genes: 3, patients: ['A', 'B'] };

function file(): Uint8Array {
  const floats = encodeFloat16(Float32Array.from([1, 0, 0.5, -0.5, 1, 2, 3, 4, 5, 6]));
  return new Uint8Array(Uint16Array.from([...floats, 4, 0, 7, 9]).buffer);
}

describe('decodeLibrary', () => {
  it('reads r, expression and spots in their order', () => {
    const library = decodeLibrary(file(), SHAPE);
    expect([...library.r]).toEqual([1, 0, 0.5, -0.5]);
    expect([...library.expression]).toEqual([1, 2, 3, 4, 5, 6]);
    expect([...library.spots]).toEqual([4, 0, 7, 9]);
  });

  it('reads from an odd place of a larger buffer', () => {
    const larger = new Uint8Array(file().length + 1);
    larger.set(file(), 1);
    expect([...decodeLibrary(larger.subarray(1), SHAPE).spots]).toEqual([4, 0, 7, 9]);
  });

  it('refuses a file of another size with a sentence', () => {
    expect(() => decodeLibrary(file().subarray(2), SHAPE)).toThrow(/size its manifest/);
  });
});
