/**
 * One picture of a DICOM series (a level of the pyramid, or a label) as a grid of tiles, over the
 * instance or instances that hold its frames.
 */

import { CytolensError } from '../../core/errors.ts';
import { damagedTile, MAX_TILE_PIXELS, type TileCodec } from '../codecs/codec.ts';
import { cropRaster, release, toOpaqueBytes } from '../decode.ts';
import { pasteImage, whiteImage } from '../rgba.ts';
import type { Raster } from '../slide.ts';
import type { FrameSource } from './frames.ts';
import { damaged } from './header.ts';
import type { DicomImage } from './image.ts';
import { fitsByColumns } from './seams.ts';
import { tileOf } from './syntax.ts';

/** An instance and where its frames come from. */
export interface Instance {
  image: DicomImage;
  frames: FrameSource;
}

const NONE = -1;

export class Plane {
  readonly image: DicomImage;
  readonly cols: number;
  readonly rows: number;
  /** Tiles that no instance at hand has although it should: a part of the image is missing. */
  readonly lacks: number;
  private readonly parts: readonly Instance[];
  /** Number of the frame of each tile within the image, row by row. */
  private readonly grid: Int32Array;

  /** `parts` are one image, cut where it became too long for one instance. Throws as `imageOf`. */
  constructor(parts: readonly Instance[]) {
    this.parts = [...parts].sort((a, b) => firstOf(a) - firstOf(b));
    this.image = this.parts[0].image;
    const { width, height, tileWidth, tileHeight } = this.image;
    this.cols = Math.ceil(width / tileWidth);
    this.rows = Math.ceil(height / tileHeight);
    this.grid = new Int32Array(this.cols * this.rows).fill(NONE);
    const sparse = this.parts.some(({ image }) => image.places);
    if (sparse) this.placeEach();
    else this.placeInOrder();
    this.lacks = sparse ? 0 : this.grid.filter((frame) => frame === NONE).length;
    if (this.lacks > 0 && !this.image.part) {
      throw damaged(`${this.image.frames} frames for ${this.grid.length} tiles`);
    }
  }

  get instances(): string[] {
    return this.parts.map(({ image }) => image.sopInstance);
  }

  /** A tile cut to the picture; white glass where no frame was taken. Throws as the codec does. */
  async tile(col: number, row: number, codec: TileCodec, signal?: AbortSignal): Promise<Raster> {
    const { width, height, tileWidth, tileHeight } = this.image;
    const w = Math.min(tileWidth, width - col * tileWidth);
    const h = Math.min(tileHeight, height - row * tileHeight);
    const number = this.grid[row * this.cols + col];
    if (number === NONE) return whiteImage(w, h);
    const raster = await this.decoded(number, codec, signal);
    if (w === raster.width && h === raster.height) return raster;
    try {
      if (raster.width < w || raster.height < h) {
        throw damagedTile(`${raster.width}x${raster.height} for ${w}x${h} px`);
      }
      return await cropRaster(raster, { x: 0, y: 0, width: w, height: h });
    } finally {
      release(raster);
    }
  }

  /**
   * Put the tiles of a file that does not say how they lie into the order in which they fit. Reads
   * a few of them; gives the order, or null where it was said.
   */
  async settle(codec: TileCodec, signal?: AbortSignal): Promise<'rows' | 'columns' | null> {
    const { cols, rows, image, grid } = this;
    if (image.ordered || grid.length === 1 || this.lacks > 0) return null;
    const byColumns = await fitsByColumns(cols, rows, async (number) =>
      toOpaqueBytes(await this.decoded(number, codec, signal)),
    );
    if (!byColumns) return 'rows';
    for (let i = 0; i < grid.length; i++) grid[i] = (i % cols) * rows + Math.floor(i / cols);
    return 'columns';
  }

  /** The whole picture at once: for those beside the tissue. Throws `too-large` for others. */
  async whole(codec: TileCodec, signal?: AbortSignal): Promise<Raster> {
    if (this.grid.length === 1) return this.tile(0, 0, codec, signal);
    const { width, height, tileWidth, tileHeight } = this.image;
    if (width * height > MAX_TILE_PIXELS) {
      throw new CytolensError(
        'too-large',
        'This picture beside the slide is too large to be shown at once.',
        `${width} x ${height} px`,
      );
    }
    const all = whiteImage(width, height);
    for (let row = 0; row < this.rows; row++) {
      for (let col = 0; col < this.cols; col++) {
        const tile = toOpaqueBytes(await this.tile(col, row, codec, signal));
        pasteImage(all, tile, col * tileWidth, row * tileHeight);
      }
    }
    return all;
  }

  private async decoded(number: number, codec: TileCodec, signal?: AbortSignal): Promise<Raster> {
    const part = this.parts.findLast((one) => firstOf(one) <= number) ?? this.parts[0];
    const frame = await part.frames.frame(number - firstOf(part), signal);
    return codec(await tileOf(part.image, frame), signal);
  }

  /** TILED_FULL: row by row, then plane of focus by plane of focus; the middle one is taken. */
  private placeInOrder(): void {
    const tiles = this.grid.length;
    const skip = Math.floor((this.image.focalPlanes - 1) / 2) * tiles;
    for (const part of this.parts) {
      const from = Math.max(0, firstOf(part) - skip);
      const to = Math.min(tiles, firstOf(part) + part.image.frames - skip);
      for (let i = from; i < to; i++) this.grid[i] = i + skip;
    }
  }

  /** TILED_SPARSE: each frame says its corner; of several depths the middle one is taken. */
  private placeEach(): void {
    const { tileWidth, tileHeight } = this.image;
    const depths = new Set(this.parts.flatMap(({ image }) => [...new Set(image.places?.z)]));
    const depth = [...depths].sort((a, b) => a - b)[Math.floor((depths.size - 1) / 2)];
    const path = this.image.places?.path[0];
    for (const part of this.parts) {
      const { places } = part.image;
      if (!places) continue;
      places.x.forEach((x, i) => {
        const y = places.y[i];
        if (places.z[i] !== depth || places.path[i] !== path) return;
        if (x % tileWidth !== 0 || y % tileHeight !== 0) throw offGrid(x, y);
        const col = x / tileWidth;
        const row = y / tileHeight;
        if (col < 0 || row < 0 || col >= this.cols || row >= this.rows) return;
        const at = row * this.cols + col;
        if (this.grid[at] === NONE) this.grid[at] = firstOf(part) + i;
      });
    }
  }
}

/** Number within the image of an instance's first frame. */
function firstOf({ image }: Instance): number {
  return image.part?.first ?? 0;
}

function offGrid(x: number, y: number): CytolensError {
  return new CytolensError(
    'unsupported',
    'The tiles of this slide overlap or do not lie side by side, which is not read. Export the slide again as TILED_FULL.',
    `frame at ${x}, ${y}`,
  );
}
