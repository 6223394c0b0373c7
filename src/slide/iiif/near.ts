/** Tiles of servers that round a size otherwise than we do. */
import { CytolensError, throwIfAborted } from '../../core/errors.ts';
import type { Bytes } from '../bytes.ts';
import { type Decoder, decodePicture, release, toOpaqueBytes } from '../decode.ts';
import type { Raster, RgbaImage } from '../slide.ts';

/**
 * Decode a tile of `size` px. At the edges of a coarse level the API leaves open whether half a
 * pixel counts, so a side that is off by one is taken: the last row or column is repeated or left
 * out. Throws `format` for damaged bytes and for any other size, `cancelled`.
 */
export async function decodeNear(
  decode: Decoder,
  bytes: Bytes,
  size: { width: number; height: number },
  what: string,
  signal?: AbortSignal,
): Promise<Raster> {
  const raster = await decodePicture(decode, bytes, what);
  const off = Math.max(Math.abs(raster.width - size.width), Math.abs(raster.height - size.height));
  if (off === 0 && !signal?.aborted) return raster;
  if (off === 1 && !signal?.aborted) return stretched(toOpaqueBytes(raster), size);
  release(raster);
  throwIfAborted(signal);
  throw new CytolensError(
    'format',
    'A tile of this picture has another size than was asked for, so it would be drawn in the wrong place. The server does not follow the IIIF Image API.',
    `${what}: ${raster.width}x${raster.height} instead of ${size.width}x${size.height}`,
  );
}

function stretched(image: RgbaImage, { width, height }: { width: number; height: number }) {
  const data = new Uint8ClampedArray(width * height * 4);
  const to = new Uint32Array(data.buffer);
  const from = new Uint32Array(image.data.buffer, image.data.byteOffset, image.data.length / 4);
  for (let y = 0; y < height; y++) {
    const row = Math.min(y, image.height - 1) * image.width;
    for (let x = 0; x < width; x++) to[y * width + x] = from[row + Math.min(x, image.width - 1)];
  }
  return { width, height, data };
}
