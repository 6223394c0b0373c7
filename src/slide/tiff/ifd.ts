/**
 * The directories of TIFF (TIFF 6.0) and BigTIFF. Written out, since the readers on npm load the
 * tile offsets of every level whole (megabytes for a large slide) and follow a hostile file
 * wherever it points. Here a field is only where its values lie; they are read when they are
 * needed, and only those.
 */
import { CytolensError } from '../../core/errors.ts';
import { type ByteSource, type Bytes, truncated } from '../bytes.ts';
import { seemsToBe } from '../sniff.ts';
import { paged } from './paged.ts';

export interface Field {
  type: number;
  /** Number of values. */
  count: number;
  /** Where the first value lies in the file, bytes. */
  at: number;
}

export interface Directory {
  /** Where it lies in the file, bytes. */
  at: number;
  fields: Map<number, Field>;
}

/** More directories than any slide has (planes of a z-stack included). */
const MAX_DIRECTORIES = 1024;
const MAX_FIELDS = 1024;
/** Values read at once: a column of numbers beyond that is not read whole by anybody. */
const MAX_VALUES = 2 ** 20;
const MAX_TEXT = 8 * 1024 * 1024;

/** Bytes a value of each type. */
const SIZES: Record<number, number> = {
  ...{ 1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4 },
  ...{ 16: 8, 17: 8, 18: 8 },
};

export class TiffFile {
  private constructor(
    /** The file, to read tiles from. */
    readonly source: ByteSource,
    private readonly headers: ByteSource,
    readonly littleEndian: boolean,
    private readonly big: boolean,
  ) {}

  /** Throws `format` for what is no TIFF, `truncated`, `network`, `cancelled`. */
  static async open(
    source: ByteSource,
    signal?: AbortSignal,
  ): Promise<{ tiff: TiffFile; directories: Directory[] }> {
    const headers = paged(source);
    const head = await headers.read(0, Math.min(16, source.size), signal);
    if (!isTiff(head)) {
      throw new CytolensError(
        'format',
        `This is not a TIFF or SVS slide: it seems to be ${seemsToBe(head)}. Check that the whole file was copied, and that its name ends as it should.`,
        `begins with ${[...head.subarray(0, 8)].map((b) => b.toString(16)).join(' ')}`,
      );
    }
    if (head.length < 16) throw truncated(`${head.length} bytes of TIFF header`);
    const littleEndian = head[0] === 0x49;
    const tiff = new TiffFile(source, headers, littleEndian, head[littleEndian ? 2 : 3] === 43);
    return { tiff, directories: await tiff.chain(signal) };
  }

  /** The directories that follow each other from the header on. */
  private async chain(signal?: AbortSignal): Promise<Directory[]> {
    const directories: Directory[] = [];
    const seen = new Set<number>();
    let at = await this.offset(this.big ? 8 : 4, signal);
    while (at !== 0) {
      if (seen.has(at) || seen.size >= MAX_DIRECTORIES) {
        throw damaged(seen.has(at) ? `directories in a circle at ${at}` : 'too many directories');
      }
      seen.add(at);
      const { directory, next } = await this.directory(at, signal);
      directories.push(directory);
      at = next;
    }
    if (directories.length === 0) throw damaged('no directory');
    return directories;
  }

  /** The directory at a place of the file, and where the one after it lies; 0 when it is the last. */
  async directory(
    at: number,
    signal?: AbortSignal,
  ): Promise<{ directory: Directory; next: number }> {
    const { big, headers, littleEndian: le } = this;
    const countSize = big ? 8 : 2;
    const count = viewOf(await headers.read(at, countSize, signal));
    const entries = big ? toNumber(count.getBigUint64(0, le)) : count.getUint16(0, le);
    if (entries === 0 || entries > MAX_FIELDS) throw damaged(`${entries} fields at ${at}`);
    const size = big ? 20 : 12;
    const start = at + countSize;
    const view = viewOf(await headers.read(start, entries * size, signal));
    const fields = new Map<number, Field>();
    for (let e = 0; e < entries; e++) {
      const entry = e * size;
      const type = view.getUint16(entry + 2, le);
      const length = big
        ? toNumber(view.getBigUint64(entry + 4, le))
        : view.getUint32(entry + 4, le);
      // Types of later versions may be skipped, says the specification.
      if (!(type in SIZES)) continue;
      const value = entry + (big ? 12 : 8);
      const inline = length * SIZES[type] <= (big ? 8 : 4);
      const at = inline
        ? start + value
        : big
          ? toNumber(view.getBigUint64(value, le))
          : view.getUint32(value, le);
      fields.set(view.getUint16(entry, le), { type, count: length, at });
    }
    const next = await this.offset(start + entries * size, signal);
    return { directory: { at, fields }, next };
  }

  /** Values [from, to) of a field, integers and fractions as numbers. */
  async numbers(field: Field, from = 0, to = field.count, signal?: AbortSignal): Promise<number[]> {
    if (to > field.count || to - from > MAX_VALUES) {
      throw damaged(`values ${from} to ${to} of ${field.count}`);
    }
    if (to <= from) return [];
    const size = SIZES[field.type];
    const bytes = await this.headers.read(field.at + from * size, (to - from) * size, signal);
    const view = viewOf(bytes);
    return Array.from({ length: to - from }, (_, i) => this.value(view, i * size, field.type));
  }

  /** Content of a text field, without the NUL at its end; empty when it is absent or far too long. */
  async text(field: Field | undefined, signal?: AbortSignal): Promise<string> {
    if (!field || field.count > MAX_TEXT || SIZES[field.type] !== 1) return '';
    const bytes = await this.bytes(field, signal);
    return new TextDecoder().decode(bytes).replace(/\0[\s\S]*$/, '');
  }

  /** Content of a field of bytes, at most 8 MB. */
  async bytes(field: Field, signal?: AbortSignal): Promise<Bytes> {
    const length = field.count * SIZES[field.type];
    if (length > MAX_TEXT) throw damaged(`a field of ${length} bytes`);
    return this.headers.read(field.at, length, signal);
  }

  /** Whether all values of the field can lie within the file. */
  fits(field: Field): boolean {
    return field.at + field.count * SIZES[field.type] <= this.source.size;
  }

  private async offset(at: number, signal?: AbortSignal): Promise<number> {
    const view = viewOf(await this.headers.read(at, this.big ? 8 : 4, signal));
    return this.big
      ? toNumber(view.getBigUint64(0, this.littleEndian))
      : view.getUint32(0, this.littleEndian);
  }

  private value(view: DataView, at: number, type: number): number {
    const le = this.littleEndian;
    switch (type) {
      case 3:
        return view.getUint16(at, le);
      case 4:
      case 13:
        return view.getUint32(at, le);
      case 5:
        return view.getUint32(at, le) / view.getUint32(at + 4, le);
      case 6:
        return view.getInt8(at);
      case 8:
        return view.getInt16(at, le);
      case 9:
        return view.getInt32(at, le);
      case 10:
        return view.getInt32(at, le) / view.getInt32(at + 4, le);
      case 11:
        return view.getFloat32(at, le);
      case 12:
        return view.getFloat64(at, le);
      case 16:
      case 18:
        return toNumber(view.getBigUint64(at, le));
      case 17:
        return Number(view.getBigInt64(at, le));
      default:
        return view.getUint8(at);
    }
  }
}

/** Whether a file begins as TIFF ("II" or "MM", 42) or BigTIFF (43) does. */
export function isTiff(head: Uint8Array): boolean {
  const [a, b, c, d] = head;
  if (a === 0x49 && b === 0x49) return (c === 42 || c === 43) && d === 0;
  return a === 0x4d && b === 0x4d && c === 0 && (d === 42 || d === 43);
}

/** The error for a TIFF whose directories contradict themselves. */
export function damaged(detail: string): CytolensError {
  return new CytolensError(
    'format',
    'The index of this slide file is damaged, so its pictures cannot be found. Copy or download it again; if that does not help, export it again from the scanner.',
    detail,
  );
}

function viewOf(bytes: Bytes): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function toNumber(value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw damaged(`offset ${value}`);
  return Number(value);
}
