import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createAnnotation } from '../../annotation/annotation.ts';
import type { Geometry } from '../../annotation/geometry.ts';
import { insideAny } from '../../annotation/inside.ts';
import { type CellTable, createCells } from '../../core/cells.ts';
import { areasInside, countCells, insideClass, sumOf } from './counting.ts';

function cells(places: readonly (readonly [number, number])[]): CellTable {
  const table = createCells(places.length, 1);
  places.forEach(([x, y], i) => {
    table.x[i] = x;
    table.y[i] = y;
    table.type[i] = i % 3;
  });
  table.count = places.length;
  return table;
}

const LEFT = createAnnotation(
  { kind: 'rectangle', x: 0, y: 0, w: 500, h: 1000 },
  { classification: { name: 'Tumour', colour: '#d55e00' } },
);
const ROUND = createAnnotation({ kind: 'ellipse', x: 400, y: 400, w: 400, h: 400 });
const LINE = createAnnotation({ kind: 'line', points: [0, 0, 900, 900] });

describe('cells inside of annotations', () => {
  const place = fc.tuple(fc.integer({ min: 0, max: 999 }), fc.integer({ min: 0, max: 999 }));

  test('every cell is counted where its centre lies, by its type', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(place, { maxLength: 200 }), async (places) => {
        const table = cells(places);
        const counts = await countCells([LEFT, ROUND, LINE], table, [], 0.5);
        const left = places.filter(([x]) => x < 500);
        const found = counts.get(LEFT.id);
        expect(found?.total).toBe(left.length);
        expect(found?.byType[1]).toBe(places.filter(([x], i) => x < 500 && i % 3 === 1).length);
        expect(found?.area).toBe(500 * 1000 * 0.25);
        const round = places.filter(([x, y]) => Math.hypot(x - 600, y - 600) <= 200);
        expect(counts.get(ROUND.id)?.total).toBe(round.length);
        expect(counts.has(LINE.id)).toBe(false);
      }),
    );
  });

  test('density is over what was analysed of the area', async () => {
    const fields = [0, 100, 200, 300, 400, 500, 600, 700, 800, 900].flatMap((y) =>
      [0, 100].map((x) => ({ x, y, w: 100, h: 100 })),
    );
    const counts = await countCells([LEFT, ROUND], cells([]), fields, 1);
    const left = counts.get(LEFT.id);
    expect((left?.analysed ?? 0) / (left?.area ?? 1)).toBeCloseTo(0.4, 1);
    expect(counts.get(ROUND.id)?.analysed).toBe(0);
  });

  test('sums add cells and areas alike; nothing known is no sum', () => {
    const one = { byType: new Uint32Array(256).fill(1), total: 256, area: 10, analysed: 5 };
    expect(sumOf([one, undefined, one])).toMatchObject({ total: 512, area: 20, analysed: 10 });
    expect(sumOf([undefined])).toBeNull();
  });

  test('a filter names a class or one shape; many shapes answer as each of them would', () => {
    const list = [LEFT, ROUND, LINE];
    expect(areasInside(list, insideClass('Tumour'))).toEqual([LEFT.geometry]);
    expect(areasInside(list, ROUND.id)).toEqual([ROUND.geometry]);
    expect(areasInside(list, LINE.id)).toEqual([]);
    const boxes = fc.array(fc.tuple(place, place), { maxLength: 40 });
    fc.assert(
      fc.property(boxes, place, (pairs, [x, y]) => {
        const shapes = pairs.map(([[ax, ay], [w, h]]): Geometry => {
          return { kind: 'rectangle', x: ax, y: ay, w: 1 + w / 10, h: 1 + h / 10 };
        });
        const expected = shapes.some(
          (s) => s.kind === 'rectangle' && x >= s.x && y >= s.y && x < s.x + s.w && y < s.y + s.h,
        );
        expect(insideAny(shapes)(x, y)).toBe(expected);
      }),
    );
  });
});
