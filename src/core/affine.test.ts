import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Affine, apply, boxInView, compose, invert, scaleOf, unapply } from './affine.ts';

const number = fc.double({ min: -50, max: 50, noNaN: true });
/** A turn, a scale, perhaps a mirror, and a shift: what a viewer can do. */
const map = fc
  .tuple(
    fc.double({ min: 0, max: 7, noNaN: true }),
    fc.double({ min: 0.01, max: 20, noNaN: true }),
    fc.boolean(),
    number,
    number,
  )
  .map(([angle, scale, flip, e, f]): Affine => {
    const [c, s] = [Math.cos(angle) * scale, Math.sin(angle) * scale];
    const m = flip ? -1 : 1;
    return { a: c * m, b: s * m, c: -s, d: c, e, f };
  });

describe('affine maps', () => {
  it('go there and back', () => {
    fc.assert(
      fc.property(map, number, number, (m, x, y) => {
        const there = apply(m, x, y);
        const back = unapply(m, there.x, there.y);
        expect(back.x).toBeCloseTo(x, 6);
        expect(back.y).toBeCloseTo(y, 6);
        const same = apply(invert(m), there.x, there.y);
        expect(same.x).toBeCloseTo(x, 6);
        expect(same.y).toBeCloseTo(y, 6);
      }),
    );
  });

  it('compose in the order that is said, and scales multiply', () => {
    fc.assert(
      fc.property(map, map, number, number, (outer, inner, x, y) => {
        const step = apply(inner, x, y);
        const two = apply(outer, step.x, step.y);
        const one = apply(compose(outer, inner), x, y);
        expect(one.x).toBeCloseTo(two.x, 5);
        expect(one.y).toBeCloseTo(two.y, 5);
        expect(scaleOf(compose(outer, inner))).toBeCloseTo(scaleOf(outer) * scaleOf(inner), 5);
      }),
    );
  });

  it('a turned screen shows a larger box', () => {
    const turned = { a: 0, b: 1, c: -1, d: 0, e: 100, f: 0, width: 100, height: 50 };
    expect(boxInView(turned)).toEqual({ x: 0, y: 0, w: 50, h: 100 });
  });
});
