import { describe, expect, it } from 'vitest';
import { seeField } from '../../analysis/field.ts';
import type { Ledger } from '../../analysis/ledger.ts';
import { roundCells } from '../../analysis/testing.ts';
import type { Tensor } from '../../model/tensor.ts';
import { readRegion } from '../../slide/region.ts';
import { createSyntheticSlide, DEFAULT_SYNTHETIC } from '../../slide/synthetic/synthetic.ts';
import { colourKit, PX, SIDE } from '../testing/colour-kit.ts';
import { nearestField, readFieldView } from './field.ts';
import { stressField } from './stress.ts';

const slide = createSyntheticSlide(DEFAULT_SYNTHETIC);
const rect = { x: 160 * SIDE, y: 200 * SIDE, w: SIDE, h: SIDE };

const noCells = { table: roundCells([]), rows: [], place: (x: number, y: number) => ({ x, y }) };

describe('a stressed field', () => {
  it('as it is, is what the analysis saw', async () => {
    const seen: Tensor[] = [];
    const kit = colourKit(0, seen);
    const view = await readFieldView(slide, rect, kit);
    const inside = await readFieldView(slide, { ...rect, x: rect.x + SIDE / 2 }, kit);
    expect(view.window.width).toBe(2 * PX);
    // The right half of one field is the left half of the field half a side on.
    const row = (image: typeof view.field, from: number) => [
      ...image.data.subarray(4 * from, 4 * (from + PX / 2)),
    ];
    expect(row(view.field, PX / 2)).toEqual(row(inside.field, 0));

    const pixels = await readRegion(slide, rect, SIDE, SIDE);
    const geometry = { fieldUm: 32, marginUm: 0, marginPx: 0, shrink: 2 };
    await seeField(pixels, rect, 0.25, kit, geometry);
    await stressField(
      kit,
      view,
      noCells,
      async () => null,
      () => undefined,
    );
    expect(seen.length).toBeGreaterThan(40);
    expect([...seen[1].data]).toEqual([...seen[0].data]);
  });

  it('by a head that knows colour alone: steady when turned, not when stained', async () => {
    const before = colourKit(0);
    const view = await readFieldView(slide, rect, before);
    const steps: number[] = [];
    const asked = await stressField(
      before,
      view,
      noCells,
      async () => null,
      () => undefined,
    );
    const level = Math.log(asked.original.probability / (1 - asked.original.probability));
    const report = await stressField(
      colourKit(level - 0.05),
      view,
      noCells,
      async () => null,
      (done) => steps.push(done),
    );
    const of = Object.fromEntries(report.families.map((f) => [f.family, f]));
    expect(report.original.probability).toBeCloseTo(1 / (1 + Math.exp(-0.05)), 3);
    expect(of.mirror.spread.head).toBeLessThan(1e-3);
    expect(of.stain.spread.head).toBeGreaterThan(0.05);
    expect(of.light.flips.head).toBeGreaterThan(0);
    const moved = (look: { probability: number }) =>
      Math.abs(look.probability - report.original.probability);
    expect(moved(of.light.worst)).toBe(Math.max(...of.light.looks.map(moved)));
    // The other variant says the same of everything.
    for (const { spread, flips } of report.families) {
      expect(spread.partner).toBe(0);
      expect(flips.partner).toBe(0);
    }
    // No JPEG here, so nothing is said of it; and no cells, so no ranks.
    expect(of.compression).toBeUndefined();
    expect(report.original.rank).toBeNull();
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
  });

  it('is the one nearest to the place', () => {
    const fields = [0, 1, 2].map((col) => ({ id: col, place: { col, row: 0 } }));
    const ledger = { fields } as unknown as Ledger;
    expect(nearestField(ledger, 10, { x: 14, y: 900 }).id).toBe(1);
    expect(nearestField(ledger, 10, { x: -50, y: 0 }).id).toBe(0);
  });
});
