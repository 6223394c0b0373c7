import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCells } from '../../core/cells.ts';
import { mulberry32 } from '../../core/random.ts';
import { compositionOf, PERMUTATIONS } from './composition.ts';

/** Cells as [field, type, attention]. */
function tableOf(rows: readonly (readonly [number, number, number])[]) {
  const table = createCells(rows.length, 1);
  table.count = rows.length;
  rows.forEach(([field, type, attention], i) => {
    table.field[i] = field;
    table.type[i] = type;
    table.attention[i] = attention;
  });
  return table;
}

const ALL = new Set([0, 1, 2, 3]);

describe('where attention falls against where cells are', () => {
  it('expects even attention within each field', () => {
    const table = tableOf([
      [0, 0, 0.6],
      [0, 1, 0.2],
      [1, 0, 0.1],
      [1, 0, 0.1],
    ]);
    const { types, cells } = compositionOf(table, ALL, 3);
    expect(cells).toBe(4);
    expect(types[0].attention).toBeCloseTo(0.8, 6);
    // Half of field 0's 0.8 and all of field 1's 0.2.
    expect(types[0].expected).toBeCloseTo(0.6, 6);
    expect(types[0].ratio).toBeCloseTo(4 / 3, 5);
    expect(types[2]).toEqual({ count: 0, attention: 0, expected: 0, ratio: null, p: null });
  });

  it('finds a type that is looked at, at the least p that so many permutations can give', () => {
    const random = mulberry32(1);
    const rows = Array.from({ length: 200 }, (_, i) => {
      const type = i % 2;
      return [i % 4, type, random() + (type === 0 ? 1 : 0)] as const;
    });
    // Even rows are type 0 and lie in even fields: spread both types over all fields.
    const mixed = rows.map(([, type, a], i) => [Math.floor(i / 2) % 4, type, a] as const);
    const { types } = compositionOf(tableOf(mixed), ALL, 2);
    expect(types[0].ratio).toBeGreaterThan(1.2);
    expect(types[0].p).toBe(1 / (1 + PERMUTATIONS));
  });

  it('gives evenly spread p-values where there is nothing to find', () => {
    let low = 0;
    for (let seed = 0; seed < 60; seed++) {
      const random = mulberry32(seed);
      const rows = Array.from(
        { length: 60 },
        (_, i) => [i % 4, random() < 0.3 ? 0 : 1, random()] as const,
      );
      if ((compositionOf(tableOf(rows), ALL, 2).types[0].p ?? 0) < 0.2) low++;
    }
    expect(low / 60).toBeGreaterThan(0.05);
    expect(low / 60).toBeLessThan(0.4);
  });

  it('a field with one type only says nothing: p is 1', () => {
    const rows = Array.from({ length: 20 }, (_, i) => [i % 2, i % 2, i + 1] as const);
    expect(compositionOf(tableOf(rows), ALL, 2).types.map((t) => t.p)).toEqual([1, 1]);
  });

  it('shares sum to one over the fields asked for and leave others out', () => {
    const row = fc.tuple(fc.nat(3), fc.nat(4), fc.double({ min: 0.01, max: 1, noNaN: true }));
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 30 }), fc.nat(3), (rows, field) => {
        const only = rows.filter(([f]) => f === field);
        const { types, cells } = compositionOf(tableOf(rows), new Set([field]), 5);
        expect(cells).toBe(only.length);
        if (only.length === 0) return;
        const sum = (key: 'attention' | 'expected') => types.reduce((s, t) => s + t[key], 0);
        expect(sum('attention')).toBeCloseTo(1, 5);
        expect(sum('expected')).toBeCloseTo(1, 5);
      }),
      { numRuns: 20 },
    );
  });
});
