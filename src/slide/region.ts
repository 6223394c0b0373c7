/**
 * Pixels of any rectangle of a slide at any size: what models and thumbnails read.
 * Coordinates are level-0 px; pixel i covers [i, i + 1). Outside of the slide is white.
 */
import { CytolensError, throwIfAborted } from '../core/errors.ts';
import type { Rect } from '../core/geometry.ts';
import { cacheOf, type TileCache } from './cache.ts';
import type { Level, RgbaImage, Slide } from './slide.ts';
import { reach, type Taps, tapsOf } from './taps.ts';

/** Source pixels assembled at a time, in bytes; larger regions are made in bands of rows. */
const BAND_BYTES = 32 * 1024 * 1024;
const MAX_OUTPUT = 8192 * 8192;
/** A level this much coarser than asked still counts as fine enough (0.1 %). */
const LEVEL_SLACK = 1.001;
const WHITE = 0xffffffff;

/**
 * `rect` of the slide as `outWidth` x `outHeight` px: straight RGBA, always opaque. Reads the
 * coarsest level that is not coarser than the output, averages by area when shrinking,
 * interpolates linearly when enlarging.
 * Throws what `slide.tile` throws, `cancelled`, and `too-large` past 8192 x 8192 px of output.
 */
export async function readRegion(
  slide: Slide,
  rect: Rect,
  outWidth: number,
  outHeight: number,
  signal?: AbortSignal,
): Promise<RgbaImage> {
  throwIfAborted(signal);
  checkRequest(rect, outWidth, outHeight);
  const index = levelFor(slide.info.levels, Math.min(rect.w / outWidth, rect.h / outHeight));
  const level = slide.info.levels[index];
  const scale = 1 / level.downsample;
  const across = tapsOf(rect.x * scale, (rect.w / outWidth) * scale, outWidth);
  const down = tapsOf(rect.y * scale, (rect.h / outHeight) * scale, outHeight);
  const columns = reach(across, 0, outWidth);

  const out = new Uint8ClampedArray(outWidth * outHeight * 4);
  const sourceWidth = columns.end - columns.begin;
  const bandRows = Math.max(1, Math.floor(BAND_BYTES / 4 / sourceWidth) - down.count);
  const step = (rect.h / outHeight) * scale;
  const outRows = Math.max(1, Math.floor(bandRows / Math.max(step, 1)));
  for (let from = 0; from < outHeight; from += outRows) {
    const to = Math.min(outHeight, from + outRows);
    const rows = reach(down, from, to);
    const box = { x: columns.begin, y: rows.begin, w: sourceWidth, h: rows.end - rows.begin };
    const pixels = await assemble(cacheOf(slide), level, index, box, signal);
    resample(pixels, box, across, down, from, to, out);
  }
  return { width: outWidth, height: outHeight, data: out };
}

/** Index of the coarsest level that has at least one pixel per `scale` level-0 px; else 0. */
export function levelFor(levels: Level[], scale: number): number {
  let best = 0;
  for (let i = 1; i < levels.length; i++) {
    if (levels[i].downsample <= scale * LEVEL_SLACK) best = i;
  }
  return best;
}

function checkRequest(rect: Rect, width: number, height: number): void {
  const sane =
    Number.isInteger(width) &&
    Number.isInteger(height) &&
    width > 0 &&
    height > 0 &&
    [rect.x, rect.y, rect.w, rect.h].every(Number.isFinite) &&
    rect.w > 0 &&
    rect.h > 0;
  const detail = `${width}x${height} px of ${JSON.stringify(rect)}`;
  if (!sane) throw new CytolensError('internal', 'A region of no size was asked for.', detail);
  if (width * height > MAX_OUTPUT) {
    throw new CytolensError(
      'too-large',
      'This region is too large to be read at once. Choose a smaller region or a lower magnification.',
      detail,
    );
  }
}

/** Box of a level, level px, as RGBA words; white where the slide has no pixels. */
async function assemble(
  cache: TileCache,
  level: Level,
  index: number,
  box: Rect,
  signal?: AbortSignal,
): Promise<Uint32Array> {
  const pixels = new Uint32Array(box.w * box.h);
  const x1 = Math.min(box.x + box.w, level.width);
  const y1 = Math.min(box.y + box.h, level.height);
  const x0 = Math.max(0, box.x);
  const y0 = Math.max(0, box.y);
  if (x0 > box.x || y0 > box.y || x1 < box.x + box.w || y1 < box.y + box.h) pixels.fill(WHITE);
  if (x0 >= x1 || y0 >= y1) return pixels;

  const loads: Promise<void>[] = [];
  for (let row = Math.floor(y0 / level.tileHeight); row * level.tileHeight < y1; row++) {
    for (let col = Math.floor(x0 / level.tileWidth); col * level.tileWidth < x1; col++) {
      const x = col * level.tileWidth;
      const y = row * level.tileHeight;
      const held = cache.peek(index, col, row);
      if (held) paste(pixels, box, held, x, y);
      else {
        loads.push(
          cache.get(index, col, row, signal).then((tile) => paste(pixels, box, tile, x, y)),
        );
      }
    }
  }
  await Promise.all(loads);
  return pixels;
}

/** Copy the part of a tile (its corner at x, y of the level) that lies within the box. */
function paste(pixels: Uint32Array, box: Rect, tile: RgbaImage, x: number, y: number): void {
  const words = new Uint32Array(tile.data.buffer, tile.data.byteOffset, tile.width * tile.height);
  const left = Math.max(x, box.x);
  const right = Math.min(x + tile.width, box.x + box.w);
  const bottom = Math.min(y + tile.height, box.y + box.h);
  for (let row = Math.max(y, box.y); row < bottom; row++) {
    const from = (row - y) * tile.width - x;
    pixels.set(words.subarray(from + left, from + right), (row - box.y) * box.w + left - box.x);
  }
}

/** Output rows [from, to): down the columns into one row of sums, then along that row. */
function resample(
  pixels: Uint32Array,
  box: Rect,
  across: Taps,
  down: Taps,
  from: number,
  to: number,
  out: Uint8ClampedArray,
): void {
  const outWidth = across.first.length;
  const words = new Uint32Array(out.buffer);
  // Padded: the last pixels may list taps beyond the box, all of weight 0.
  const sums = new Float64Array((box.w + across.count) * 3);
  for (let row = from; row < to; row++) {
    const top = (down.first[row] - box.y) * box.w;
    if (across.identity && down.identity) {
      const start = top + across.first[0] - box.x;
      words.set(pixels.subarray(start, start + outWidth), row * outWidth);
      continue;
    }
    sumRows(pixels, top, box.w, down.weights, row * down.count, down.count, sums);
    sumColumns(sums, box.x, across, out, row * outWidth * 4);
  }
}

function sumRows(
  pixels: Uint32Array,
  top: number,
  width: number,
  weights: Float64Array,
  at: number,
  count: number,
  sums: Float64Array,
): void {
  sums.fill(0);
  for (let k = 0; k < count; k++) {
    const weight = weights[at + k];
    if (weight === 0) continue;
    const start = top + k * width;
    for (let x = 0, s = 0; x < width; x++, s += 3) {
      const word = pixels[start + x];
      sums[s] += weight * (word & 255);
      sums[s + 1] += weight * ((word >>> 8) & 255);
      sums[s + 2] += weight * ((word >>> 16) & 255);
    }
  }
}

function sumColumns(
  sums: Float64Array,
  left: number,
  across: Taps,
  out: Uint8ClampedArray,
  at: number,
): void {
  const { first, count, weights } = across;
  for (let x = 0, o = at, w = 0; x < first.length; x++, o += 4) {
    let r = 0;
    let g = 0;
    let b = 0;
    for (let s = (first[x] - left) * 3, end = w + count; w < end; w++, s += 3) {
      r += weights[w] * sums[s];
      g += weights[w] * sums[s + 1];
      b += weights[w] * sums[s + 2];
    }
    out[o] = r;
    out[o + 1] = g;
    out[o + 2] = b;
    out[o + 3] = 255;
  }
}
