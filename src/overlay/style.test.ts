import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { colorMapOf, type OverlayView, scaleOf, toSlide, typeColor, viewBox } from './style.ts';

const VIEW: OverlayView = {
  a: 2,
  b: 0,
  c: 0,
  d: 2,
  e: -100,
  f: 40,
  width: 800,
  height: 600,
  dpr: 2,
};

describe('view', () => {
  test('toSlide undoes the affine, also turned and mirrored', () => {
    const number = fc.double({ min: -1000, max: 1000, noNaN: true });
    const turn = fc.double({ min: 0, max: 6.28, noNaN: true });
    const scale = fc.double({ min: 0.01, max: 8, noNaN: true });
    fc.assert(
      fc.property(number, number, turn, scale, fc.boolean(), (x, y, angle, s, mirror) => {
        const [c, d] = [Math.cos(angle) * s, Math.sin(angle) * s];
        const m = mirror ? -1 : 1;
        const view: OverlayView = { ...VIEW, a: c * m, b: d * m, c: -d, d: c };
        const at = toSlide(
          view,
          view.a * x + view.c * y + view.e,
          view.b * x + view.d * y + view.f,
        );
        expect(at.x).toBeCloseTo(x, 6);
        expect(at.y).toBeCloseTo(y, 6);
        expect(scaleOf(view)).toBeCloseTo(s, 9);
      }),
    );
  });

  test('the box of a view holds its corners', () => {
    expect(viewBox(VIEW)).toEqual([50, -20, 450, 280]);
    const [x0, , x1] = viewBox({ ...VIEW, a: 0, b: 2, c: -2, d: 0, e: 600, f: 0 });
    expect([x0, x1]).toEqual([0, 300]);
  });
});

describe('colours', () => {
  test('contribution diverges, attention does not', () => {
    expect(colorMapOf({ value: 'contribution', sequential: 'cividis' })).toBe('vik');
    expect(colorMapOf({ value: 'attention' })).toBe('viridis');
    expect(colorMapOf({ value: 'attention', sequential: 'batlow' })).toBe('batlow');
  });

  test('a type has one colour on the slide and in panels', () => {
    expect(typeColor(0, ['lymphocyte'])).toBe(typeColor(1, ['epithelial', 'inflammatory']));
  });
});
