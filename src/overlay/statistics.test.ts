import { describe, expect, test } from 'vitest';
import { appendCells, createCells } from '../core/cells.ts';
import { densityOf, domainOf, Statistics } from './statistics.ts';
import type { OverlayStyle } from './style.ts';
import { cellTable, scatter } from './testing/cells.ts';

const STYLE: OverlayStyle = { mode: 'cells', value: 'attention', opacity: 0.5, threshold: 0 };

describe('statistics of the cells', () => {
  test('attention is ranked by density: a large cell does not win by its size', () => {
    const table = cellTable([
      { x: 0, y: 0, radii: 40, area: 200, attention: 0.02 },
      { x: 99, y: 0, radii: 10, area: 20, attention: 0.01 },
    ]);
    const statistics = new Statistics();
    statistics.append(table, 0);
    expect(statistics.rankOf(1)).toBeGreaterThan(statistics.rankOf(0));
    const shows = (threshold: number) =>
      [0, 1].map((i) => statistics.shows({ ...STYLE, threshold }, table, i));
    expect(shows(0)).toEqual([true, true]);
    expect(shows(0.5)).toEqual([false, true]);
    expect(shows(1)).toEqual([false, false]);
  });

  test('a cell without an area has no density', () => {
    expect(densityOf(cellTable([{ x: 0, y: 0, radii: 1, area: 0, attention: 1 }]), 0)).toBe(0);
  });

  test('contribution is cut by its size whatever its sign, equality is shown', () => {
    const table = cellTable(
      [0.1, -0.1, 0.05, 0].map((contribution) => ({ x: 0, y: 0, radii: 5, contribution })),
    );
    const statistics = new Statistics();
    statistics.append(table, 0);
    const style: OverlayStyle = { ...STYLE, value: 'contribution', threshold: 0.1 };
    expect([0, 1, 2, 3].map((i) => statistics.shows(style, table, i))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  test('hidden types are hidden whatever is coloured', () => {
    const table = cellTable([{ x: 0, y: 0, radii: 5, type: 2 }]);
    const statistics = new Statistics();
    statistics.append(table, 0);
    for (const value of ['type', 'attention', 'contribution'] as const) {
      expect(statistics.shows({ ...STYLE, value, hiddenTypes: [2] }, table, 0)).toBe(false);
      expect(statistics.shows({ ...STYLE, value, hiddenTypes: [1] }, table, 0)).toBe(true);
    }
  });

  test('domains ignore outliers; contribution is symmetric about zero', () => {
    const table = cellTable(
      Array.from({ length: 1000 }, (_, i) => ({
        x: 0,
        y: 0,
        radii: 5,
        area: 1,
        attention: i === 7 ? 500 : 0.5,
        contribution: i === 7 ? -40 : i % 2 === 0 ? 0.01 : -0.01,
      })),
    );
    const [low, high] = domainOf(table, 'contribution');
    expect(low).toBe(-high);
    expect(high).toBeCloseTo(0.01, 3);
    expect(domainOf(table, 'attention')[0]).toBe(0);
    expect(domainOf(table, 'attention')[1]).toBeCloseTo(0.5, 1);
  });

  test('rows in pieces and changed values give what all at once would', () => {
    const whole = scatter(900, 1000);
    const table = createCells(0, whole.radiusUnit);
    const pieces = new Statistics();
    for (const [size, seed] of [
      [300, 5],
      [600, 6],
    ]) {
      pieces.append(table, appendCells(table, scatter(size, 1000, seed)));
    }
    for (let i = 100; i < 400; i++) {
      table.attention[i] *= 3;
      table.contribution[i] -= 0.2;
    }
    pieces.revalue(table, 100, 400);
    const once = new Statistics();
    once.append(table, 0);
    expect(pieces.ranks).toEqual(once.ranks);
    expect(pieces.domain('contribution')).toEqual(once.domain('contribution'));
    expect(pieces.typeCounts).toEqual(once.typeCounts);
    expect(pieces.meanDiameter).toBeCloseTo(once.meanDiameter, 9);
  });

  test('rows told of but not yet taken in are left alone', () => {
    const table = scatter(10, 100);
    const statistics = new Statistics();
    statistics.append(table, 0, 4);
    statistics.revalue(table, 2, 10);
    expect(statistics.density.size).toBe(4);
  });

  test('mean diameter is in level-0 px', () => {
    const statistics = new Statistics();
    expect(statistics.meanDiameter).toBe(0);
    statistics.append(cellTable([{ x: 0, y: 0, radii: 40 }], 0.25), 0);
    expect(statistics.meanDiameter).toBe(20);
  });
});
