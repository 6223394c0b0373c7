import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { outline } from '../core/cells.ts';
import { polygonArea } from '../core/geometry.ts';
import { overlapOf } from './overlap.ts';
import { roundCells } from './testing.ts';

const grid = { x: 100, y: 200, side: 32, cols: 4, rows: 3 };

describe('overlap of cells with tokens', () => {
  it('a cell inside one token covers its own area of that token and nothing else', () => {
    const cells = roundCells([[100 + 32 * 2 + 16, 200 + 16, 8]]);
    const { token, share, rest } = overlapOf(cells, [0], grid);
    expect([...token]).toEqual([2]);
    expect(share[0]).toBeCloseTo(polygonArea(outline(cells, 0)) / (32 * 32), 6);
    expect(rest[2]).toBeCloseTo(1 - share[0], 6);
    expect(rest[0]).toBe(1);
  });

  it('a cell on the corner of four tokens gives each a quarter', () => {
    const cells = roundCells([[132, 232, 8]]);
    const { token, share } = overlapOf(cells, [0], grid);
    expect([...token].sort()).toEqual([0, 1, 4, 5]);
    const quarter = polygonArea(outline(cells, 0)) / 4 / (32 * 32);
    for (const s of share) expect(s).toBeCloseTo(quarter, 6);
  });

  it('what lies outside of the grid is left out', () => {
    const cells = roundCells([[100, 216, 8]]);
    const { share } = overlapOf(cells, [0], grid);
    expect(share.reduce((a, b) => a + b, 0)).toBeCloseTo(
      polygonArea(outline(cells, 0)) / 2 / (32 * 32),
      6,
    );
  });

  it('a token covered twice over is shared out in proportion and has nothing left', () => {
    const cells = roundCells([
      [116, 216, 40],
      [116, 216, 40],
      [116, 216, 40],
    ]);
    const { token, share, rest } = overlapOf(cells, [0, 1, 2], grid);
    const first = [...share].filter((_, e) => token[e] === 0);
    expect(first).toHaveLength(3);
    for (const s of first) expect(s).toBeCloseTo(1 / 3, 6);
    expect(rest[0]).toBe(0);
  });

  it('clipped areas add up to the whole outline, for any star shape', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 4, max: 255 }), { minLength: 32, maxLength: 32 }),
        fc.double({ min: 120, max: 200, noNaN: true }),
        fc.double({ min: 220, max: 280, noNaN: true }),
        (radii, x, y) => {
          const cells = roundCells([[x, y, 1]]);
          cells.radii.set(radii);
          const wide = { x: 0, y: 0, side: 32, cols: 12, rows: 14 };
          const { share, rest } = overlapOf(cells, [0], wide);
          const covered = share.reduce((a, b) => a + b, 0) * 32 * 32;
          expect(covered).toBeCloseTo(polygonArea(outline(cells, 0)), 1);
          const left = rest.reduce((a, b) => a + b, 0);
          expect(left + share.reduce((a, b) => a + b, 0)).toBeCloseTo(12 * 14, 3);
        },
      ),
    );
  });
});
