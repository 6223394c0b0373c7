/**
 * Annotations on a canvas. Places go through the whole affine map of the view, so turned and
 * mirrored views are right; lines keep their width on screen. All sizes are CSS px.
 */

import { type Annotation, colourOf } from '../../annotation/annotation.ts';
import { handlesOf } from '../../annotation/edit.ts';
import { type Coordinates, type Geometry, isArea, outlinesOf } from '../../annotation/geometry.ts';
import { mainMeasure } from '../../annotation/measure.ts';
import { type Affine, apply } from '../../core/affine.ts';
import { parseHex, toOklab } from '../../core/colormap.ts';
import type { Point } from '../../core/geometry.ts';
import type { Context2D } from '../slide-canvas.ts';

const LINE = 2;
const SELECTED_LINE = 3;
const HALO = 2;
const DARK_HALO = 'rgba(16, 17, 19, 0.6)';
const LIGHT_HALO = 'rgba(255, 255, 255, 0.75)';
/** OKLab lightness below which a line needs a light halo. */
const DARK = 0.45;
/** Faint: tissue under an area keeps its colours. */
const FILL_ALPHA = 0.06;
const POINT_RADIUS = 5;
export const HANDLE_PX = 8;
/** Shapes of more corners are moved as a whole: so many handles could not be told apart. */
export const MOST_HANDLES = 400;
const FONT = '600 12px Inter, "Segoe UI", system-ui, sans-serif';
const LABEL_GAP = 10;

export interface Look {
  selected: boolean;
  /** Fill and halo are left away where very many shapes are drawn. */
  plain: boolean;
}

/** Draw a shape with its line, fill and points. */
export function drawAnnotation(
  context: Context2D,
  view: Affine,
  annotation: Annotation,
  { selected, plain }: Look,
): void {
  const { geometry } = annotation;
  const colour = colourOf(annotation);
  const width = selected ? SELECTED_LINE : LINE;
  if (geometry.kind === 'points') {
    drawPoints(context, view, geometry.points, colour, selected);
    return;
  }
  context.beginPath();
  for (const { points, closed } of outlinesOf(geometry)) trace(context, view, points, closed);
  context.lineJoin = 'round';
  if (!plain) {
    if (isArea(geometry)) {
      context.globalAlpha = selected ? 2 * FILL_ALPHA : FILL_ALPHA;
      context.fillStyle = colour;
      context.fill('evenodd');
      context.globalAlpha = 1;
    }
    stroke(context, haloOf(colour), width + 2 * HALO);
  }
  stroke(context, colour, width);
}

/** What a brush will have covered: its stroke as wide as the brush. `radius` in CSS px. */
export function drawStroke(
  context: Context2D,
  view: Affine,
  points: Coordinates,
  radius: number,
  colour: string,
): void {
  context.beginPath();
  trace(context, view, points, false);
  const end = apply(view, points[points.length - 2], points[points.length - 1]);
  // A path of no length has no round caps.
  context.lineTo(end.x + 0.01, end.y);
  context.lineCap = 'round';
  context.lineJoin = 'round';
  context.globalAlpha = 0.45;
  stroke(context, colour, 2 * radius);
  context.globalAlpha = 1;
  context.lineCap = 'butt';
}

/** Squares to take hold of. */
export function drawHandles(context: Context2D, view: Affine, geometry: Geometry): void {
  const handles = handlesOf(geometry);
  if (handles.length > MOST_HANDLES) return;
  context.fillStyle = '#ffffff';
  context.strokeStyle = '#17181a';
  context.lineWidth = 1;
  for (const handle of handles) {
    const { x, y } = apply(view, handle.x, handle.y);
    const side = HANDLE_PX;
    context.fillRect(x - side / 2, y - side / 2, side, side);
    context.strokeRect(x - side / 2, y - side / 2, side, side);
  }
}

/** The size of a shape, or its name and size, beside it on a plate of its own. */
export function drawLabel(
  context: Context2D,
  view: Affine,
  annotation: Annotation,
  mpp: number | null,
): void {
  const size = mainMeasure(annotation, mpp);
  const text = annotation.name ? `${annotation.name} · ${size}` : size;
  const { x, y } = besideOf(view, annotation.geometry);
  context.font = FONT;
  context.textBaseline = 'middle';
  const { width } = context.measureText(text);
  context.fillStyle = 'rgba(26, 27, 29, 0.88)';
  context.beginPath();
  context.roundRect(x, y - 11, width + 16, 22, 6);
  context.fill();
  context.fillStyle = colourOf(annotation);
  context.fillRect(x, y - 11, 3, 22);
  context.fillStyle = '#ececee';
  context.fillText(text, x + 9, y + 1);
}

/** A cross at the place that keys draw at. */
export function drawCross(context: Context2D, view: Affine, at: Point): void {
  const { x, y } = apply(view, at.x, at.y);
  context.beginPath();
  for (const [dx, dy] of [
    [1, 0],
    [0, 1],
    [-1, 0],
    [0, -1],
  ]) {
    context.moveTo(x + 4 * dx, y + 4 * dy);
    context.lineTo(x + 14 * dx, y + 14 * dy);
  }
  stroke(context, LIGHT_HALO, 4);
  stroke(context, '#17181a', 2);
}

/** A circle as large as the brush. */
export function drawBrush(context: Context2D, at: Point, radius: number, erase: boolean): void {
  context.beginPath();
  context.arc(at.x, at.y, radius, 0, 2 * Math.PI);
  context.setLineDash(erase ? [4, 4] : []);
  stroke(context, LIGHT_HALO, 3);
  stroke(context, '#17181a', 1.5);
  context.setLineDash([]);
}

function drawPoints(
  context: Context2D,
  view: Affine,
  points: Coordinates,
  colour: string,
  selected: boolean,
): void {
  context.beginPath();
  const radius = selected ? POINT_RADIUS + 1.5 : POINT_RADIUS;
  for (let i = 0; i < points.length; i += 2) {
    const { x, y } = apply(view, points[i], points[i + 1]);
    context.moveTo(x + radius, y);
    context.arc(x, y, radius, 0, 2 * Math.PI);
  }
  context.fillStyle = colour;
  context.fill();
  stroke(context, haloOf(colour), selected ? 3 : 2);
}

function trace(context: Context2D, view: Affine, points: Coordinates, closed: boolean): void {
  const { a, b, c, d, e, f } = view;
  let [lastX, lastY] = [Number.NaN, Number.NaN];
  const end = points.length - 2;
  for (let i = 0; i <= end; i += 2) {
    const x = a * points[i] + c * points[i + 1] + e;
    const y = b * points[i] + d * points[i + 1] + f;
    if (i === 0) context.moveTo(x, y);
    // Corners that share a screen px are one: long outlines stay quick when zoomed out.
    else if (i < end && Math.abs(x - lastX) < 0.5 && Math.abs(y - lastY) < 0.5) continue;
    else context.lineTo(x, y);
    [lastX, lastY] = [x, y];
  }
  if (closed) context.closePath();
}

function stroke(context: Context2D, colour: string, width: number): void {
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.stroke();
}

function haloOf(colour: string): string {
  return toOklab(parseHex(colour))[0] < DARK ? LIGHT_HALO : DARK_HALO;
}

/** Right of an area's middle; behind the last point of a line; at the corner of an angle. */
function besideOf(view: Affine, geometry: Geometry): Point {
  if (!isArea(geometry) && geometry.kind !== 'polygons') {
    const { points } = geometry as { points: Coordinates };
    const at = geometry.kind === 'angle' ? 2 : points.length - 2;
    const { x, y } = apply(view, points[at], points[at + 1]);
    return { x: x + LABEL_GAP, y: y + LABEL_GAP + 4 };
  }
  let best = { x: -Infinity, y: 0 };
  for (const { points } of outlinesOf(geometry)) {
    for (let i = 0; i < points.length; i += 2) {
      const at = apply(view, points[i], points[i + 1]);
      if (at.x > best.x) best = at;
    }
  }
  return { x: best.x + LABEL_GAP, y: best.y };
}
