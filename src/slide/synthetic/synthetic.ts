/**
 * The built-in drawn H&E slide: a pure function of seed, size and place, with exact ground truth.
 * It shows every kind of tissue that the tools are meant for and belongs to no patient.
 */
import { CytolensError, throwIfAborted } from '../../core/errors.ts';
import type { Rect } from '../../core/geometry.ts';
import { intersect } from '../../core/geometry.ts';
import type { GroundTruthCell, Level, RgbaImage, SlideInfo, TruthSlide } from '../slide.ts';
import { CELL_TYPES, outlineOf, PX_PER_UM } from './cell.ts';
import { TILE } from './fields.ts';
import { Painter } from './paint.ts';

/** Raised whenever the same seed would give other pixels. */
export const GENERATOR_VERSION = 1;
export const LARGEST_SIDE = 200_000;

export interface SyntheticOptions {
  seed: number;
  /** Level-0 pixels. */
  width: number;
  height: number;
}

/** The slide that the start page offers. */
export const DEFAULT_SYNTHETIC: SyntheticOptions = { seed: 7, width: 60_000, height: 45_000 };

/** What is known of a drawn slide before any pixel of it is drawn. */
export function syntheticInfo({ seed, width, height }: SyntheticOptions): SlideInfo {
  const whole = [seed, width, height].every(Number.isInteger);
  if (!whole || Math.min(width, height) < 1 || Math.max(width, height) > LARGEST_SIDE) {
    throw new CytolensError(
      'format',
      `A drawn slide needs a whole seed and sides of 1 to ${LARGEST_SIDE} pixels.`,
      `seed ${seed}, ${width} x ${height}`,
    );
  }
  const levels: Level[] = [];
  for (let downsample = 1; ; downsample *= 2) {
    const w = Math.ceil(width / downsample);
    const h = Math.ceil(height / downsample);
    levels.push({ width: w, height: h, downsample, tileWidth: TILE, tileHeight: TILE });
    if (Math.max(w, h) <= TILE) break;
  }
  return {
    id: `synthetic-${seed}-${width}x${height}-${GENERATOR_VERSION}`,
    name: 'Synthetic H&E (built in)',
    width,
    height,
    mpp: 1 / PX_PER_UM,
    objective: 40,
    stain: 'H&E',
    scanner: 'Drawn, not scanned',
    source: 'Drawn by Cytolens',
    licence: null,
    levels,
  };
}

/** Open the drawn slide; tiles are computed on the calling thread. */
export function createSyntheticSlide(options: SyntheticOptions): TruthSlide {
  const info = syntheticInfo(options);
  const painter = createPainter(options);
  return {
    info,
    async tile(level, col, row, signal) {
      throwIfAborted(signal);
      return drawTile(painter, info, level, col, row);
    },
    groundTruth: (rect) => truthOf(painter, info, rect),
    close() {},
  };
}

export function createPainter({ seed, width, height }: SyntheticOptions): Painter {
  return new Painter(seed, width / PX_PER_UM, height / PX_PER_UM);
}

/** One tile; throws `not-found` outside the slide. */
export function drawTile(
  painter: Painter,
  info: SlideInfo,
  level: number,
  col: number,
  row: number,
): RgbaImage {
  const at = info.levels[level];
  if (!at || col < 0 || row < 0 || col * TILE >= at.width || row * TILE >= at.height) {
    throw new CytolensError(
      'not-found',
      'This part of the slide does not exist.',
      `level ${level}, column ${col}, row ${row}`,
    );
  }
  const width = Math.min(TILE, at.width - col * TILE);
  const height = Math.min(TILE, at.height - row * TILE);
  return { width, height, data: painter.tile(level, col, row, width, height) };
}

/** Every cell whose outline's box meets `rect` and whose centre lies on the slide. */
export function truthOf(painter: Painter, info: SlideInfo, rect: Rect): GroundTruthCell[] {
  const on = intersect(rect, { x: 0, y: 0, w: info.width, h: info.height });
  if (!on) return [];
  const [x0, y0, x1, y1] = [on.x, on.y, on.x + on.w, on.y + on.h].map((v) => v / PX_PER_UM);
  const out: GroundTruthCell[] = [];
  for (const cell of painter.nuclei.within(x0, y0, x1, y1).cells) {
    const outline = outlineOf(cell);
    let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
    for (let i = 0; i < outline.length; i += 2) {
      left = Math.min(left, outline[i]);
      right = Math.max(right, outline[i]);
      top = Math.min(top, outline[i + 1]);
      bottom = Math.max(bottom, outline[i + 1]);
    }
    if (!intersect(on, { x: left, y: top, w: right - left, h: bottom - top })) continue;
    const [x, y] = [cell.x * PX_PER_UM, cell.y * PX_PER_UM];
    out.push({ x, y, outline, type: CELL_TYPES[cell.type] });
  }
  return out;
}
