import { describe, expect, it } from 'vitest';
import { mulberry32 } from '../core/random.ts';
import { averageLooks, fineGrid } from './fine.ts';
import { overlapOf, type TokenGrid } from './overlap.ts';
import { evidence, roundCells } from './testing.ts';

const GRID = [4, 4] as const;
/** Level-0 px of a token, and of the grid's corner. */
const TOKEN = 32;
const AT = 100;

describe('fine mode', () => {
  const random = mulberry32(5);
  const looks = Array.from({ length: 4 }, () => evidence(16, 0.3, random));
  const fine = averageLooks(looks, GRID);

  it('keeps the sums: attention is 1, and the parts are the mean logit', () => {
    const sum = (values: Float32Array) => values.reduce((a, b) => a + b, 0);
    expect(sum(fine.attention)).toBeCloseTo(1, 5);
    const logit = looks.reduce((a, look) => a + look.logit, 0) / 4;
    expect(fine.logit).toBeCloseTo(logit, 6);
    expect(sum(fine.contribution) + fine.classShare + 0.3).toBeCloseTo(logit, 4);
  });

  it('gives a cell the mean of what the four grids give it', () => {
    const cells = roundCells([
      [AT + 61, AT + 45, 11],
      [AT + 20, AT + 90, 14],
    ]);
    const share = (grid: TokenGrid, attention: Float32Array, index: number) => {
      const { cell, token, share: part } = overlapOf(cells, [0, 1], grid);
      return cell.reduce((sum, c, e) => sum + (c === index ? part[e] * attention[token[e]] : 0), 0);
    };
    const [rows, cols] = fineGrid(GRID);
    const whole = { x: AT, y: AT, side: TOKEN / 2, cols, rows };
    for (const index of [0, 1]) {
      const four = looks.map(({ attention }, i) => {
        const x = AT + (i % 2) * (TOKEN / 2);
        const y = AT + Math.floor(i / 2) * (TOKEN / 2);
        return share({ x, y, side: TOKEN, cols: GRID[1], rows: GRID[0] }, attention, index);
      });
      const mean = four.reduce((a, b) => a + b, 0) / 4;
      expect(share(whole, fine.attention, index)).toBeCloseTo(mean, 5);
    }
  });
});
