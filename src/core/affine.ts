/**
 * Affine maps of the plane, in the order of `setTransform`: x' = a x + c y + e, y' = b x + d y + f.
 * Level-0 pixel i covers [i, i + 1): no half-pixel shift.
 */
import type { Point, Rect } from './geometry.ts';

export interface Affine {
  a: number;
  b: number;
  c: number;
  d: number;
  e: number;
  f: number;
}

/** Where level-0 px lie on a screen, and the screen's size; both in CSS px of the viewer's element. */
export interface ScreenTransform extends Affine {
  width: number;
  height: number;
}

export const IDENTITY: Affine = { a: 1, b: 0, c: 0, d: 1, e: 0, f: 0 };

export function apply(m: Affine, x: number, y: number): Point {
  return { x: m.a * x + m.c * y + m.e, y: m.b * x + m.d * y + m.f };
}

/** The point that `apply` takes to (x, y). */
export function unapply(m: Affine, x: number, y: number): Point {
  const det = m.a * m.d - m.b * m.c;
  const [dx, dy] = [x - m.e, y - m.f];
  return { x: (m.d * dx - m.c * dy) / det, y: (m.a * dy - m.b * dx) / det };
}

/** First `inner`, then `outer`. */
export function compose(outer: Affine, inner: Affine): Affine {
  const { x: e, y: f } = apply(outer, inner.e, inner.f);
  return {
    a: outer.a * inner.a + outer.c * inner.b,
    b: outer.b * inner.a + outer.d * inner.b,
    c: outer.a * inner.c + outer.c * inner.d,
    d: outer.b * inner.c + outer.d * inner.d,
    e,
    f,
  };
}

export function invert(m: Affine): Affine {
  const det = m.a * m.d - m.b * m.c;
  const { x: e, y: f } = unapply(m, 0, 0);
  return { a: m.d / det, b: -m.b / det, c: -m.c / det, d: m.a / det, e, f };
}

/** Lengths grow by this much: screen px per level-0 px. */
export function scaleOf(m: Affine): number {
  return Math.sqrt(Math.abs(m.a * m.d - m.b * m.c));
}

/** The level-0 box around all that a screen shows. */
export function boxInView(view: ScreenTransform): Rect {
  const corners = [
    unapply(view, 0, 0),
    unapply(view, view.width, 0),
    unapply(view, 0, view.height),
    unapply(view, view.width, view.height),
  ];
  const xs = corners.map((p) => p.x);
  const ys = corners.map((p) => p.y);
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, w: Math.max(...xs) - x, h: Math.max(...ys) - y };
}
