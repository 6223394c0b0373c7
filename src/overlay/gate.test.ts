import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { areaSteps, boundsOf, type Gate, isOpen, typeShown, within } from './gate.ts';
import { Statistics } from './statistics.ts';
import type { OverlayStyle } from './style.ts';
import { scatter } from './testing/cells.ts';

const STYLE: OverlayStyle = { mode: 'cells', value: 'type', opacity: 0.5, threshold: 0 };
const table = scatter(600, 1000);
const statistics = new Statistics();
statistics.append(table, 0);
const rows = Array.from({ length: table.count }, (_, i) => i);
const shown = (gate: Gate) => rows.filter(statistics.showing({ ...STYLE, gate }, table));

const ends = (min: number, max: number) =>
  fc
    .tuple(fc.double({ min, max, noNaN: true }), fc.double({ min, max, noNaN: true }))
    .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
const gates: fc.Arbitrary<Gate> = fc.record(
  {
    types: fc.subarray([0, 1, 2, 3]),
    area: ends(0, 120),
    confidence: ends(0, 1),
    contribution: ends(-0.4, 0.8),
    rank: ends(0, 1),
  },
  { requiredKeys: [] },
);

describe('gates', () => {
  test('let pass what their words say, up to the step a value is held in', () => {
    fc.assert(
      fc.property(gates, (gate) => {
        const passed = new Set(shown(gate));
        for (const i of rows) {
          const measures = [
            [table.area[i], gate.area, 0.13],
            [table.confidence[i] / 255, gate.confidence, 1e-6],
            [table.contribution[i], gate.contribution, 1e-6],
            [statistics.rankOf('field', i), gate.rank, 1e-6],
          ] as const;
          const typed = !gate.types || gate.types.includes(table.type[i]);
          const holds = (slack: number) =>
            typed &&
            measures.every(([value, range, step]) => {
              if (!range) return true;
              return value >= range[0] - slack * step && value <= range[1] + slack * step;
            });
          if (holds(-1)) expect(passed.has(i)).toBe(true);
          if (!holds(1)) expect(passed.has(i)).toBe(false);
        }
      }),
      { numRuns: 40 },
    );
  });

  test('inside lets the marked cells pass and no others, those that come later too', () => {
    const own = new Statistics();
    own.append(table, 0, 300);
    own.setInside(table, (x) => x < 400);
    own.append(table, 300);
    const inside = { ...STYLE, gate: { inside: 'class:A' } };
    const passed = rows.filter(own.showing(inside, table));
    expect(passed).toEqual(rows.filter((i) => table.x[i] < 400));
    expect(passed.some((i) => i >= 300)).toBe(true);
    expect(isOpen({ inside: 'class:A' })).toBe(false);
    expect(rows.filter(own.showing(STYLE, table))).toHaveLength(table.count);
    own.setInside(table, null);
    expect(rows.filter(own.showing(inside, table))).toHaveLength(0);
  });

  test('an open gate lets every cell pass, and two filters pass what each of them does', () => {
    expect(shown({})).toHaveLength(table.count);
    expect(isOpen({})).toBe(true);
    expect(isOpen({ rank: [0, 0.5] })).toBe(false);
    const area = shown({ area: [40, 70] });
    const types = new Set(shown({ types: [1, 3] }));
    expect(shown({ area: [40, 70], types: [1, 3] })).toEqual(area.filter((i) => types.has(i)));
    expect(area.length).toBeGreaterThan(10);
    expect(shown({ types: [] })).toEqual([]);
  });

  test('limits are whole numbers where the graphics card holds whole numbers', () => {
    const bounds = boundsOf({ area: [20, 120], confidence: [0.5, 1], types: [0, 2] });
    expect(bounds.area).toEqual([80, 480]);
    expect(bounds.confidence).toEqual([128, 255]);
    expect(bounds.types).toBe(0b101);
    expect([0, 1, 2, 40].map((type) => typeShown(bounds, type))).toEqual([true, false, true, true]);
    expect(areaSteps(1e9)).toBe(4095);
    expect(within(areaSteps(5000), boundsOf({ area: [20, Infinity] }).area)).toBe(true);
    expect(within(Math.fround(0.7), boundsOf({ contribution: [0.7, Infinity] }).contribution)).toBe(
      true,
    );
  });
});
