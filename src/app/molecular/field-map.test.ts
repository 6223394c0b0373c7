import { describe, expect, it } from 'vitest';
import { lookup } from '../../core/colormap.ts';
import type { RowScores } from '../../molecular/molecular.ts';
import { domainOf, pictureOf } from './field-map.ts';

const answer = {
  x: Float32Array.from([200, 400, 300]),
  y: Float32Array.from([500, 500, 700]),
  side: 100,
  rows: { nearest: Float32Array.from([0.9, 0.9, 0.1]) } as RowScores,
};
const values = Float32Array.from([0, 10, 5]);

describe('pictureOf', () => {
  const picture = pictureOf(answer, values, 'viridis', [0, 10], 0.5);
  const pixel = (col: number, row: number) => [
    ...picture.rgba.slice(4 * (row * picture.cols + col), 4 * (row * picture.cols + col) + 4),
  ];

  it('lies where the fields lie', () => {
    expect([picture.x, picture.y, picture.cols, picture.rows]).toEqual([200, 500, 3, 3]);
    expect(pixel(0, 0)).toEqual([...lookup('viridis', 0), 255]);
    expect(pixel(2, 0)).toEqual([...lookup('viridis', 1), 255]);
  });

  it('draws nothing between fields, and fields far from the library pale', () => {
    expect(pixel(1, 0)).toEqual([0, 0, 0, 0]);
    expect(pixel(1, 2)[3]).toBeLessThan(100);
    expect(pixel(1, 2).slice(0, 3)).toEqual([...lookup('viridis', 0.5)]);
  });
});

describe('domainOf', () => {
  it('leaves out two odd values in a hundred at each end', () => {
    const many = Float32Array.from({ length: 101 }, (_, i) => i);
    many[100] = 1e6;
    expect(domainOf(many, false)).toEqual([2, 98]);
  });

  it('is even about zero for a difference', () => {
    expect(domainOf(Float32Array.from([-1, 3]), true)).toEqual([-3, 3]);
  });
});
