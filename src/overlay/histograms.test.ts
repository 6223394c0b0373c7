import { describe, expect, test } from 'vitest';
import { RANGES } from './gate.ts';
import { histogramsOf } from './histograms.ts';
import { Statistics } from './statistics.ts';
import type { OverlayStyle } from './style.ts';
import { scatter } from './testing/cells.ts';

const STYLE: OverlayStyle = { mode: 'cells', value: 'type', opacity: 0.5, threshold: 0 };
const table = scatter(3000, 1000);
const statistics = new Statistics();
statistics.append(table, 0);
const sum = (counts: Uint32Array) => counts.reduce((total, count) => total + count, 0);

describe('histograms', () => {
  test('hold every cell once, whatever its value', () => {
    const found = histogramsOf(table, statistics, STYLE);
    for (const name of RANGES) {
      const { all, gated, edges } = found[name];
      expect(sum(all)).toBe(table.count);
      expect(gated).toEqual(all);
      expect(edges).toHaveLength(all.length + 1);
      expect([...edges].sort((a, b) => a - b)).toEqual(edges);
    }
    expect(found.passing).toBe(table.count);
    expect(sum(found.types.all)).toBe(table.count);
    expect(found.densities[1]).toBeGreaterThan(found.densities[0]);
  });

  test.each(RANGES)('a range between two borders of %s lets just those bins pass', (name) => {
    const { edges, all } = histogramsOf(table, statistics, STYLE)[name];
    const [from, to] = [12, 30];
    const gate = { [name]: [edges[from], edges[to]] as const };
    const { gated } = histogramsOf(table, statistics, { ...STYLE, gate })[name];
    const outside = all.map((_, bin) => (bin < from || bin > to ? gated[bin] : 0));
    expect(sum(outside)).toBe(0);
    for (let bin = from; bin < to; bin++) expect(gated[bin]).toBe(all[bin]);
    expect(sum(gated)).toBeGreaterThan(0);
  });

  test('counts by type follow the gate', () => {
    const gate = { types: [2] };
    const { types, passing, cells } = histogramsOf(table, statistics, { ...STYLE, gate });
    expect([types.gated[1], types.gated[2]]).toEqual([0, types.all[2]]);
    expect(passing).toBe(types.all[2]);
    expect(cells).toBe(table.count);
  });

  test('zero is a border of contribution, so that for and against are never one bin', () => {
    const { edges } = histogramsOf(table, statistics, STYLE).contribution;
    expect(edges[24]).toBeCloseTo(0, 12);
  });
});
