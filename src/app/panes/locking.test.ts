import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Affine, apply, type ScreenTransform, scaleOf, unapply } from '../../core/affine.ts';
import { followed, led, offsetNow } from './locking.ts';

const turn = fc.double({ min: 0, max: 6.28, noNaN: true });
const scale = fc.double({ min: 0.02, max: 8, noNaN: true });
const shift = fc.double({ min: -20_000, max: 20_000, noNaN: true });
const side = fc.integer({ min: 200, max: 1900 });

const similarity = fc
  .tuple(turn, scale, fc.boolean(), shift, shift)
  .map(([angle, size, flip, e, f]): Affine => {
    const [c, s] = [Math.cos(angle) * size, Math.sin(angle) * size];
    const m = flip ? -1 : 1;
    return { a: m * c, b: m * s, c: -s, d: c, e, f };
  });
const view = fc
  .tuple(similarity, side, side)
  .map(([m, width, height]): ScreenTransform => ({ ...m, width, height }));
const sheared = fc
  .tuple(similarity, fc.double({ min: -0.2, max: 0.2, noNaN: true }))
  .map(([m, k]): Affine => ({ ...m, c: m.c + k * m.a, d: m.d + k * m.b }));

/** Do two views show the same to within `px` screen px, corner by corner? */
function sameView(a: ScreenTransform, b: ScreenTransform, px: number): boolean {
  if (a.width !== b.width || a.height !== b.height) return false;
  const corners = [
    [0, 0],
    [a.width, 0],
    [0, a.height],
  ];
  return corners.every(([x, y]) => {
    const at = unapply(a, x, y);
    const there = apply(b, at.x, at.y);
    return Math.hypot(there.x - x, there.y - y) < px;
  });
}

describe('views that move together', () => {
  it('go to the other view and back', () => {
    fc.assert(
      fc.property(view, sheared, side, side, (main, map, width, height) => {
        const other = followed(main, map, { width, height });
        expect(sameView(led(other, map, main), main, 1e-4)).toBe(true);
      }),
    );
  });

  it('keep partner points equally far from the middle of both panes', () => {
    fc.assert(
      fc.property(view, sheared, side, side, shift, shift, (main, map, width, height, x, y) => {
        const other = followed(main, map, { width, height });
        const partner = apply(map, x, y);
        const here = apply(main, x, y);
        const there = apply(other, partner.x, partner.y);
        const far = Math.abs(here.x) + Math.abs(here.y) + 1;
        expect(there.x - width / 2).toBeCloseTo(here.x - main.width / 2, -Math.log10(far / 1e6));
        expect(there.y - height / 2).toBeCloseTo(here.y - main.height / 2, -Math.log10(far / 1e6));
      }),
    );
  });

  it('leave both views where they are when the lock is switched on', () => {
    fc.assert(
      fc.property(view, view, (main, other) => {
        const map = offsetNow(main, other, null);
        expect(sameView(followed(main, map, other), other, 1e-4)).toBe(true);
      }),
    );
  });

  it('bring the other view to the same physical size around its own middle', () => {
    fc.assert(
      fc.property(view, view, scale, (main, other, ratio) => {
        const now = followed(main, offsetNow(main, other, ratio), other);
        // px of the other slide are `ratio` to one of the main one.
        expect((scaleOf(now) * ratio) / scaleOf(main)).toBeCloseTo(1, 6);
        const was = unapply(other, other.width / 2, other.height / 2);
        const stays = apply(now, was.x, was.y);
        expect(stays.x).toBeCloseTo(other.width / 2, 3);
        expect(stays.y).toBeCloseTo(other.height / 2, 3);
      }),
    );
  });
});
