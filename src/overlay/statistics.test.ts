import { describe, expect, test } from 'vitest';
import { appendCells, createCells } from '../core/cells.ts';
import { densityOf, Statistics } from './statistics.ts';
import type { Level, OverlayStyle } from './style.ts';
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
    expect(statistics.rankOf('field', 1)).toBeGreaterThan(statistics.rankOf('field', 0));
    const shows = (threshold: number) =>
      [0, 1].map(statistics.showing({ ...STYLE, threshold }, table));
    expect(shows(0)).toEqual([true, true]);
    expect(shows(0.5)).toEqual([false, true]);
    expect(shows(1)).toEqual([false, false]);
  });

  test('a cell without an area has no density', () => {
    const table = cellTable([
      { x: 0, y: 0, radii: 1, area: 0, attention: 1 },
      { x: 0, y: 0, radii: 1, area: 4, attention: 1 },
    ]);
    expect([0, 1].map((i) => densityOf(table, i))).toEqual([0, 0.25]);
  });

  test('contribution is cut by its size whatever its sign, equality is shown', () => {
    const table = cellTable(
      [0.1, -0.1, 0.05, 0].map((contribution) => ({ x: 0, y: 0, radii: 5, contribution })),
    );
    const statistics = new Statistics();
    statistics.append(table, 0);
    const style: OverlayStyle = { ...STYLE, value: 'contribution', threshold: 0.1 };
    expect([0, 1, 2, 3].map(statistics.showing(style, table))).toEqual([true, true, false, false]);
  });

  test('hidden types are hidden whatever is coloured', () => {
    const table = cellTable([{ x: 0, y: 0, radii: 5, type: 2 }]);
    const statistics = new Statistics();
    statistics.append(table, 0);
    for (const value of ['type', 'attention', 'contribution'] as const) {
      const shows = (types: number[]) =>
        statistics.showing({ ...STYLE, value, gate: { types } }, table)(0);
      expect(shows([0, 1])).toBe(false);
      expect(shows([2])).toBe(true);
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
    const statistics = new Statistics();
    statistics.append(table, 0);
    const [low, high] = statistics.domain('contribution', 'field');
    expect(low).toBe(-high);
    expect(high).toBeCloseTo(0.01, 3);
    expect(statistics.domain('attention', 'field')[0]).toBe(0);
    expect(statistics.domain('attention', 'field')[1]).toBeCloseTo(0.5, 1);
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
    expect(pieces.ranks('field')).toEqual(once.ranks('field'));
    expect(pieces.domain('contribution', 'field')).toEqual(once.domain('contribution', 'field'));
    expect(pieces.longestRadius).toBe(once.longestRadius);
    expect(pieces.typeCounts).toEqual(once.typeCounts);
    expect(pieces.meanDiameter).toBeCloseTo(once.meanDiameter, 9);
  });

  test('rows told of but not yet taken in are left alone', () => {
    const table = scatter(10, 100);
    const statistics = new Statistics();
    statistics.append(table, 0, 4);
    statistics.revalue(table, 2, 10);
    expect(statistics.density('field').size).toBe(4);
  });

  test('mean diameter is in level-0 px', () => {
    const statistics = new Statistics();
    expect(statistics.meanDiameter).toBe(0);
    statistics.append(cellTable([{ x: 0, y: 0, radii: 40 }], 0.25), 0);
    expect(statistics.meanDiameter).toBe(20);
  });
});

describe('the slide’s level', () => {
  const table = cellTable(
    [0.4, 0.1, 0.2].map((attention, field) => ({
      x: 0,
      y: 0,
      radii: 5,
      area: 10,
      attention,
      contribution: attention - 0.3,
      field,
    })),
  );
  const statistics = new Statistics();
  statistics.append(table, 0);
  const ranks = (level: Level) => [0, 1, 2].map((i) => statistics.rankOf(level, i));

  test('attention and contribution are multiplied by the field’s weight', () => {
    statistics.setFieldWeights(Float32Array.of(0.05, 0.8, 0.15));
    // 0.02, 0.08, 0.03 after weighting; in their fields 0.4, 0.1, 0.2.
    expect(ranks('field')).toEqual([5 / 6, 1 / 6, 3 / 6].map(Math.fround));
    expect(ranks('slide')).toEqual([1 / 6, 5 / 6, 3 / 6].map(Math.fround));
    const style: OverlayStyle = {
      ...STYLE,
      value: 'contribution',
      level: 'slide',
      threshold: 0.1,
    };
    expect([0, 1, 2].map(statistics.showing(style, table))).toEqual([false, true, false]);
    // Contributions are 0.1, -0.2, -0.1 in their fields: all but rounding of the first reach 0.09.
    const inField = statistics.showing({ ...style, level: 'field', threshold: 0.09 }, table);
    expect([0, 1, 2].map(inField)).toEqual([true, true, true]);
    expect(statistics.domain('contribution', 'slide')[1]).toBeCloseTo(0.16, 2);
  });

  test('new weights change the slide’s level alone', () => {
    statistics.setFieldWeights(Float32Array.of(0.05, 0.8, 0.15));
    const [field, slide] = [statistics.version('field'), statistics.version('slide')];
    statistics.setFieldWeights(Float32Array.of(0.9, 0.05, 0.05));
    expect(statistics.version('field')).toBe(field);
    expect(statistics.version('slide')).not.toBe(slide);
    expect(ranks('slide')[0]).toBeCloseTo(5 / 6, 6);
  });

  test('a field that has no weight yet has no attention', () => {
    statistics.setFieldWeights(Float32Array.of(1));
    expect(ranks('slide')[1]).toBe(ranks('slide')[2]);
    expect(ranks('slide')[0]).toBeGreaterThan(ranks('slide')[1]);
    expect(statistics.weightOf('slide', 2)).toBe(0);
  });
});
