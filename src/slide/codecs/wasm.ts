/**
 * JPEG 2000 (OpenJPEG), JPEG-LS (CharLS) and HTJ2K (OpenJPH), compiled to WebAssembly and loaded
 * on first use from beside the app. Their wrappers report some faults by printing alone, so what
 * they give is checked against the tile's own header.
 */
import { CytolensError } from '../../core/errors.ts';
import type { RgbaImage } from '../slide.ts';
import { damagedTile, type EncodedTile } from './codec.ts';
import { jpegFrame } from './jpeg.ts';
import { toRgba } from './samples.ts';

interface FrameInfo {
  width: number;
  height: number;
  bitsPerSample: number;
  componentCount: number;
  isSigned: boolean;
}

interface WasmDecoder {
  getEncodedBuffer(length: number): Uint8Array;
  getDecodedBuffer(): Uint8Array;
  decode(): void;
  getFrameInfo(): FrameInfo;
  /** JPEG-LS: 0 plane after plane, 1 by line, 2 by sample. */
  getInterleaveMode?(): number;
  delete(): void;
}

type MakeDecoder = () => WasmDecoder;
type Options = { locateFile?: () => string; print: () => void; printErr: () => void };
type WasmCompression = 'jpeg2000' | 'jpegls' | 'htj2k';

const isNode = typeof process === 'object' && typeof process.versions?.node === 'string';

/** In Node the libraries find their .wasm file themselves; in a bundle they must be told. */
async function optionsFor(url: () => Promise<{ default: string }>): Promise<Options> {
  const silent = { print: () => {}, printErr: () => {} };
  if (isNode) return silent;
  const { default: address } = await url();
  return { ...silent, locateFile: () => address };
}

const LIBRARIES: Record<WasmCompression, () => Promise<MakeDecoder>> = {
  async jpeg2000() {
    const { default: start } = await import('@cornerstonejs/codec-openjpeg/decodewasmjs');
    const url = () => import('@cornerstonejs/codec-openjpeg/decodewasm?url');
    const library = await start(await optionsFor(url));
    return () => new library.J2KDecoder();
  },
  async jpegls() {
    const { default: start } = await import('@cornerstonejs/codec-charls/decodewasmjs');
    const url = () => import('@cornerstonejs/codec-charls/decodewasm?url');
    const library = await start(await optionsFor(url));
    return () => new library.JpegLSDecoder();
  },
  async htj2k() {
    const { default: start } = await import('@cornerstonejs/codec-openjph/wasmjs');
    const url = () => import('@cornerstonejs/codec-openjph/wasm?url');
    const library = await start(await optionsFor(url));
    return () => new library.HTJ2KDecoder();
  },
};

const loaded = new Map<WasmCompression, Promise<MakeDecoder>>();

function load(compression: WasmCompression): Promise<MakeDecoder> {
  const held = loaded.get(compression);
  if (held) return held;
  const loading = LIBRARIES[compression]().catch((error) => {
    // Not kept: the next tile tries again, when the network is back.
    loaded.delete(compression);
    throw new CytolensError(
      'network',
      'The decoder for this kind of slide could not be loaded. Check the connection and reload the page.',
      `${compression}: ${error}`,
    );
  });
  loaded.set(compression, loading);
  return loading;
}

/** Pixels of a JPEG 2000, JPEG-LS or HTJ2K tile. Throws `format`, `unsupported`, `network`. */
export async function decodeByWasm(
  compression: WasmCompression,
  tile: EncodedTile,
): Promise<RgbaImage> {
  const header = compression === 'jpegls' ? jpegFrame(tile.bytes) : codestreamFrame(tile.bytes);
  if (header.width !== tile.width || header.height !== tile.height) {
    throw damagedTile(
      `${compression} of ${header.width}x${header.height} instead of ${tile.width}x${tile.height}`,
    );
  }
  const decoder = (await load(compression))();
  try {
    decoder.getEncodedBuffer(tile.bytes.length).set(tile.bytes);
    decoder.decode();
    const frame = decoder.getFrameInfo();
    if (frame.width !== tile.width || frame.height !== tile.height) {
      throw damagedTile(`${compression} decoded to ${frame.width}x${frame.height}`);
    }
    return pixelsOf(decoder, frame, tile, 'subsampled' in header && header.subsampled);
  } catch (error) {
    if (error instanceof CytolensError) throw error;
    // A thrown number is a C++ exception; after an abort the library must be started anew.
    if (typeof error !== 'number') loaded.delete(compression);
    throw damagedTile(`${compression}: ${error}`);
  } finally {
    decoder.delete();
  }
}

function pixelsOf(
  decoder: WasmDecoder,
  frame: FrameInfo,
  tile: EncodedTile,
  subsampled: boolean,
): RgbaImage {
  const { width, height, bitsPerSample, componentCount, isSigned } = frame;
  if (![1, 3, 4].includes(componentCount) || bitsPerSample < 1 || bitsPerSample > 16) {
    throw new CytolensError(
      'unsupported',
      'The tiles of this slide hold something other than colours or grey, which is not shown.',
      `${componentCount} components of ${bitsPerSample} bits`,
    );
  }
  const raw = decoder.getDecodedBuffer();
  // By line is told from by plane here only: by line, CharLS gives the samples interleaved.
  const planar = decoder.getInterleaveMode?.() === 0 && componentCount > 1;
  return toRgba({
    values: bitsPerSample > 8 ? wide(raw) : raw,
    width,
    height,
    samples: componentCount,
    bits: bitsPerSample,
    offset: isSigned ? 2 ** (bitsPerSample - 1) : 0,
    planar,
    // OpenJPEG's wrapper makes RGB of subsampled YCbCr while it makes the planes equally large.
    colour: subsampled ? 'rgb' : tile.colour,
    palette: tile.palette,
  });
}

/** Bytes of the library's memory as 16-bit values; copied, since they may lie at odd addresses. */
function wide(raw: Uint8Array): Uint16Array {
  return new Uint16Array(raw.slice().buffer, 0, raw.length >> 1);
}

/**
 * Size of a JPEG 2000 image by its SIZ segment (ISO/IEC 15444-1, A.5.1), which follows the SOC
 * marker; inside a JP2 file that is searched for.
 */
function codestreamFrame(bytes: Uint8Array): {
  width: number;
  height: number;
  subsampled: boolean;
} {
  const end = Math.min(bytes.length, 4096) - 46;
  for (let at = 0; at < end; at++) {
    if (bytes[at] !== 0xff || bytes[at + 1] !== 0x4f) continue;
    if (bytes[at + 2] !== 0xff || bytes[at + 3] !== 0x51) continue;
    const view = new DataView(bytes.buffer, bytes.byteOffset + at);
    const width = view.getUint32(8) - view.getUint32(16);
    const height = view.getUint32(12) - view.getUint32(20);
    const components = view.getUint16(40);
    return { width, height, subsampled: components >= 3 && view.getUint8(46) > 1 };
  }
  throw damagedTile('no JPEG 2000 codestream');
}
