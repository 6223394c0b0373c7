/** The pixels of a picture of a TIFF. */

import { CytolensError } from '../../core/errors.ts';
import { truncated } from '../bytes.ts';
import {
  type Colour,
  type Compression,
  checkTileSize,
  damagedTile,
  type EncodedTile,
  type TileCodec,
} from '../codecs/codec.ts';
import { cropRaster, release, toOpaqueBytes } from '../decode.ts';
import { pasteImage, whiteImage } from '../rgba.ts';
import type { Raster, RgbaImage } from '../slide.ts';
import type { TiffFile } from './ifd.ts';
import { type Picture, TAG } from './picture.ts';

/** An encoded tile of more bytes is no tile. */
const TILE_LIMIT = 64 * 1024 * 1024;

/** By number of the tag Compression. 33003: JPEG 2000 of YCbCr, as Aperio writes it. */
const COMPRESSIONS: Record<number, Compression> = {
  ...{ 1: 'none', 5: 'lzw', 7: 'jpeg', 8: 'deflate', 32946: 'deflate', 32773: 'packbits' },
  ...{ 33003: 'jpeg2000', 33004: 'jpeg2000', 33005: 'jpeg2000', 34712: 'jpeg2000' },
  ...{ 34926: 'zstd', 50000: 'zstd', 34927: 'webp', 50001: 'webp' },
};

const COLOURS: Record<number, Colour> = {
  ...{ 0: 'grey-inverted', 1: 'grey', 2: 'rgb', 3: 'palette', 6: 'ycbcr' },
};

type Form = Omit<EncodedTile, 'bytes' | 'width' | 'height'>;

/** Reads tiles of one picture. Throws `unsupported`, when made, for pixels that are not read. */
export function tileReader(tiff: TiffFile, picture: Picture, codec: TileCodec): TileReader {
  return new TileReader(tiff, picture, formOf(picture, tiff), codec);
}

export class TileReader {
  private shared: Promise<Pick<EncodedTile, 'jpegTables' | 'palette'>> | null = null;

  constructor(
    private readonly tiff: TiffFile,
    readonly picture: Picture,
    private readonly form: Form,
    private readonly codec: TileCodec,
  ) {}

  /** A tile, cut to what lies within the picture; white where the file leaves the glass out. */
  async tile(col: number, row: number, signal?: AbortSignal): Promise<Raster> {
    const { picture } = this;
    const { tileWidth, tileHeight, cols } = picture;
    const width = Math.min(tileWidth, picture.width - col * tileWidth);
    const height = Math.min(tileHeight, picture.height - row * tileHeight);
    // The last strip of a stripped picture is stored without filling.
    const full = { width: tileWidth, height: picture.tiled ? tileHeight : height };
    const raster = await this.decode(row * cols + col, full, signal);
    if (!raster) return whiteImage(width, height);
    if (raster.width === width && raster.height === height) return raster;
    try {
      return await cropRaster(raster, { x: 0, y: 0, width, height });
    } finally {
      release(raster);
    }
  }

  /** The whole picture, strip by strip or tile by tile; at most 4096 x 4096 px. */
  async whole(signal?: AbortSignal): Promise<RgbaImage> {
    const { width, height, tileWidth, tileHeight, cols, rows } = this.picture;
    checkTileSize({ width, height });
    const out = whiteImage(width, height);
    for (let row = 0; row < rows; row++) {
      for (let col = 0; col < cols; col++) {
        const part = toOpaqueBytes(await this.tile(col, row, signal));
        pasteImage(out, part, col * tileWidth, row * tileHeight);
      }
    }
    return out;
  }

  /** Encoded bytes of a tile by its number; null where it was left out. */
  async encoded(index: number, signal?: AbortSignal): Promise<EncodedTile['bytes'] | null> {
    const { offsets, counts } = this.picture;
    const [[at], [length]] = await Promise.all([
      this.tiff.numbers(offsets, index, index + 1, signal),
      this.tiff.numbers(counts, index, index + 1, signal),
    ]);
    if (length === 0 || at === 0) return null;
    if (length > TILE_LIMIT) throw damagedTile(`tile ${index} of ${length} bytes`);
    if (at + length > this.tiff.source.size) {
      throw truncated(`tile ${index}: ${length} bytes at ${at} of ${this.tiff.source.size}`);
    }
    return this.tiff.source.read(at, length, signal);
  }

  private async decode(
    index: number,
    size: { width: number; height: number },
    signal?: AbortSignal,
  ): Promise<Raster | null> {
    this.shared ??= this.readShared();
    const tile = { ...this.form, ...(await this.shared), ...size };
    if (!this.picture.planar) {
      const bytes = await this.encoded(index, signal);
      return bytes && this.codec({ ...tile, bytes }, signal);
    }
    const planes: RgbaImage[] = [];
    for (let plane = 0; plane < 3; plane++) {
      const { cols, rows } = this.picture;
      const bytes = await this.encoded(plane * cols * rows + index, signal);
      if (!bytes) return null;
      const grey = { ...tile, bytes, samples: 1 as const, colour: 'grey' as const };
      planes.push(toOpaqueBytes(await this.codec(grey, signal)));
    }
    return merged(planes);
  }

  /** What all tiles of a picture have in common; read once, with the first of them. */
  private async readShared(): Promise<Pick<EncodedTile, 'jpegTables' | 'palette'>> {
    const { fields } = this.picture.directory;
    const tables = fields.get(TAG.jpegTables);
    const palette = this.form.colour === 'palette' ? fields.get(TAG.palette) : undefined;
    try {
      return {
        ...(tables && this.form.compression === 'jpeg'
          ? { jpegTables: await this.tiff.bytes(tables) }
          : {}),
        ...(palette ? { palette: interleaved(await this.tiff.numbers(palette)) } : {}),
      };
    } catch (error) {
      this.shared = null;
      throw error;
    }
  }
}

function formOf(picture: Picture, tiff: TiffFile): Form {
  const { compression, photometric, samples, bits, floating, predictor } = picture;
  const kind = COMPRESSIONS[compression];
  const detail = `compression ${compression}, photometric ${photometric}, ${samples} x ${bits} bits, predictor ${predictor}`;
  const depth = bits === 8 || bits === 16 ? bits : null;
  const known =
    kind && COLOURS[photometric] && depth && [1, 3, 4].includes(samples) && predictor <= 2;
  if (!known || floating) {
    throw new CytolensError(
      'unsupported',
      'The pixels of this TIFF are stored in a way that is not read here. libvips converts most of them: vips tiffsave slide.tif new.tif --tile --pyramid --bigtiff --compression jpeg',
      detail,
    );
  }
  // JPEG and JPEG 2000 bring their colours back themselves; elsewhere YCbCr is subsampled by hand.
  if (photometric === 6 && kind !== 'jpeg' && kind !== 'jpeg2000') throw subsampledColour(detail);
  return {
    compression: kind,
    samples: samples as 1 | 3 | 4,
    bits: depth,
    colour: compression === 33003 && samples === 3 ? 'ycbcr' : COLOURS[photometric],
    predictor: predictor === 2,
    littleEndian: tiff.littleEndian,
  };
}

function subsampledColour(detail: string): CytolensError {
  return new CytolensError(
    'unsupported',
    'The colours of this TIFF are stored as uncompressed YCbCr, which is not read. libvips converts it: vips tiffsave slide.tif new.tif --tile --pyramid --compression jpeg',
    detail,
  );
}

function merged([red, green, blue]: RgbaImage[]): RgbaImage {
  const { data } = red;
  for (let o = 0; o < data.length; o += 4) {
    data[o + 1] = green.data[o];
    data[o + 2] = blue.data[o];
  }
  return red;
}

/** TIFF's ColorMap (all reds, all greens, all blues, 16 bits) as 3 bytes a colour. */
function interleaved(map: number[]): Uint8Array {
  const colours = Math.floor(map.length / 3);
  return Uint8Array.from(
    { length: colours * 3 },
    (_, i) => map[(i % 3) * colours + Math.floor(i / 3)] >> 8,
  );
}
