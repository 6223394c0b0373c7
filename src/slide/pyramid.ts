/** A Deep Zoom pyramid as a Slide, over whatever hands out its tile files (server, folder, zip). */
import { CytolensError, isCytolensError, throwIfAborted } from '../core/errors.ts';
import type { Bytes } from './bytes.ts';
import { type Decoder, decodeTile, release } from './decode.ts';
import { checkTile, type Descriptor, levelsOf, maxLevel, tileBox } from './deepzoom.ts';
import { describeSlide } from './describe.ts';
import { sha256 } from './sha256.ts';
import type { CatalogFacts, Slide, SlideInfo } from './slide.ts';

export interface Pyramid {
  descriptor: Descriptor;
  name: string;
  /** The file of a tile; `level` is Deep Zoom's own number. Throws `not-found`, `network`, ... */
  file(level: number, col: number, row: number, signal?: AbortSignal): Promise<Bytes>;
  /** What the files say of themselves; `facts` of the catalog stand above it. */
  said: CatalogFacts;
}

/**
 * Open a pyramid: reads and decodes its one-tile overview, so that a pyramid without tiles fails
 * here and not as an empty view. Throws what `file` throws, `format` for a tile that is damaged.
 */
export async function openPyramid(
  pyramid: Pyramid,
  decode: Decoder,
  facts: CatalogFacts,
  signal?: AbortSignal,
): Promise<Slide> {
  const { descriptor } = pyramid;
  const levels = levelsOf(descriptor);
  const top = maxLevel(descriptor);

  async function load(level: number, col: number, row: number, signal?: AbortSignal) {
    throwIfAborted(signal);
    const box = tileBox(checkTile(levels, level, col, row), descriptor.overlap, col, row);
    const bytes = await pyramid.file(top - level, col, row, signal);
    const what = `tile ${top - level}/${col}_${row}`;
    const raster = await decodeTile(decode, bytes, box.full, box.crop, what, signal);
    return { bytes, raster };
  }

  const overview = await load(levels.length - 1, 0, 0, signal).catch((error) => {
    if (!isCytolensError(error, 'not-found')) throw error;
    throw new CytolensError(
      'not-found',
      'The description of this slide was found but not its tiles. They must lie beside it, in the folder whose name ends in _files.',
      error.detail,
    );
  });
  release(overview.raster);
  const info: SlideInfo = {
    ...describeSlide(pyramid.name, pyramid.said, facts),
    id: identity(descriptor, overview.bytes),
    width: descriptor.width,
    height: descriptor.height,
    levels,
  };
  return {
    info,
    tile: async (level, col, row, signal) => (await load(level, col, row, signal)).raster,
    close() {},
  };
}

/**
 * The identity of the pixels: SHA-256 over the pyramid's measures and its overview tile. The same
 * pyramid has the same identity as .dzi, as .szi and wherever it lies.
 */
function identity(d: Descriptor, overview: Bytes): string {
  const measures = `${d.width}x${d.height}/${d.tileSize}+${d.overlap}/${d.format}\n`;
  const head = new TextEncoder().encode(measures);
  const all = new Uint8Array(head.length + overview.length);
  all.set(head);
  all.set(overview, head.length);
  return `dz-${sha256(all).slice(0, 32)}`;
}
