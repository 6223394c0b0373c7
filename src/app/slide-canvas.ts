/** Canvases that lie over the slide: as large as the view, in the pixels of the screen. */
import type { ScreenTransform } from '../core/affine.ts';

/**
 * The context of `canvas`, fitted to the view and cleared; one unit is a CSS px. Null where there
 * is no view or nothing to draw (`any` false): the canvas is hidden then, for an empty one costs
 * the compositor as much as a full one, in every frame in which the slide moves.
 */
export function slideContext(
  canvas: HTMLCanvasElement,
  view: ScreenTransform | null,
  any: boolean,
): CanvasRenderingContext2D | null {
  const hidden = !view || !any;
  if (canvas.hidden !== hidden) canvas.hidden = hidden;
  const context = hidden ? null : canvas.getContext('2d');
  if (!context || !view) return null;
  const dpr = window.devicePixelRatio;
  const [width, height] = [Math.round(view.width * dpr), Math.round(view.height * dpr)];
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  context.resetTransform();
  context.clearRect(0, 0, width, height);
  context.scale(dpr, dpr);
  return context;
}

/** From here on `context` takes level-0 px. */
export function inSlidePixels(context: CanvasRenderingContext2D, view: ScreenTransform): void {
  const dpr = window.devicePixelRatio;
  const { a, b, c, d, e, f } = view;
  context.setTransform(a * dpr, b * dpr, c * dpr, d * dpr, e * dpr, f * dpr);
}
