/** Fields that the panels speak of, framed on the slide so that one sees which tissue it is. */

import { cornersOf } from '../../annotation/geometry.ts';
import { apply, boxInView, type ScreenTransform } from '../../core/affine.ts';
import { intersect, type Rect } from '../../core/geometry.ts';
import { type SimilarSearch, shownAnswer } from '../retrieval/state.ts';
import type { Context2D } from '../slide-canvas.ts';

export interface FieldFrame {
  /** Level-0 px of the open slide. */
  rect: Rect;
  text: string;
  colour: string;
}

/** Bright on a dark casing: to be seen on any tissue, in every theme. CSS px. */
const LINE = 2.5;
const CASING = 6;
const DARK = 'rgba(16, 17, 19, 0.85)';
const FOUND = '#5ac8b0';
const STRESSED = '#e3b455';
const FONT = '600 12px Inter, "Segoe UI", system-ui, sans-serif';
const PLATE = 22;

/** What is framed on a slide: the similar field that is shown, and the stressed one. */
export function framesOn(
  slideId: string,
  similar: SimilarSearch | null,
  stressed: { rect: Rect } | null,
): FieldFrame[] {
  const frames: FieldFrame[] = [];
  const answer = similar && shownAnswer(similar);
  if (answer?.slideId === slideId) {
    const text = `Similar field ${similar ? similar.shown.at + 1 : ''}`;
    frames.push({ rect: answer.rect, text, colour: FOUND });
  }
  if (stressed) frames.push({ rect: stressed.rect, text: 'Stressed field', colour: STRESSED });
  return frames;
}

/** Draw the frames in view, each with its name; one unit of `context` is a CSS px. */
export function drawFrames(
  context: Context2D,
  view: ScreenTransform,
  frames: readonly FieldFrame[],
): void {
  for (const frame of frames) {
    if (intersect(frame.rect, boxInView(view))) drawFrame(context, view, frame);
  }
}

function drawFrame(context: Context2D, view: ScreenTransform, frame: FieldFrame): void {
  const { rect, text, colour } = frame;
  const corners = cornersOf(rect);
  const places = [0, 2, 4, 6].map((i) => apply(view, corners[i], corners[i + 1]));
  context.beginPath();
  for (const { x, y } of places) context.lineTo(x, y);
  context.closePath();
  context.lineJoin = 'round';
  for (const [style, width] of [
    [DARK, CASING],
    [colour, LINE],
  ] as const) {
    context.strokeStyle = style;
    context.lineWidth = width;
    context.stroke();
  }
  // Below the field as it stands on screen, however the slide is turned.
  const left = Math.min(...places.map(({ x }) => x));
  const bottom = Math.max(...places.map(({ y }) => y)) + 6;
  context.font = FONT;
  context.textBaseline = 'middle';
  context.fillStyle = DARK;
  context.fillRect(left, bottom, context.measureText(text).width + 16, PLATE);
  context.fillStyle = colour;
  context.fillText(text, left + 8, bottom + PLATE / 2);
}
