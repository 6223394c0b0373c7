/**
 * The Deep Zoom pyramid that .dzi and .szi share: its descriptor, its levels, its tiles.
 * Source: Deep Zoom file format overview (Microsoft), as libvips and OpenSlide write it.
 */
import { CytolensError } from '../core/errors.ts';
import type { Crop } from './decode.ts';
import type { Level } from './slide.ts';

export interface Descriptor {
  width: number;
  height: number;
  /** Side of a tile without overlap, px. */
  tileSize: number;
  /** Pixels that a tile repeats of each neighbour. */
  overlap: number;
  /** File extension of the tiles, without the dot. */
  format: string;
}

/** A descriptor is some 200 bytes; anything far longer is something else. */
export const DESCRIPTOR_LIMIT = 64 * 1024;
// 2^24: the largest side whose pixels all have exact Float32 coordinates.
export const MAX_SIDE = 2 ** 24;
export const MIN_TILE = 32;
export const MAX_TILE = 8192;
const FORMATS = ['jpeg', 'jpg', 'png', 'webp', 'avif', 'gif', 'bmp'];

/**
 * Read a .dzi. Written by hand because workers and Node have no DOMParser, and because four
 * numbers of two elements are all that is wanted. Throws `format` or `unsupported`.
 */
export function parseDescriptor(text: string): Descriptor {
  const xml = text.replace(/^\uFEFF/, '').replace(/<!--[\s\S]*?-->/g, '');
  if (/<(?:\w+:)?Collection[\s>]/.test(xml)) {
    throw new CytolensError(
      'unsupported',
      'This is a Deep Zoom collection of many images. Open one of its images instead.',
    );
  }
  const image = attributes(xml, 'Image');
  const size = attributes(xml, 'Size');
  if (!image || !size) {
    throw notDeepZoom(`no <${image ? 'Size' : 'Image'}> in "${text.slice(0, 80)}"`);
  }
  const descriptor: Descriptor = {
    width: integer(size.Width, 'Width', 1, MAX_SIDE),
    height: integer(size.Height, 'Height', 1, MAX_SIDE),
    tileSize: integer(image.TileSize, 'TileSize', MIN_TILE, MAX_TILE),
    overlap: integer(image.Overlap, 'Overlap', 0, MAX_TILE),
    format: image.Format ?? '',
  };
  if (descriptor.overlap >= descriptor.tileSize) {
    throw notDeepZoom(`Overlap ${descriptor.overlap} of TileSize ${descriptor.tileSize}`);
  }
  if (!FORMATS.includes(descriptor.format.toLowerCase())) {
    throw new CytolensError(
      'unsupported',
      'The tiles of this slide are of a kind that browsers cannot decode. Export the slide again with JPEG or PNG tiles.',
      `Format "${descriptor.format.slice(0, 40)}"`,
    );
  }
  return descriptor;
}

/** Deep Zoom's number of the full-size level; level 0 there is a single pixel. */
export function maxLevel(d: Pick<Descriptor, 'width' | 'height'>): number {
  return Math.ceil(Math.log2(Math.max(d.width, d.height)));
}

/** Our levels, the finest first, down to the first that is a single tile. */
export function levelsOf(d: Descriptor): Level[] {
  const levels: Level[] = [];
  for (let k = 0; k <= maxLevel(d); k++) {
    const downsample = 2 ** k;
    const width = Math.ceil(d.width / downsample);
    const height = Math.ceil(d.height / downsample);
    levels.push({ width, height, downsample, tileWidth: d.tileSize, tileHeight: d.tileSize });
    if (width <= d.tileSize && height <= d.tileSize) break;
  }
  return levels;
}

/** Columns and rows of tiles of a level. */
export function gridOf(level: Level): { cols: number; rows: number } {
  return {
    cols: Math.ceil(level.width / level.tileWidth),
    rows: Math.ceil(level.height / level.tileHeight),
  };
}

/** Size in px of a stored tile with its overlap, and the part of it that is ours. */
export function tileBox(
  level: Level,
  overlap: number,
  col: number,
  row: number,
): { full: { width: number; height: number }; crop: Crop } {
  const across = span(level.width, level.tileWidth, overlap, col);
  const down = span(level.height, level.tileHeight, overlap, row);
  return {
    full: { width: across.full, height: down.full },
    crop: { x: across.skip, y: down.skip, width: across.own, height: down.own },
  };
}

/** Throws `not-found` when a level has no such tile. */
export function checkTile(levels: Level[], level: number, col: number, row: number): Level {
  const found = levels[level];
  const grid = found ? gridOf(found) : { cols: 0, rows: 0 };
  if (!(col >= 0 && row >= 0 && col < grid.cols && row < grid.rows)) {
    throw new CytolensError(
      'not-found',
      'This place lies outside of the slide.',
      `tile ${col},${row} of level ${level}`,
    );
  }
  return found;
}

function span(size: number, tile: number, overlap: number, index: number) {
  const start = index * tile;
  const own = Math.min(tile, size - start);
  const skip = index > 0 ? overlap : 0;
  return { own, skip, full: skip + own + Math.min(overlap, size - start - own) };
}

function attributes(xml: string, element: string): Record<string, string | undefined> | null {
  const tag = new RegExp(`<(?:\\w+:)?${element}(\\s[^>]*)?>`).exec(xml);
  if (!tag) return null;
  const pairs = (tag[1] ?? '').matchAll(/([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g);
  return Object.fromEntries([...pairs].map((m) => [m[1], m[2] ?? m[3]]));
}

function integer(text: string | undefined, name: string, min: number, max: number): number {
  const value = /^\s*\d{1,10}\s*$/.test(text ?? '') ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max)) {
    throw notDeepZoom(`${name} is "${(text ?? '').slice(0, 40)}", not within ${min} to ${max}`);
  }
  return value;
}

function notDeepZoom(detail: string): CytolensError {
  return new CytolensError(
    'format',
    'This is not a Deep Zoom description (.dzi) that can be read: its sizes are missing or make no sense. Export the slide again, or check that the address is that of the .dzi file.',
    detail,
  );
}
