import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { intersect } from '../core/geometry.ts';
import { fieldRect, placeKey, planFields } from './plan.ts';

const slide = { width: 20_000, height: 16_000 };
const side = 448;

describe('planning fields', () => {
  it('cuts the same tissue the same way from any view', () => {
    const a = planFields({ x: 1000, y: 1000, w: 3000, h: 2000 }, side, slide);
    const b = planFields({ x: 1400, y: 900, w: 3000, h: 2400 }, side, slide);
    const keysB = new Set(b.map((p) => placeKey(p.col, p.row)));
    expect(a.filter((p) => keysB.has(placeKey(p.col, p.row))).length).toBeGreaterThan(15);
  });

  it('starts in the middle of the view', () => {
    const [first] = planFields({ x: 4000, y: 4000, w: 4480, h: 4480 }, side, slide);
    const rect = fieldRect(first, side);
    expect(Math.abs(rect.x + side / 2 - 6240)).toBeLessThan(side);
    expect(Math.abs(rect.y + side / 2 - 6240)).toBeLessThan(side);
  });

  it('covers the view up to a rim thinner than an eighth of a field, each field once', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 15_000 }),
        fc.integer({ min: 0, max: 12_000 }),
        fc.integer({ min: 900, max: 4000 }),
        fc.integer({ min: 900, max: 4000 }),
        (x, y, w, h) => {
          const region = { x, y, w, h };
          const places = planFields(region, side, slide);
          expect(new Set(places.map((p) => placeKey(p.col, p.row))).size).toBe(places.length);
          const inside = intersect(region, { x: 0, y: 0, w: slide.width, h: slide.height });
          const covered = places
            .map((p) => intersect(fieldRect(p, side), region))
            .reduce((sum, r) => sum + (r ? r.w * r.h : 0), 0);
          const rim = 2 * (side / 8) * (w + h);
          expect(covered).toBeGreaterThan((inside?.w ?? 0) * (inside?.h ?? 0) - 2 * rim);
        },
      ),
    );
  });

  it('gives one field to a view inside a field and none outside of the slide', () => {
    expect(planFields({ x: 100, y: 100, w: 20, h: 20 }, side, slide)).toEqual([{ col: 0, row: 0 }]);
    expect(planFields({ x: -900, y: 0, w: 800, h: 800 }, side, slide)).toEqual([]);
  });
});
