/** Scores of fields as a picture of one pixel a field, and its colours. */
import { type ColorMapName, lookup } from '../../core/colormap.ts';
import type { PromptAnswer } from '../../molecular/molecular.ts';

/** Opacity of a field far from the library, of that of the others. */
const FAR = 0.3;
/** The 2nd to 98th percentile: one odd field must not wash out the rest. */
const TAIL = 0.02;

export interface FieldPicture {
  cols: number;
  rows: number;
  /** RGBA, cols x rows. */
  rgba: Uint8ClampedArray<ArrayBuffer>;
  /** Corner of the picture and side of its pixels, level-0 px. */
  x: number;
  y: number;
  side: number;
}

/** Values at the two ends of the colours: 2nd and 98th percentile, or even about zero. */
export function domainOf(values: Float32Array, diverging: boolean): [low: number, high: number] {
  const sorted = values.toSorted();
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  const [low, high] = [at(TAIL), at(1 - TAIL)];
  if (!diverging) return [low, high];
  const most = Math.max(Math.abs(low), Math.abs(high));
  return [-most, most];
}

/** Fields lie on one grid (level-0 px, see docs/architecture.md); between them nothing is drawn. */
export function pictureOf(
  { x, y, side, rows: { nearest } }: Pick<PromptAnswer, 'x' | 'y' | 'side' | 'rows'>,
  values: Float32Array,
  colours: ColorMapName,
  [low, high]: readonly [number, number],
  far: number,
): FieldPicture {
  const col = (i: number) => Math.round(x[i] / side);
  const row = (i: number) => Math.round(y[i] / side);
  let [left, top, right, bottom] = [col(0), row(0), col(0), row(0)];
  for (let i = 1; i < x.length; i++) {
    left = Math.min(left, col(i));
    right = Math.max(right, col(i));
    top = Math.min(top, row(i));
    bottom = Math.max(bottom, row(i));
  }
  const [cols, rows] = [right - left + 1, bottom - top + 1];
  const rgba = new Uint8ClampedArray(cols * rows * 4);
  for (let i = 0; i < x.length; i++) {
    const t = high > low ? (values[i] - low) / (high - low) : 0.5;
    const alpha = 255 * (nearest[i] < far ? FAR : 1);
    rgba.set([...lookup(colours, t), alpha], 4 * ((row(i) - top) * cols + col(i) - left));
  }
  return { cols, rows, rgba, x: left * side, y: top * side, side };
}
