import { describe, expect, test } from 'vitest';
import { Blocks } from './blocks.ts';
import { aggregateCells, gridStatistics, squareUm, wholeSquares } from './grid.ts';
import { GridSource } from './grid-source.ts';
import { Statistics } from './statistics.ts';
import type { OverlayStyle, OverlayView } from './style.ts';
import { cellTable, scatter } from './testing/cells.ts';

const sum = (values: ArrayLike<number>) =>
  Array.from(values).reduce((total, v) => total + (Number.isNaN(v) ? 0 : v), 0);

describe('aggregation over squares', () => {
  const table = scatter(20_000, 5000);
  const all = { x: 0, y: 0, w: 5000, h: 5000 };

  test.each(['attention', 'contribution'] as const)('the squares add up to all %s', (value) => {
    const grid = aggregateCells(table, value, 130, all);
    expect(sum(grid.values)).toBeCloseTo(sum(table[value]), 2);
    expect(sum(grid.counts)).toBe(table.count);
    expect([grid.cols, grid.rows]).toEqual([39, 39]);
  });

  test('a cell counts in the square that holds its centre', () => {
    const few = cellTable([
      { x: 99.9, y: 0, radii: 200, contribution: 1 },
      { x: 100, y: 0, radii: 1, contribution: -3 },
      { x: 150, y: 199, radii: 1, contribution: 0.5 },
    ]);
    const grid = aggregateCells(few, 'contribution', 100, { x: 0, y: 0, w: 200, h: 200 });
    expect(Array.from(grid.values)).toEqual([1, -3, Number.NaN, 0.5]);
    expect(Array.from(grid.counts)).toEqual([1, 1, 0, 1]);
  });

  test('cells outside of the bounds do not count', () => {
    const grid = aggregateCells(table, 'attention', 500, { x: 1000, y: 1000, w: 1000, h: 1000 });
    const inside = Array.from({ length: table.count }, (_, i) => i).filter(
      (i) => table.x[i] >= 1000 && table.x[i] < 2000 && table.y[i] >= 1000 && table.y[i] < 2000,
    );
    expect(sum(grid.counts)).toBe(inside.length);
  });

  test('a square shows its most frequent type', () => {
    const few = cellTable([3, 1, 3, 0].map((type) => ({ x: 5, y: 5, radii: 4, type })));
    const grid = aggregateCells(few, 'type', 10, { x: 0, y: 0, w: 20, h: 10 });
    expect(Array.from(grid.values)).toEqual([3, Number.NaN]);
  });

  test('domain and quantiles are of squares that hold cells', () => {
    const grid = aggregateCells(table, 'contribution', 130, all);
    const { domain, quantile } = gridStatistics(grid);
    expect(domain[0]).toBe(-domain[1]);
    expect(quantile(0)).toBe(0);
    const sizes = Array.from(grid.values, Math.abs).sort((a, b) => a - b);
    expect(quantile(0.5) / sizes[Math.floor(sizes.length / 2)]).toBeCloseTo(1, 1);
  });
});

describe('squares for a view', () => {
  test('grow by doubling until they can be seen and are not too many', () => {
    const area = { w: 10_000, h: 10_000 };
    expect(squareUm(32, 1, area)).toBe(32);
    expect(squareUm(32, 0.05, area)).toBe(128);
    expect(squareUm(1, 100, area)).toBe(16);
  });

  test('stand on the lattice of the slide, so that they stay where they are as cells arrive', () => {
    expect(wholeSquares([130, 70, 250, 128], 64)).toEqual({ x: 128, y: 64, w: 128, h: 128 });
  });

  test('are made anew only when cells, value or size ask for it', () => {
    const table = scatter(500, 2000);
    const blocks = new Blocks();
    blocks.append(table, 0);
    const source = new GridSource();
    const statistics = new Statistics();
    statistics.append(table, 0);
    const style: OverlayStyle = { mode: 'heatmap', value: 'attention', opacity: 1, threshold: 0 };
    const at = (a: number, change: Partial<OverlayStyle> = {}) => {
      const view: OverlayView = {
        a,
        b: 0,
        c: 0,
        d: a,
        e: 5,
        f: 9,
        width: 800,
        height: 600,
        dpr: 1,
      };
      return source.current(table, blocks, statistics, 0.25, { ...style, ...change }, view);
    };
    const first = at(1);
    expect(first?.um).toBe(32);
    expect(first?.grid.size).toBe(128);
    expect(at(0.9)).toBe(first);
    expect(at(0.03)?.um).toBe(64);
    const again = at(1);
    statistics.revalue(table, 0, 1);
    expect(at(1)).not.toBe(again);
    expect(at(1, { value: 'type' })?.grid.value).toBe('type');
    const some = at(1, { gate: { types: [1] } });
    const inType = Array.from(table.type).filter((type) => type === 1).length;
    expect(sum(some?.grid.counts ?? [])).toBe(inType);
    statistics.setFieldWeights(new Float32Array(9).fill(0.5));
    const halved = at(1, { level: 'slide' });
    expect(sum(halved?.grid.values ?? []) / sum(table.attention)).toBeCloseTo(0.5, 4);
    expect(
      source.current(table, new Blocks(), statistics, 0.25, style, {
        a: 1,
        b: 0,
        c: 0,
        d: 1,
        e: 0,
        f: 0,
        width: 1,
        height: 1,
        dpr: 1,
      }),
    ).toBeNull();
  });
});
