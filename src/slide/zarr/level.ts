/** Tiles of one level of an OME-Zarr, put together from its chunks. */
import type { DataType, Array as ZarrArray } from 'zarrita';
import { CytolensError, throwIfAborted } from '../../core/errors.ts';
import { MAX_SIDE } from '../deepzoom.ts';
import type { Level, RgbaImage } from '../slide.ts';
import type { Axis } from './metadata.ts';

/** An unpacked chunk is held whole: larger ones would fill the memory with a few tiles. */
const MAX_CHUNK = 96 * 1024 * 1024;
const MIN_CHUNK_SIDE = 16;
const TILE = { least: 256, most: 1024 };
/** Unpacked chunks kept a level, in bytes, so that a large chunk serves all of its tiles. */
const KEPT = 64 * 1024 * 1024;

interface Chunk {
  data: Uint8Array;
  shape: number[];
  stride: number[];
}

/** A checked level: RGB, 8 bits, one time and one plane. */
export class ZarrLevel {
  readonly level: Level;
  private readonly array: ZarrArray<'uint8'>;
  private readonly at: Record<Axis, number>;
  private readonly kept = new Map<string, Promise<Chunk>>();
  private readonly most: number;

  /** Throws `unsupported` for what is no RGB picture of 8 bits or is cut too large or too small. */
  constructor(array: ZarrArray<DataType>, axes: Axis[], downsample: number) {
    checkPicture(array, axes);
    this.array = array;
    const { shape, chunks } = array;
    this.at = Object.fromEntries(axes.map((axis, i) => [axis, i])) as Record<Axis, number>;
    const bytes = chunks.reduce((product, side) => product * side, 1);
    this.most = Math.max(1, Math.floor(KEPT / bytes));
    this.level = {
      width: shape[this.at.x],
      height: shape[this.at.y],
      downsample,
      tileWidth: tileSide(chunks[this.at.x]),
      tileHeight: tileSide(chunks[this.at.y]),
    };
  }

  /** One tile, opaque. Throws `format`, `network`, `truncated`, `cancelled`. */
  async tile(col: number, row: number, signal?: AbortSignal): Promise<RgbaImage> {
    const { level, array, at } = this;
    const x0 = col * level.tileWidth;
    const y0 = row * level.tileHeight;
    const width = Math.min(level.tileWidth, level.width - x0);
    const height = Math.min(level.tileHeight, level.height - y0);
    const data = new Uint8ClampedArray(width * height * 4).fill(255);
    const [cx, cy, cc] = [array.chunks[at.x], array.chunks[at.y], array.chunks[at.c]];
    const loads: Promise<void>[] = [];
    for (let v = Math.floor(y0 / cy); v * cy < y0 + height; v++) {
      for (let u = Math.floor(x0 / cx); u * cx < x0 + width; u++) {
        for (let c = 0; c * cc < 3; c++) {
          const box = { x: u * cx - x0, y: v * cy - y0, c: c * cc };
          loads.push(
            this.chunk(u, v, c, signal).then((found) =>
              this.paste(found, box, data, width, height),
            ),
          );
        }
      }
    }
    await Promise.all(loads);
    throwIfAborted(signal);
    return { width, height, data };
  }

  private async chunk(u: number, v: number, c: number, signal?: AbortSignal): Promise<Chunk> {
    const key = `${u},${v},${c}`;
    const known = this.kept.get(key);
    if (!known) return this.load(key, u, v, c, signal);
    try {
      return await known;
    } catch (error) {
      // Whoever asked first gave up, or failed; that is not for us to do.
      if (signal?.aborted) throw error;
      return this.kept.get(key) ?? this.load(key, u, v, c, signal);
    }
  }

  /** A load that is under way is kept too: whoever asks meanwhile shares it. */
  private load(key: string, u: number, v: number, c: number, signal?: AbortSignal) {
    const { at, array } = this;
    const place = array.chunks.map((_, i) =>
      i === at.x ? u : i === at.y ? v : i === at.c ? c : 0,
    );
    const loading = array.getChunk(place, { signal }).then((chunk) => {
      const size = chunk.shape.reduce((product, side) => product * side, 1);
      if (chunk.data.length >= size) return chunk;
      throw new CytolensError(
        'format',
        'A chunk of this OME-Zarr is shorter than it should be: it is damaged. Copy or export it again.',
        `chunk ${place.join('/')}: ${chunk.data.length} of ${size} bytes`,
      );
    });
    this.kept.set(key, loading);
    loading.catch(() => this.kept.delete(key));
    for (const oldest of this.kept.keys()) {
      if (this.kept.size <= this.most) break;
      this.kept.delete(oldest);
    }
    return loading;
  }

  /** Copy what a chunk with its corner at `box` (tile px; its first channel) has of the tile. */
  private paste(
    { data, shape, stride }: Chunk,
    box: { x: number; y: number; c: number },
    out: Uint8ClampedArray,
    width: number,
    height: number,
  ): void {
    const { x, y, c } = this.at;
    const channels = Math.min(shape[c], 3 - box.c);
    const right = Math.min(width, box.x + shape[x]);
    const bottom = Math.min(height, box.y + shape[y]);
    for (let channel = 0; channel < channels; channel++) {
      for (let row = Math.max(0, box.y); row < bottom; row++) {
        const left = Math.max(0, box.x);
        let from = channel * stride[c] + (row - box.y) * stride[y] + (left - box.x) * stride[x];
        let to = (row * width + left) * 4 + box.c + channel;
        for (let column = left; column < right; column++, from += stride[x], to += 4) {
          out[to] = data[from];
        }
      }
    }
  }
}

/** Whole chunks where they are of a sensible size; several, or a part of one, where they are not. */
function tileSide(chunk: number): number {
  if (chunk < TILE.least) return chunk * Math.ceil(TILE.least / chunk);
  return Math.ceil(chunk / Math.ceil(chunk / TILE.most));
}

function checkPicture(
  array: ZarrArray<DataType>,
  axes: Axis[],
): asserts array is ZarrArray<'uint8'> {
  const { dtype } = array;
  // zarrita takes what the file says as it is.
  const [shape, chunks] = [array.shape, array.chunks].map((list) =>
    Array.isArray(list) ? list : [],
  );
  const size = (axis: Axis) => shape[axes.indexOf(axis)] ?? 1;
  const detail = `${dtype} ${axes.join('')} ${shape.join('x')} in ${chunks.join('x')}`.slice(
    0,
    200,
  );
  const refuse = (message: string) => {
    throw new CytolensError('unsupported', message, detail);
  };
  const whole = (side: number) => Number.isSafeInteger(side) && side >= 1;
  const sane = shape.every(whole) && chunks.every(whole) && chunks.length === shape.length;
  if (!sane || shape.length !== axes.length || size('x') > MAX_SIDE || size('y') > MAX_SIDE) {
    throw new CytolensError(
      'format',
      'This OME-Zarr has sizes that make no sense: it is damaged. Copy or export it again.',
      detail,
    );
  }
  if (dtype !== 'uint8' || size('c') !== 3) {
    refuse(
      'This OME-Zarr is no slide in colour: three channels (red, green, blue) of 8 bits are read. Fluorescence with other channels is not.',
    );
  }
  if (size('t') !== 1 || size('z') !== 1) {
    refuse(
      'This OME-Zarr holds several focal planes or times, of which a slide has one. Export one of them.',
    );
  }
  const bytes = chunks.reduce((product, side) => product * side, 1);
  const least = Math.min(chunks[axes.indexOf('x')], chunks[axes.indexOf('y')]);
  const small = Math.min(size('x'), size('y')) < MIN_CHUNK_SIDE;
  if (bytes > MAX_CHUNK || (least < MIN_CHUNK_SIDE && !small)) {
    refuse(
      'This OME-Zarr is cut into chunks that are too large or too small to be shown. Export it with chunks of about 1024 px.',
    );
  }
}
