/**
 * Encoded tile -> pixels. Browsers decode by createImageBitmap; where there is none (Node), the
 * caller of `openSlide` hands in a decoder.
 */
import { CytolensError, throwIfAborted } from '../core/errors.ts';
import type { Bytes } from './bytes.ts';
import type { Raster, RgbaImage } from './slide.ts';

/** Part of a decoded image, in its own pixels. */
export interface Crop {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Decodes a whole image file (JPEG, PNG, WebP, ...). May throw anything: `decodeTile` wraps it. */
export type Decoder = (bytes: Bytes) => Promise<Raster>;

// The pixels as they are stored: no colour management, no alpha multiplied in, so that the same
// tile gives the same numbers on every machine.
export const AS_STORED: ImageBitmapOptions = {
  colorSpaceConversion: 'none',
  premultiplyAlpha: 'none',
};

/** The decoder of browsers and their workers. */
export const browserDecoder: Decoder = (bytes) => createImageBitmap(new Blob([bytes]), AS_STORED);

/** `browserDecoder` where it exists; throws `internal` in Node, where one must be given. */
export function defaultDecoder(): Decoder {
  if (typeof createImageBitmap === 'function') return browserDecoder;
  throw new CytolensError(
    'internal',
    'This program cannot decode image tiles by itself.',
    'openSlide needs options.decode outside of browsers',
  );
}

/** Decode a picture of any size; bytes that do not decode throw `format`. */
export async function decodePicture(decode: Decoder, bytes: Bytes, what: string): Promise<Raster> {
  try {
    return await decode(bytes);
  } catch (error) {
    throw new CytolensError(
      'format',
      'A tile of this slide cannot be decoded: the file is damaged. Copy or download it again.',
      `${what}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/**
 * Decode a tile of which `full` is the expected size and keep `crop` of it. A tile of another size
 * would be drawn in the wrong place without anyone seeing it, so it throws `format`; bytes that
 * do not decode throw `format` too.
 */
export async function decodeTile(
  decode: Decoder,
  bytes: Bytes,
  full: { width: number; height: number },
  crop: Crop,
  what: string,
  signal?: AbortSignal,
): Promise<Raster> {
  const raster = await decodePicture(decode, bytes, what);
  try {
    throwIfAborted(signal);
    if (raster.width !== full.width || raster.height !== full.height) {
      throw new CytolensError(
        'format',
        'A tile of this slide has another size than its description says, so it would be drawn in the wrong place. Export the slide again.',
        `${what}: ${raster.width}x${raster.height} instead of ${full.width}x${full.height}`,
      );
    }
    if (crop.width === full.width && crop.height === full.height) return raster;
    const part = await cropRaster(raster, crop);
    release(raster);
    return part;
  } catch (error) {
    release(raster);
    throw error;
  }
}

/** Free a bitmap's memory now instead of at the next garbage collection. */
export function release(raster: Raster): void {
  if (!isRgba(raster)) raster.close();
}

export function isRgba(raster: Raster): raster is RgbaImage {
  return 'data' in raster;
}

/** Part of a raster, which stays open. */
export async function cropRaster(raster: Raster, crop: Crop): Promise<Raster> {
  const { x, y, width, height } = crop;
  if (!isRgba(raster)) return createImageBitmap(raster, x, y, width, height, AS_STORED);
  const data = new Uint8ClampedArray(width * height * 4);
  for (let row = 0; row < height; row++) {
    const from = ((y + row) * raster.width + x) * 4;
    data.set(raster.data.subarray(from, from + width * 4), row * width * 4);
  }
  return { width, height, data };
}

// One canvas a thread, grown to the largest tile met: making one a tile costs more than reading it.
let canvas: OffscreenCanvas | null = null;
let context: OffscreenCanvasRenderingContext2D | null = null;

/**
 * The bytes of a raster, opaque: transparent pixels (some pyramids leave glass out) become white.
 * A bitmap is closed; of an RgbaImage the very array may be returned.
 */
export function toOpaqueBytes(raster: Raster): RgbaImage {
  const image = isRgba(raster) ? raster : readBitmap(raster);
  const data = onWhite(image.data);
  // Readers look at whole pixels as 32-bit words, which must start at a multiple of 4.
  return { ...image, data: data.byteOffset % 4 === 0 ? data : data.slice() };
}

function readBitmap(bitmap: ImageBitmap): RgbaImage {
  const { width, height } = bitmap;
  if (!canvas || !context || canvas.width < width || canvas.height < height) {
    const side = Math.max(width, height, canvas?.width ?? 0, canvas?.height ?? 0);
    canvas = new OffscreenCanvas(side, side);
    context = canvas.getContext('2d', { willReadFrequently: true });
  }
  if (!context) {
    throw new CytolensError(
      'unsupported',
      'This browser cannot read pixels here. Use a current Chrome, Edge, Firefox or Safari.',
      'OffscreenCanvas gives no 2d context',
    );
  }
  context.globalCompositeOperation = 'copy';
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return { width, height, data: context.getImageData(0, 0, width, height).data };
}

function onWhite(data: RgbaImage['data']): RgbaImage['data'] {
  let i = 3;
  while (i < data.length && data[i] === 255) i += 4;
  if (i >= data.length) return data;
  const out = new Uint8ClampedArray(data);
  for (; i < out.length; i += 4) {
    const alpha = out[i] / 255;
    for (let c = i - 3; c < i; c++) out[c] = 255 + (out[c] - 255) * alpha;
    out[i] = 255;
  }
  return out;
}
