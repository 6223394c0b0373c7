import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { appendCells, createCells, outline, RAYS } from '../core/cells.ts';
import { insidePolygon } from '../core/geometry.ts';
import { insideCell, Picker } from './pick.ts';
import { cellTable, scatter } from './testing/cells.ts';

const always = () => true;
const radii = fc.array(fc.integer({ min: 1, max: 255 }), { minLength: RAYS, maxLength: RAYS });
const turn = fc.double({ min: 0, max: 2 * Math.PI, noNaN: true });

describe('point in an outline', () => {
  test('agrees with the polygon that is drawn', () => {
    fc.assert(
      fc.property(radii, turn, fc.double({ min: 0, max: 140, noNaN: true }), (r, angle, far) => {
        const table = cellTable([{ x: 1000, y: 2000, radii: r }]);
        const [x, y] = [1000 + far * Math.cos(angle), 2000 + far * Math.sin(angle)];
        const points = outline(table, 0);
        // On the very edge rounding decides; a hair to either side both must agree.
        fc.pre([0.999, 1.001].every((s) => inside(points, s) === insidePolygon(points, x, y)));
        expect(insideCell(table, 0, x, y)).toBe(insidePolygon(points, x, y));

        function inside(polygon: Float64Array, scale: number): boolean {
          return insidePolygon(polygon, 1000 + (x - 1000) * scale, 2000 + (y - 2000) * scale);
        }
      }),
    );
  });

  test('a point inside its outline picks that cell', () => {
    fc.assert(
      fc.property(radii, turn, fc.double({ min: 0, max: 0.99, noNaN: true }), (r, angle, share) => {
        const table = cellTable([
          { x: 90_000, y: 50_000, radii: 3 },
          { x: 100_000, y: 50_000, radii: r },
        ]);
        // The edge between two rays is nowhere nearer than the shorter ray times cos(half a step).
        const k = Math.floor((angle / (2 * Math.PI)) * RAYS) % RAYS;
        const least = Math.min(r[k], r[(k + 1) % RAYS]) * 0.5 * Math.cos(Math.PI / RAYS);
        const [x, y] = [
          100_000 + share * least * Math.cos(angle),
          50_000 + share * least * Math.sin(angle),
        ];
        expect(new Picker().pick(table, x, y, always)).toBe(1);
      }),
    );
  });
});

describe('picking', () => {
  test('the smallest of overlapping cells wins, the later of equal ones', () => {
    const table = cellTable([
      { x: 50, y: 50, radii: 20 },
      { x: 50, y: 50, radii: 60 },
      { x: 52, y: 50, radii: 20 },
    ]);
    const picker = new Picker();
    expect(picker.pick(table, 51, 50, always)).toBe(2);
    expect(picker.pick(table, 50, 70, always)).toBe(1);
    expect(picker.pick(table, 50, 90, always)).toBe(-1);
  });

  test('hidden cells are not picked', () => {
    const table = cellTable([
      { x: 50, y: 50, radii: 20 },
      { x: 50, y: 50, radii: 60 },
    ]);
    expect(new Picker().pick(table, 50, 50, (i) => i !== 0)).toBe(1);
  });

  test('the same cell is found as by trying all, also among rows that came later', () => {
    const table = createCells(0, 0.5);
    const picker = new Picker();
    for (const [count, seed] of [
      [6000, 1],
      [500, 2],
      [34_000, 3],
    ]) {
      appendCells(table, scatter(count, 5000, seed));
      for (let i = 0; i < table.count; i += 1999) {
        const [x, y] = [table.x[i], table.y[i]];
        let [best, least] = [-1, Infinity];
        for (let j = 0; j < table.count; j++) {
          const area = table.radii[j * RAYS];
          if (insideCell(table, j, x, y) && area <= least) [best, least] = [j, area];
        }
        expect(picker.pick(table, x, y, always)).toBe(best);
      }
    }
  });

  test('a cleared picker forgets the former table', () => {
    const picker = new Picker();
    picker.pick(scatter(25_000, 3000), 1500, 1500, always);
    picker.clear();
    expect(picker.pick(cellTable([{ x: 9, y: 9, radii: 4 }]), 1500, 1500, always)).toBe(-1);
    expect(picker.pick(cellTable([{ x: 9, y: 9, radii: 4 }]), 9, 9, always)).toBe(0);
  });
});
