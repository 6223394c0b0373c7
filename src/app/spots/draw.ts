/** Spots as circles of their true size on a canvas. */
import { type Affine, apply, scaleOf, unapply } from '../../core/affine.ts';
import { cssColor, LUT_SIZE, lookup } from '../../core/colormap.ts';
import type { Context2D } from '../slide-canvas.ts';

export interface DrawnSpots {
  /** Centres and radius, level-0 px. */
  x: ArrayLike<number>;
  y: ArrayLike<number>;
  radius: number;
  /** One a spot; NaN is drawn as an empty circle. */
  values: ArrayLike<number>;
  map: 'viridis' | 'vik';
  low: number;
  high: number;
  /** A spot to be marked; -1 for none. */
  marked: number;
}

/** Smaller circles could not be seen, CSS px. */
const LEAST_RADIUS = 1.5;
const NOT_KNOWN = '#8b8c9499';

/** `view` takes level-0 px to canvas px; circles stay circles, as slides are not sheared. */
export function drawSpots(
  context: Context2D,
  view: Affine,
  spots: DrawnSpots,
  dpr: number,
  opacity = 0.86,
): void {
  const { x, y, values, map, low, high, marked } = spots;
  const radius = Math.max(LEAST_RADIUS * dpr, spots.radius * scaleOf(view));
  const { width, height } = context.canvas;
  const circle = (i: number, r: number) => {
    const at = apply(view, x[i], y[i]);
    if (at.x < -r || at.y < -r || at.x > width + r || at.y > height + r) return false;
    context.beginPath();
    context.arc(at.x, at.y, r, 0, 2 * Math.PI);
    return true;
  };
  context.lineWidth = dpr;
  for (let i = 0; i < values.length; i++) {
    if (!circle(i, radius)) continue;
    if (Number.isNaN(values[i])) {
      context.globalAlpha = 1;
      context.strokeStyle = NOT_KNOWN;
      context.stroke();
      continue;
    }
    context.globalAlpha = opacity;
    context.fillStyle = colours(map)[placeOf(values[i], low, high)];
    context.fill();
  }
  context.globalAlpha = 1;
  if (marked < 0 || !circle(marked, radius + 2 * dpr)) return;
  context.lineWidth = 4 * dpr;
  context.strokeStyle = '#1a1b1d';
  context.stroke();
  context.lineWidth = 2 * dpr;
  context.strokeStyle = '#ffffff';
  context.stroke();
}

/** The colour of a value. */
export function colourOf(map: DrawnSpots['map'], value: number, low: number, high: number): string {
  return colours(map)[placeOf(value, low, high)];
}

/** The spot at a place of the view; -1 for none. */
export function spotAt(
  spots: Pick<DrawnSpots, 'x' | 'y' | 'radius'>,
  view: Affine,
  place: { x: number; y: number },
): number {
  const at = unapply(view, place.x, place.y);
  const reach = Math.max(spots.radius, (2 * LEAST_RADIUS) / scaleOf(view));
  let [best, nearest] = [-1, reach];
  for (let i = 0; i < spots.x.length; i++) {
    const far = Math.hypot(spots.x[i] - at.x, spots.y[i] - at.y);
    if (far <= nearest) [best, nearest] = [i, far];
  }
  return best;
}

const tables = new Map<string, string[]>();

function colours(map: DrawnSpots['map']): string[] {
  let table = tables.get(map);
  if (!table) {
    table = Array.from({ length: LUT_SIZE }, (_, i) => cssColor(lookup(map, i / (LUT_SIZE - 1))));
    tables.set(map, table);
  }
  return table;
}

function placeOf(value: number, low: number, high: number): number {
  const share = (value - low) / (high - low);
  return Math.round(Math.min(1, Math.max(0, share || 0)) * (LUT_SIZE - 1));
}
