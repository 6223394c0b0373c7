/**
 * Where tissue is on a slide: a coarse map of squares, found by colour, which the user may correct
 * by hand. Fields are planned from it, so what is painted here is what is analysed.
 */
import { throwIfAborted } from '../core/errors.ts';
import { intersect, type Rect } from '../core/geometry.ts';
import { readRegion } from '../slide/region.ts';
import type { Slide } from '../slide/slide.ts';
import { type FieldPlace, fieldRect, outward } from './plan.ts';
import { GLASS, kindsOf, type MaskKind, MIN_TISSUE, TISSUE } from './tissue.ts';

/** Squares along the side of a field: 14 um with the built-in encoder. */
export const SQUARES = 8;
/** The most squares read at once: rows are read in bands of about this many. */
const BAND_SQUARES = 1 << 20;

export interface TissueMask {
  cols: number;
  rows: number;
  /** Side of a square, level-0 px; squares start at the slide's origin. */
  size: number;
  /** Row by row: GLASS, TISSUE or PEN. */
  kinds: Uint8Array<ArrayBuffer>;
}

/**
 * Find tissue over the whole slide, or in `within` (level-0 px), outside of which all is glass. `side`
 * is a field's side in level-0 px. Throws `cancelled` and what slides throw. Progress is the share of
 * rows read.
 */
export async function findTissue(
  slide: Slide,
  side: number,
  within: Rect | null = null,
  onProgress: (share: number) => void = () => undefined,
  signal?: AbortSignal,
): Promise<TissueMask> {
  const { width, height } = slide.info;
  const size = side / SQUARES;
  const cols = Math.ceil(width / size);
  const rows = Math.ceil(height / size);
  const kinds = new Uint8Array(cols * rows);
  const { x, y, w, h } = within ?? { x: 0, y: 0, w: width, h: height };
  const [left, top] = [x, y].map((low) => Math.max(0, Math.floor(low / size)));
  const right = Math.min(cols, Math.ceil((x + w) / size));
  const bottom = Math.min(rows, Math.ceil((y + h) / size));
  const across = right - left;
  const band = Math.max(1, Math.floor(BAND_SQUARES / across));
  for (let row = top; row < bottom && across > 0; row += band) {
    throwIfAborted(signal);
    const count = Math.min(band, bottom - row);
    const rect = { x: left * size, y: row * size, w: across * size, h: count * size };
    const found = kindsOf(await readRegion(slide, rect, across, count, signal));
    for (let r = 0; r < count; r++) {
      kinds.set(found.subarray(r * across, (r + 1) * across), (row + r) * cols + left);
    }
    onProgress((row + count - top) / (bottom - top));
  }
  return { cols, rows, size, kinds };
}

/** Share of a field's squares that are tissue, 0..1; squares beyond the slide are glass. */
export function tissueIn(mask: TissueMask, { col, row }: FieldPlace): number {
  let tissue = 0;
  for (let y = row * SQUARES; y < Math.min(mask.rows, (row + 1) * SQUARES); y++) {
    for (let x = col * SQUARES; x < Math.min(mask.cols, (col + 1) * SQUARES); x++) {
      if (mask.kinds[y * mask.cols + x] === TISSUE) tissue++;
    }
  }
  return tissue / SQUARES ** 2;
}

/**
 * Every field of a slide that holds tissue: those in `view` first, then the rest, each outward from
 * the view's centre. The same mask and view give the same plan.
 */
export function planSlide(mask: TissueMask, side: number, view: Rect): FieldPlace[] {
  const seen: FieldPlace[] = [];
  const rest: FieldPlace[] = [];
  for (let row = 0; row * side < mask.rows * mask.size; row++) {
    for (let col = 0; col * side < mask.cols * mask.size; col++) {
      const place = { col, row };
      if (tissueIn(mask, place) < MIN_TISSUE) continue;
      (intersect(fieldRect(place, side), view) ? seen : rest).push(place);
    }
  }
  return [...outward(seen, view, side), ...outward(rest, view, side)];
}

/** Paint a disc (level-0 px) with `kind`: the user knows better. */
export function paintMask(
  mask: TissueMask,
  x: number,
  y: number,
  radius: number,
  kind: MaskKind,
): void {
  const { cols, rows, size, kinds } = mask;
  const clampRow = (v: number) => Math.max(0, Math.min(rows - 1, Math.floor(v / size)));
  const clampCol = (v: number) => Math.max(0, Math.min(cols - 1, Math.floor(v / size)));
  for (let row = clampRow(y - radius); row <= clampRow(y + radius); row++) {
    for (let col = clampCol(x - radius); col <= clampCol(x + radius); col++) {
      const dx = (col + 0.5) * size - x;
      const dy = (row + 0.5) * size - y;
      if (dx * dx + dy * dy <= radius * radius) kinds[row * cols + col] = kind;
    }
  }
}

/** Leave only what lies inside of an area: a square by its centre (level-0 px). */
export function cutMask(mask: TissueMask, inside: (x: number, y: number) => boolean): void {
  const { cols, size, kinds } = mask;
  for (let i = 0; i < kinds.length; i++) {
    const [x, y] = [((i % cols) + 0.5) * size, (Math.floor(i / cols) + 0.5) * size];
    if (kinds[i] === TISSUE && !inside(x, y)) kinds[i] = GLASS;
  }
}

/** Tissue area, um2. */
export function tissueArea(mask: TissueMask, mpp: number): number {
  const squares = mask.kinds.reduce((sum, kind) => sum + (kind === TISSUE ? 1 : 0), 0);
  return squares * (mask.size * mpp) ** 2;
}
