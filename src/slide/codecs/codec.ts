/** What a tile is before it is decoded, whatever container it came from (TIFF, DICOM, Zarr). */
import { CytolensError } from '../../core/errors.ts';
import type { Bytes } from '../bytes.ts';
import type { Raster } from '../slide.ts';

export type Compression =
  | 'jpeg'
  | 'jpeg2000'
  | 'jpegls'
  | 'htj2k'
  | 'lzw'
  | 'deflate'
  | 'packbits'
  | 'zstd'
  | 'webp'
  | 'png'
  | 'none';

/**
 * What the samples mean once decompressed. `ycbcr` is full-range BT.601, as in JPEG; a JPEG 2000
 * stream that names its own colour transform gives `rgb`. `grey-inverted`: 0 is white.
 */
export type Colour = 'rgb' | 'ycbcr' | 'grey' | 'grey-inverted' | 'palette';

/** A tile as it lies in the file, and all that is needed to make pixels of it. */
export interface EncodedTile {
  compression: Compression;
  bytes: Bytes;
  /** Size of the decoded tile, px. A tile that decodes to another size is refused. */
  width: number;
  height: number;
  /** Samples a pixel; of 4 the last is opacity. */
  samples: 1 | 3 | 4;
  /** Bits a sample; of 16 the upper 8 are shown. */
  bits: 8 | 16;
  colour: Colour;
  /** All of the first sample, then all of the second, ...: only without JPEG and its relatives. */
  planar?: boolean;
  /** Differences along rows instead of values (TIFF predictor 2). */
  predictor?: boolean;
  /** Order of bytes of 16-bit samples; true when left out. */
  littleEndian?: boolean;
  /** Tables that JPEG tiles of a TIFF share (tag JPEGTables). */
  jpegTables?: Bytes;
  /** Colours of `palette`: R, G, B, 8 bits each, 3 bytes an index. */
  palette?: Uint8Array;
}

/**
 * Decodes a tile. Throws CytolensError `format` for damaged bytes or another size than said,
 * `unsupported`, `too-large` past MAX_TILE_PIXELS, `network` when a decoder cannot be loaded, and
 * `cancelled`.
 */
export type TileCodec = (tile: EncodedTile, signal?: AbortSignal) => Promise<Raster>;

/** A tile of more pixels (4096 x 4096) is no tile but a mistake, or an attack on memory. */
export const MAX_TILE_PIXELS = 2 ** 24;

/** Whether the platform's own decoder takes it, so that no worker of ours is needed. */
export function isNative(compression: Compression): boolean {
  return compression === 'jpeg' || compression === 'png' || compression === 'webp';
}

/** Throws `too-large` for a tile that must not even be tried. */
export function checkTileSize({ width, height }: { width: number; height: number }): void {
  if (width >= 1 && height >= 1 && width * height <= MAX_TILE_PIXELS) return;
  throw new CytolensError(
    'too-large',
    'A tile of this slide claims to be far larger than tiles are, so it was not decoded. Export the slide again with tiles of 256 to 1024 px.',
    `tile of ${width}x${height} px`,
  );
}

/** The error for a tile whose bytes cannot be what the file says they are. */
export function damagedTile(detail: string): CytolensError {
  return new CytolensError(
    'format',
    'A tile of this slide cannot be decoded: the file is damaged. Copy or download it again.',
    detail,
  );
}
