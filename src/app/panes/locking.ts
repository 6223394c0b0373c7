/**
 * Views that move together. A map takes level-0 px of the main slide to level-0 px of the other;
 * partner points stand equally far from the middle of their panes, at the same physical size.
 */
import {
  type Affine,
  apply,
  compose,
  IDENTITY,
  invert,
  type ScreenTransform,
  scaleOf,
  unapply,
} from '../../core/affine.ts';

/** Of a pane, CSS px. */
export interface Size {
  width: number;
  height: number;
}

/** How the other slide lies in a pane of `size` while the main view is `main`. */
export function followed(main: ScreenTransform, map: Affine, size: Size): ScreenTransform {
  const laid = compose(between(main, size), compose(main, invert(map)));
  return { ...laid, width: size.width, height: size.height };
}

/** How the main slide lies in its pane of `size` while the other view is `other`. */
export function led(other: ScreenTransform, map: Affine, size: Size): ScreenTransform {
  const laid = compose(between(other, size), compose(other, map));
  return { ...laid, width: size.width, height: size.height };
}

/**
 * The map that keeps two views as far apart as they are: what is in the middle of both is the same
 * place, and the turn between them stays. `scale` is the other slide's px per px of the main one at
 * equal physical size (um/px by um/px); null where a scale is unknown: the zooms stay as they are.
 */
export function offsetNow(
  main: ScreenTransform,
  other: ScreenTransform,
  scale: number | null,
): Affine {
  const turn = compose(invert(other), main);
  const by = scale === null ? 1 : scale / scaleOf(turn);
  const linear = { a: turn.a * by, b: turn.b * by, c: turn.c * by, d: turn.d * by };
  const from = unapply(main, main.width / 2, main.height / 2);
  const to = unapply(other, other.width / 2, other.height / 2);
  const met = apply({ ...linear, e: 0, f: 0 }, from.x, from.y);
  return { ...linear, e: to.x - met.x, f: to.y - met.y };
}

/** From the screen of one pane to that of another, middle to middle. */
function between(from: Size, to: Size): Affine {
  return { ...IDENTITY, e: (to.width - from.width) / 2, f: (to.height - from.height) / 2 };
}
