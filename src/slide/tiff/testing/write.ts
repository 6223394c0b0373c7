/** A writer of small tiled TIFFs with any tags, for tests. Not part of the application. */
import { concatBytes } from '../../../core/arrays.ts';
import type { ByteSource } from '../../bytes.ts';
import { TAG } from '../picture.ts';

export type Value = string | Uint8Array | number[] | { rational: number[] };

export interface TestPicture {
  width: number;
  height: number;
  /** Side of the tiles; of 0 the picture is one strip. */
  tile: number;
  /** Encoded bytes of tile `index`; null leaves it out. Equal arrays are stored once. */
  tiles(index: number): Uint8Array | null;
  /** Other tags, above those that follow from the rest. */
  tags?: Record<number, Value>;
  subPictures?: TestPicture[];
}

export interface WriteOptions {
  big?: boolean;
  littleEndian?: boolean;
  /** Where tiles begin, bytes; far away for a file that is mostly a hole. */
  dataAt?: number;
}

/** Parts of a file at their places, and its length. */
export interface Sparse {
  size: number;
  parts: { at: number; bytes: Uint8Array }[];
}

/** The whole file as bytes. */
export function tiffBytes(
  pictures: TestPicture[],
  options?: WriteOptions,
): Uint8Array<ArrayBuffer> {
  const { size, parts } = writeTiff(pictures, options);
  const out = new Uint8Array(size);
  for (const { at, bytes } of parts) out.set(bytes, at);
  return out;
}

/** Reads bytes that are held, zeros in between; counts what is read. */
export function sparseSource({ size, parts }: Sparse): ByteSource & { reads: number[] } {
  const reads: number[] = [];
  return {
    size,
    reads,
    async read(offset, length) {
      if (offset + length > size) throw new Error('beyond the end');
      reads.push(length);
      const out = new Uint8Array(length);
      for (const { at, bytes } of parts) {
        const from = Math.max(at, offset);
        const to = Math.min(at + bytes.length, offset + length);
        if (to > from) out.set(bytes.subarray(from - at, to - at), from - offset);
      }
      return out;
    },
  };
}

/** Header, tiles, then the directories in their order. */
export function writeTiff(
  pictures: TestPicture[],
  { big = false, littleEndian: le = true, dataAt = 16 }: WriteOptions = {},
): Sparse {
  const parts: Sparse['parts'] = [];
  const word = big ? 8 : 4;
  let end = dataAt;
  const put = (bytes: Uint8Array) => {
    const at = end;
    parts.push({ at, bytes });
    end += bytes.length + (bytes.length % 2);
    return at;
  };
  const numbers = (values: number[], size: number) => {
    const view = new DataView(new ArrayBuffer(values.length * size));
    values.forEach((value, i) => {
      if (size === 2) view.setUint16(i * 2, value, le);
      else if (size === 4) view.setUint32(i * 4, value, le);
      else view.setBigUint64(i * 8, BigInt(value), le);
    });
    return new Uint8Array(view.buffer);
  };
  const number = (value: number, size: number) => numbers([value], size);

  function encoded(value: Value): { type: number; count: number; bytes: Uint8Array } {
    if (typeof value === 'string') {
      const bytes = new TextEncoder().encode(`${value}\0`);
      return { type: 2, count: bytes.length, bytes };
    }
    if (value instanceof Uint8Array) return { type: 7, count: value.length, bytes: value };
    if ('rational' in value) {
      return { type: 5, count: value.rational.length / 2, bytes: numbers(value.rational, 4) };
    }
    const large = value.some((v) => v > 0xffff);
    const size = large ? word : 2;
    return {
      type: large ? (big ? 16 : 4) : 3,
      count: value.length,
      bytes: numbers(value, size),
    };
  }

  /** Writes the directory and its values; gives where it lies and where its `next` does. */
  function directory(picture: TestPicture): { at: number; next: Uint8Array } {
    const { width, height, tile, subPictures = [] } = picture;
    const count = tile ? Math.ceil(width / tile) * Math.ceil(height / tile) : 1;
    const places = new Map<Uint8Array, number>();
    const offsets: number[] = [];
    const lengths: number[] = [];
    for (let index = 0; index < count; index++) {
      const bytes = picture.tiles(index);
      if (bytes && !places.has(bytes)) places.set(bytes, put(bytes));
      offsets.push(bytes ? (places.get(bytes) ?? 0) : 0);
      lengths.push(bytes?.length ?? 0);
    }
    const subs = subPictures.map((sub) => directory(sub).at);
    const tags: Record<number, Value> = {
      [TAG.width]: [width],
      [TAG.height]: [height],
      [TAG.bits]: [8, 8, 8],
      [TAG.compression]: [7],
      [TAG.photometric]: [6],
      [TAG.samples]: [3],
      [tile ? TAG.tileOffsets : TAG.stripOffsets]: offsets,
      [tile ? TAG.tileCounts : TAG.stripCounts]: lengths,
    };
    if (tile > 0) Object.assign(tags, { [TAG.tileWidth]: [tile], [TAG.tileHeight]: [tile] });
    if (subs.length > 0) tags[TAG.subIfds] = subs;
    Object.assign(tags, picture.tags);
    const entries = Object.entries(tags).map(([tag, value]) => {
      const { type, count, bytes } = encoded(value);
      const inline = new Uint8Array(word);
      if (bytes.length <= word) inline.set(bytes);
      else inline.set(number(put(bytes), word));
      return concatBytes([number(Number(tag), 2), number(type, 2), number(count, word), inline]);
    });
    const next = number(0, word);
    const at = put(number(entries.length, big ? 8 : 2));
    // What follows the count must lie right behind it.
    end = at + (big ? 8 : 2);
    for (const entry of entries) put(entry);
    put(next);
    return { at, next };
  }

  const all = pictures.map(directory);
  for (const [i, { at }] of all.entries()) if (i > 0) all[i - 1].next.set(number(at, word));
  const order = le ? [0x49, 0x49] : [0x4d, 0x4d];
  const version = big ? [...number(43, 2), ...number(8, 2), ...number(0, 2)] : [...number(42, 2)];
  parts.push({ at: 0, bytes: Uint8Array.from([...order, ...version, ...number(all[0].at, word)]) });
  return { size: end, parts };
}
