import { describe, expect, test } from 'vitest';
import { appendCells, createCells } from '../core/cells.ts';
import { contains } from '../core/geometry.ts';
import { BLOCK_ROWS, Blocks } from './blocks.ts';
import { cellTable, scatter } from './testing/cells.ts';

describe('blocks of rows', () => {
  test('every cell whose centre is in the box lies in a run, however rows arrived', () => {
    const whole = scatter(3000, 4000);
    const table = createCells(0, whole.radiusUnit);
    const blocks = new Blocks();
    for (const size of [1, 700, 255, 2044]) {
      const rows = scatter(size, 4000, size);
      blocks.append(table, appendCells(table, rows));
    }
    const box = { x: 1000, y: 500, w: 400, h: 400 };
    const rows = new Set<number>();
    for (const { first, count } of blocks.meeting(box, 0)) {
      for (let i = first; i < first + count; i++) rows.add(i);
    }
    for (let i = 0; i < table.count; i++) {
      const [x, y] = [table.x[i], table.y[i]];
      if (contains(box, x, y)) expect(rows.has(i)).toBe(true);
    }
  });

  test('blocks off the screen are skipped, near ones are joined', () => {
    const columns = [0, 0, 9000, 9000, 9000, 9000, 0];
    const table = cellTable(
      columns.flatMap((x) => Array.from({ length: BLOCK_ROWS }, (_, i) => ({ x, y: i, radii: 1 }))),
    );
    const blocks = new Blocks();
    blocks.append(table, 0);
    expect(blocks.meeting({ x: -10, y: 0, w: 20, h: 300 }, 0)).toEqual([
      { first: 0, count: 2 * BLOCK_ROWS },
      { first: 6 * BLOCK_ROWS, count: BLOCK_ROWS },
    ]);
    const beside = { x: 20, y: 0, w: 10, h: 300 };
    expect(blocks.meeting(beside, 5)).toEqual([]);
    expect(blocks.meeting(beside, 25)).toHaveLength(2);
    expect(blocks.bounds()).toEqual([0, 0, 9000, BLOCK_ROWS - 1]);
  });

  test('cleared blocks know nothing of the former table', () => {
    const blocks = new Blocks();
    blocks.append(scatter(1000, 100), 0);
    blocks.clear();
    expect(blocks.bounds()).toBeNull();
    blocks.append(cellTable([{ x: 500, y: 600, radii: 4 }]), 0);
    expect(blocks.bounds()).toEqual([500, 600, 500, 600]);
  });
});
