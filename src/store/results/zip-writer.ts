/**
 * Writing of stored (uncompressed) ZIP archives as a stream, ZIP64 where sizes ask for it. Memory
 * stays at one chunk. Each file is read twice, first for its checksum: an archive with sizes and
 * checksums up front is read by every tool. Source: PKWARE APPNOTE 6.3.10, sections 4.3 to 4.5.
 */
import { CytolensError, throwIfAborted } from '../../core/errors.ts';
import type { Bytes } from '../../slide/bytes.ts';
import { crc32 } from './crc32.ts';

export interface ZipFile {
  name: string;
  size: number;
  /** Exactly the bytes [from, to). */
  read(from: number, to: number): Promise<Bytes>;
}

export interface ZipOptions {
  /** Time that every entry carries. */
  time: Date;
  onProgress?: (share: number) => void;
  signal?: AbortSignal;
  /** Sizes and offsets from here on are written as ZIP64; lower only in tests. */
  limit?: number;
}

const CHUNK = 4 * 1024 * 1024;
const LIMIT = 0xffffffff;
const VERSION = 20;
const VERSION64 = 45;
const UTF8_NAMES = 1 << 11;

interface Entry {
  name: Bytes;
  size: number;
  crc: number;
  offset: number;
}

/** The archive in pieces. Throws `truncated` when a file got shorter meanwhile, `cancelled`. */
export async function* storedZip(
  files: readonly ZipFile[],
  options: ZipOptions,
): AsyncGenerator<Bytes, void, undefined> {
  const { time, onProgress, signal, limit = LIMIT } = options;
  const total = 2 * files.reduce((sum, file) => sum + file.size, 0);
  const entries: Entry[] = [];
  let offset = 0;
  let read = 0;
  async function* chunksOf(file: ZipFile): AsyncGenerator<Bytes, void, undefined> {
    for (let from = 0; from < file.size; from += CHUNK) {
      throwIfAborted(signal);
      const to = Math.min(file.size, from + CHUNK);
      const bytes = await file.read(from, to);
      if (bytes.length !== to - from) throw shorter(file);
      yield bytes;
      read += bytes.length;
      onProgress?.(read / total);
    }
  }
  for (const file of files) {
    let crc = 0;
    for await (const bytes of chunksOf(file)) crc = crc32(bytes, crc);
    const entry = { name: new TextEncoder().encode(file.name), size: file.size, crc, offset };
    const header = localHeader(entry, time, limit);
    yield header;
    let written = 0;
    for await (const bytes of chunksOf(file)) {
      written = crc32(bytes, written);
      yield bytes;
    }
    if (written !== crc) throw shorter(file);
    entries.push(entry);
    offset += header.length + file.size;
  }
  const directory = entries.map((entry) => centralHeader(entry, time, limit));
  const size = directory.reduce((sum, bytes) => sum + bytes.length, 0);
  yield* directory;
  yield end(entries.length, size, offset, limit);
}

function localHeader({ name, size, crc }: Entry, time: Date, limit: number): Bytes {
  const wide = size >= limit;
  const out = new Fields();
  out
    .u32(0x04034b50)
    .u16(wide ? VERSION64 : VERSION)
    .u16(UTF8_NAMES)
    .u16(0);
  out.u32(dosTime(time)).u32(crc);
  out.u32(wide ? LIMIT : size).u32(wide ? LIMIT : size);
  out
    .u16(name.length)
    .u16(wide ? 20 : 0)
    .bytes(name);
  if (wide) out.u16(1).u16(16).u64(size).u64(size);
  return out.done();
}

function centralHeader({ name, size, crc, offset }: Entry, time: Date, limit: number): Bytes {
  const wide = size >= limit;
  const far = offset >= limit;
  const extra = (wide ? 16 : 0) + (far ? 8 : 0);
  const version = extra ? VERSION64 : VERSION;
  const out = new Fields();
  out.u32(0x02014b50).u16(version).u16(version).u16(UTF8_NAMES).u16(0);
  out.u32(dosTime(time)).u32(crc);
  out.u32(wide ? LIMIT : size).u32(wide ? LIMIT : size);
  out.u16(name.length).u16(extra ? extra + 4 : 0);
  // No comment, first disk, no attributes.
  out.u16(0).u16(0).u16(0).u32(0);
  out.u32(far ? LIMIT : offset).bytes(name);
  if (extra) out.u16(1).u16(extra);
  if (wide) out.u64(size).u64(size);
  if (far) out.u64(offset);
  return out.done();
}

/** The end record, with the ZIP64 one and its locator before it where the directory lies far out. */
function end(count: number, size: number, offset: number, limit: number): Bytes {
  const far = offset >= limit;
  const out = new Fields();
  if (far) {
    out.u32(0x06064b50).u64(44).u16(VERSION64).u16(VERSION64).u32(0).u32(0);
    out.u64(count).u64(count).u64(size).u64(offset);
    out
      .u32(0x07064b50)
      .u32(0)
      .u64(offset + size)
      .u32(1);
  }
  out.u32(0x06054b50).u16(0).u16(0).u16(count).u16(count);
  out
    .u32(size)
    .u32(far ? LIMIT : offset)
    .u16(0);
  return out.done();
}

/** Time in the low half, date in the high half, from 1980 and in steps of two seconds. */
function dosTime(time: Date): number {
  const clock = (time.getHours() << 11) | (time.getMinutes() << 5) | (time.getSeconds() >> 1);
  const year = Math.max(0, time.getFullYear() - 1980);
  return ((((year << 9) | ((time.getMonth() + 1) << 5) | time.getDate()) << 16) | clock) >>> 0;
}

/** Little-endian fields, one after the other. */
class Fields {
  private readonly out: number[] = [];
  u16(value: number): this {
    return this.whole(value, 2);
  }
  u32(value: number): this {
    return this.whole(value, 4);
  }
  u64(value: number): this {
    return this.whole(value, 8);
  }
  bytes(values: Bytes): this {
    this.out.push(...values);
    return this;
  }
  done(): Bytes {
    return Uint8Array.from(this.out);
  }
  private whole(value: number, bytes: number): this {
    let rest = value;
    for (let i = 0; i < bytes; i++) {
      this.out.push(rest % 256);
      rest = Math.floor(rest / 256);
    }
    return this;
  }
}

function shorter({ name }: ZipFile): CytolensError {
  return new CytolensError(
    'truncated',
    'The stored results changed while they were exported. Export them again.',
    name,
  );
}
