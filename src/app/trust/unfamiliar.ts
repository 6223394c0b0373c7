/** How familiar each field is, drawn over the slide: hatching, and percentiles where there is room. */
import type { RegionScore } from '../../analysis/score.ts';
import { unfamiliarTissue } from '../../audit/abstain.ts';
import type { Familiarity } from '../../audit/audit.ts';
import { apply, type ScreenTransform, scaleOf } from '../../core/affine.ts';
import type { Point } from '../../core/geometry.ts';
import type { Context2D } from '../slide-canvas.ts';
import type { AppState } from '../state.ts';

/** Above this share of unknown fields they are not hatched by themselves. */
const MOST_HATCHED = 0.5;
/** Width of the stripes' pattern, CSS px. */
const STRIPE = 12;
/** Fields at least so large on screen tell their percentile, CSS px. */
export const LABELLED_PX = 90;
/** From a field's corner to the middle of its percentile, CSS px. */
const INSET = 20;
const FONT = '11px Inter, "Segoe UI", system-ui, sans-serif';
const DARK = '#1a1b1d';

/**
 * Whether fields are to be hatched: as the user chose, else where they are why there is no answer.
 * Where most are, stripes over nearly everything would tell little more and hide the cells.
 */
export function hatchWanted(state: {
  unfamiliarShown: boolean | null;
  score: Pick<RegionScore, 'unfamiliar'> | null;
}): boolean {
  const share = state.score?.unfamiliar ?? null;
  return (
    state.unfamiliarShown ?? (unfamiliarTissue(share) !== null && Number(share) <= MOST_HATCHED)
  );
}

/** Whether the hatching is on the slide now. */
export function hatchShown(state: AppState): boolean {
  return hatchWanted(state) && state.imported === null && state.familiar !== null;
}

/** Hatch what is unlike known tissue, and write each field's percentile. One unit is a CSS px. */
export function paintUnfamiliar(
  context: Context2D,
  view: ScreenTransform,
  { corners, side, unfamiliar, percentile }: Familiarity,
): void {
  const squares = new Path2D();
  const seen: number[] = [];
  unfamiliar.forEach((far, i) => {
    const square = squareOf(view, corners[2 * i], corners[2 * i + 1], side);
    if (isOutside(square, view)) return;
    seen.push(i);
    if (far) addSquare(squares, square);
  });
  context.fillStyle = stripes(context) ?? 'transparent';
  context.fill(squares);
  const scale = scaleOf(view);
  if (side * scale < LABELLED_PX) return;
  const inset = INSET / scale;
  for (const i of seen) {
    const at = apply(view, corners[2 * i] + inset, corners[2 * i + 1] + inset);
    write(context, `P${percentile[i].toFixed(0)}`, at);
  }
}

/** The hatching as a pattern: dark and light lines beside each other show on any tissue. */
export function stripes(context: Context2D): CanvasPattern | null {
  const tile = new OffscreenCanvas(STRIPE, STRIPE);
  const pen = tile.getContext('2d');
  if (!pen) return null;
  for (const [colour, shift] of [
    [`${DARK}aa`, 0],
    ['#e3b455cc', 1.25],
  ] as const) {
    pen.strokeStyle = colour;
    pen.lineWidth = 1.25;
    pen.beginPath();
    for (const start of [-STRIPE, 0, STRIPE]) {
      pen.moveTo(start + shift, STRIPE);
      pen.lineTo(start + shift + STRIPE, 0);
    }
    pen.stroke();
  }
  return context.createPattern(tile, 'repeat');
}

function squareOf(view: ScreenTransform, x: number, y: number, side: number): Point[] {
  return [
    apply(view, x, y),
    apply(view, x + side, y),
    apply(view, x + side, y + side),
    apply(view, x, y + side),
  ];
}

function isOutside(square: readonly Point[], { width, height }: ScreenTransform): boolean {
  return (
    square.every((p) => p.x < 0) ||
    square.every((p) => p.y < 0) ||
    square.every((p) => p.x > width) ||
    square.every((p) => p.y > height)
  );
}

function addSquare(path: Path2D, [first, ...rest]: readonly Point[]): void {
  path.moveTo(first.x, first.y);
  for (const { x, y } of rest) path.lineTo(x, y);
  path.closePath();
}

function write(context: Context2D, text: string, { x, y }: Point): void {
  context.save();
  context.font = FONT;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.lineWidth = 3;
  context.strokeStyle = DARK;
  context.strokeText(text, x, y);
  context.fillStyle = '#fff';
  context.fillText(text, x, y);
  context.restore();
}
