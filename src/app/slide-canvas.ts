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

export type Context2D = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/** `context` took CSS px; from here on it takes level-0 px. */
export function inSlidePixels(context: Context2D, { a, b, c, d, e, f }: ScreenTransform): void {
  context.transform(a, b, c, d, e, f);
}

/** What lies over the slide beside the cells; `fields` lies below them, the rest above, in order. */
export const LAYERS = ['fields', 'unfamiliar', 'spots', 'frames', 'marks'] as const;

/** A layer as a picture of the view needs it. */
export interface Layer {
  /** Draw what is shown of it, if anything; one unit is a CSS px. */
  paint(context: Context2D, view: ScreenTransform): void;
  /** What its colours mean; null while none are shown. */
  legend?(): LayerLegend | null;
}

export interface LayerLegend {
  title: string;
  /** CSS gradient from the low end to the high one, and what stands below it. */
  gradient: string;
  ticks: readonly [low: string, middle: string, high: string];
  unit: string;
  /** What has to be known beside it. */
  notes: readonly string[];
}
