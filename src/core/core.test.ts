import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  appendCells,
  BYTES_PER_CELL,
  COLUMN_NAMES,
  createCells,
  outline,
  RAYS,
  sliceCells,
} from './cells.ts';
import { insidePolygon, polygonArea } from './geometry.ts';
import { formatArea, formatLength, formatSigned, scaleBar } from './units.ts';

describe('the cell table', () => {
  it('holds a million cells in 64 MB', () => {
    expect(BYTES_PER_CELL * 1_000_000).toBeLessThanOrEqual(64 * 1024 * 1024);
  });

  it('gives back what was appended, however it was cut', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 8 }), (sizes) => {
        const table = createCells(0, 0.5);
        let next = 0;
        for (const size of sizes) {
          const chunk = createCells(size, 0.5);
          chunk.count = size;
          for (let i = 0; i < size; i++, next++) {
            chunk.x[i] = next;
            chunk.radii[i * RAYS + 31] = next % 256;
            chunk.type[i] = next % 5;
          }
          expect(appendCells(table, chunk)).toBe(next - size);
        }
        const copy = sliceCells(table);
        expect(copy.count).toBe(next);
        for (const name of COLUMN_NAMES) {
          expect(copy[name].length).toBe(next * (name === 'radii' ? RAYS : 1));
        }
        for (let i = 0; i < next; i++) {
          expect(copy.x[i]).toBe(i);
          expect(copy.radii[i * RAYS + 31]).toBe(i % 256);
          expect(copy.type[i]).toBe(i % 5);
        }
      }),
    );
  });

  it('draws ray k at 2 pi k / 32, from +x towards +y', () => {
    const table = createCells(1, 0.5);
    table.count = 1;
    table.x[0] = 100;
    table.y[0] = 200;
    table.radii.fill(20);
    const points = outline(table, 0);
    expect([points[0], points[1]]).toEqual([110, 200]);
    expect(points[16]).toBeCloseTo(100, 9);
    expect(points[17]).toBeCloseTo(210, 9);
    expect(polygonArea(points)).toBeCloseTo(Math.PI * 100, -1);
    expect(insidePolygon(points, 109, 200)).toBe(true);
    expect(insidePolygon(points, 111, 200)).toBe(false);
  });
});

describe('units', () => {
  it('the scale bar is round, fits, and is as long as it says', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.02, max: 500, noNaN: true }), (umPerPx) => {
        const { um, px } = scaleBar(umPerPx, 160);
        expect(px).toBeLessThanOrEqual(160 + 1e-6);
        expect(px).toBeGreaterThan(60);
        expect(px * umPerPx).toBeCloseTo(um, 6);
        expect(['1', '2', '5']).toContain(um.toExponential()[0]);
      }),
    );
  });

  it('reads well', () => {
    expect(formatLength(50)).toBe('50 µm');
    expect(formatLength(1500)).toBe('1.5 mm');
    expect(formatArea(71.26)).toBe('71.3 µm²');
    expect(formatArea(440_000)).toBe('0.44 mm²');
    expect(formatSigned(-0.0371, 3)).toBe('\u22120.037');
    expect(formatSigned(0.0004, 3)).toBe('0.000');
    expect(formatSigned(2)).toBe('+2.00');
  });
});
