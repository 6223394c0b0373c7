/** Decodes a tile on the thread it is called on, in a browser's worker and in Node alike. */
import { CytolensError, throwIfAborted } from '../../core/errors.ts';
import { type Decoder, decodeTile, release } from '../decode.ts';
import type { Raster, RgbaImage } from '../slide.ts';
import { checkTileSize, type EncodedTile, type TileCodec } from './codec.ts';
import { wholeJpeg } from './jpeg.ts';
import { undoDifferences, unpack } from './lossless.ts';
import { toRgba } from './samples.ts';
import { decodeByWasm } from './wasm.ts';

/** A codec that hands JPEG, PNG and WebP to `decode` and does the rest itself. */
export function directCodec(decode: Decoder): TileCodec {
  return async (tile, signal) => {
    throwIfAborted(signal);
    checkTileSize(tile);
    const raster = await pixels(tile, decode, signal);
    if (!signal?.aborted) return raster;
    release(raster);
    throw new CytolensError('cancelled', 'Cancelled.');
  };
}

async function pixels(tile: EncodedTile, decode: Decoder, signal?: AbortSignal): Promise<Raster> {
  const { compression } = tile;
  switch (compression) {
    case 'jpeg':
      return native(wholeJpeg(tile), tile, decode, signal);
    case 'png':
    case 'webp':
      return native(tile.bytes, tile, decode, signal);
    case 'jpeg2000':
    case 'jpegls':
    case 'htj2k':
      return decodeByWasm(compression, tile);
    default:
      return plain(tile, compression);
  }
}

function native(
  bytes: EncodedTile['bytes'],
  { width, height, compression }: EncodedTile,
  decode: Decoder,
  signal?: AbortSignal,
): Promise<Raster> {
  const full = { width, height };
  return decodeTile(decode, bytes, full, { x: 0, y: 0, ...full }, `${compression} tile`, signal);
}

async function plain(
  tile: EncodedTile,
  compression: Parameters<typeof unpack>[0],
): Promise<RgbaImage> {
  const { width, height, samples, bits, planar } = tile;
  const raw = await unpack(compression, tile.bytes, (width * height * samples * bits) / 8);
  const values = bits === 8 ? raw : wide(raw, tile.littleEndian ?? true);
  if (tile.predictor) undoDifferences(values, width, planar ? 1 : samples);
  return toRgba({ ...tile, values });
}

/** 16-bit values of bytes in either order. */
function wide(raw: Uint8Array, littleEndian: boolean): Uint16Array {
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  return Uint16Array.from({ length: raw.length >> 1 }, (_, i) =>
    view.getUint16(2 * i, littleEndian),
  );
}
