/**
 * Reading of stored (uncompressed) ZIP archives by byte ranges, ZIP64 included. The directory is
 * streamed to a visitor and never kept, so a million entries cost what the caller keeps of them.
 * Source: PKWARE APPNOTE 6.3.10, sections 4.3 to 4.5.
 */
import { CytolensError } from '../core/errors.ts';
import { type ByteSource, type Bytes, truncated } from './bytes.ts';
import { SNIFF_LENGTH, seemsToBe } from './sniff.ts';

/** Where a stored entry lies. */
export interface ZipEntry {
  name: string;
  /** Offset of the entry's local header, bytes from the start of the file. */
  offset: number;
  /** Bytes of content. */
  size: number;
  /** Bytes that the local header very likely has before the content. */
  header: number;
}

const END = 0x06054b50;
const END64 = 0x06064b50;
const LOCATOR64 = 0x07064b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const END_LENGTH = 22;
const CENTRAL_LENGTH = 46;
const LOCAL_LENGTH = 30;
const MAX_COMMENT = 0xffff;
/** Bytes of directory read at a time. */
const CHUNK = 4 * 1024 * 1024;

/**
 * Call `visit` for every file of the archive. Throws `truncated` for an archive without its end,
 * `format` for what is no ZIP or contradicts itself, `unsupported` for compressed, encrypted or
 * split archives.
 */
export async function readDirectory(
  source: ByteSource,
  visit: (entry: ZipEntry) => void,
  signal?: AbortSignal,
): Promise<void> {
  const end = await findEnd(source, signal);
  const { offset, size, count, tail, tailOffset } = end;
  if (offset + size > tailOffset + tail.length || count * CENTRAL_LENGTH > size) {
    throw malformed(`directory of ${count} entries, ${size} bytes at ${offset} of ${source.size}`);
  }
  // A small directory lies within the tail that was read to find it.
  const read = (at: number, length: number): Promise<Bytes> | Bytes =>
    at >= tailOffset
      ? tail.subarray(at - tailOffset, at - tailOffset + length)
      : source.read(at, length, signal);

  let position = offset;
  let left = count;
  while (left > 0) {
    const chunk = await read(position, Math.min(CHUNK, offset + size - position));
    let used = 0;
    while (left > 0) {
      const entry = parseCentral(chunk, used, source.size);
      if (!entry) break;
      used += entry.length;
      left--;
      if (!entry.name.endsWith('/')) visit(entry);
    }
    if (used === 0) throw malformed(`directory ends with ${left} entries missing`);
    position += used;
  }
}

/** Content of a stored entry, in one read as a rule. Throws `format`, `truncated`, `network`. */
export async function readEntry(
  source: ByteSource,
  entry: Omit<ZipEntry, 'name'>,
  signal?: AbortSignal,
): Promise<Bytes> {
  const { offset, size } = entry;
  const guess = Math.min(entry.header + size, source.size - offset);
  const bytes = await source.read(offset, guess, signal);
  if (bytes.length < LOCAL_LENGTH) throw truncated(`entry at ${offset}`);
  const view = viewOf(bytes);
  if (view.getUint32(0, true) !== LOCAL) throw malformed(`no entry at ${offset}`);
  // The local header may carry other extra fields than the directory, so its own lengths count.
  const start = LOCAL_LENGTH + view.getUint16(26, true) + view.getUint16(28, true);
  if (start + size <= bytes.length) return bytes.subarray(start, start + size);
  return source.read(offset + start, size, signal);
}

interface End {
  offset: number;
  size: number;
  count: number;
  /** Last bytes of the file, and where they start. */
  tail: Bytes;
  tailOffset: number;
}

async function findEnd(source: ByteSource, signal?: AbortSignal): Promise<End> {
  const length = Math.min(source.size, END_LENGTH + MAX_COMMENT + 1);
  const tailOffset = source.size - length;
  const tail = await source.read(tailOffset, length, signal);
  const view = viewOf(tail);
  for (let at = length - END_LENGTH; at >= 0; at--) {
    if (view.getUint32(at, true) !== END) continue;
    if (at + END_LENGTH + view.getUint16(at + 20, true) > length) continue;
    const end = {
      count: view.getUint16(at + 10, true),
      size: view.getUint32(at + 12, true),
      offset: view.getUint32(at + 16, true),
      tail,
      tailOffset,
    };
    const disks = view.getUint16(at + 4, true);
    if (end.count === 0xffff || end.size === 0xffffffff || end.offset === 0xffffffff) {
      return { ...end, ...(await findEnd64(source, tailOffset + at, signal)) };
    }
    if (disks !== 0) throw split();
    return end;
  }
  throw await noEnd(source, signal);
}

/** The ZIP64 end record, found by its locator right before the plain end record. */
async function findEnd64(source: ByteSource, endOffset: number, signal?: AbortSignal) {
  if (endOffset < 20) throw malformed('no room for a ZIP64 locator');
  const locator = viewOf(await source.read(endOffset - 20, 20, signal));
  if (locator.getUint32(0, true) !== LOCATOR64) throw malformed('no ZIP64 locator');
  if (locator.getUint32(16, true) > 1) throw split();
  const at = big(locator, 8);
  if (at + 56 > endOffset) throw malformed(`ZIP64 end record at ${at} of ${source.size}`);
  const record = viewOf(await source.read(at, 56, signal));
  if (record.getUint32(0, true) !== END64) throw malformed('no ZIP64 end record');
  return { count: big(record, 32), size: big(record, 40), offset: big(record, 48) };
}

async function noEnd(source: ByteSource, signal?: AbortSignal): Promise<CytolensError> {
  const head = await source.read(0, Math.min(SNIFF_LENGTH, source.size), signal);
  if (head.length >= 4 && viewOf(head).getUint32(0, true) === LOCAL) {
    return truncated(`a ZIP of ${source.size} bytes without an end record`);
  }
  const kind = seemsToBe(head);
  return new CytolensError(
    'format',
    `This is not an SZI slide: its content seems to be ${kind}. An SZI is a stored ZIP of a Deep Zoom pyramid; check that you picked the right file.`,
    `${source.size} bytes, no ZIP end record`,
  );
}

/** One directory record at `at`, or null when the chunk ends before it does. */
function parseCentral(
  chunk: Bytes,
  at: number,
  fileSize: number,
): (ZipEntry & { length: number }) | null {
  if (at + CENTRAL_LENGTH > chunk.length) return null;
  const view = viewOf(chunk);
  if (view.getUint32(at, true) !== CENTRAL) throw malformed(`no directory record at +${at}`);
  const nameLength = view.getUint16(at + 28, true);
  const extraLength = view.getUint16(at + 30, true);
  const length = CENTRAL_LENGTH + nameLength + extraLength + view.getUint16(at + 32, true);
  if (at + length > chunk.length) return null;
  const nameAt = at + CENTRAL_LENGTH;
  const name = decodeName(chunk, nameAt, nameLength);
  const flags = view.getUint16(at + 8, true);
  const method = view.getUint16(at + 10, true);
  if (flags & 1) {
    throw new CytolensError(
      'unsupported',
      'This SZI is locked by a password. Unpack it and pack it again without one: zip -0 -r slide.szi folder',
      name,
    );
  }
  if (method !== 0 && !name.endsWith('/')) {
    throw new CytolensError(
      'unsupported',
      'This SZI is compressed inside; SZI must be stored. Re-pack it with: zip -0 -r slide.szi folder',
      `${name}: method ${method}`,
    );
  }
  const sizes = readSizes(view, at, nameAt + nameLength, extraLength);
  const { packed, size, offset } = sizes;
  if (packed !== size || offset + LOCAL_LENGTH + size > fileSize) {
    throw malformed(`${name}: ${packed}/${size} bytes at ${offset} of ${fileSize}`);
  }
  return { name, size, offset, header: LOCAL_LENGTH + nameLength + extraLength, length };
}

/** Sizes and offset; the ZIP64 extra field holds those that are all ones in the record, in order. */
function readSizes(view: DataView, at: number, extraAt: number, extraLength: number) {
  const fields = {
    size: view.getUint32(at + 24, true),
    packed: view.getUint32(at + 20, true),
    offset: view.getUint32(at + 42, true),
  };
  const wide = (['size', 'packed', 'offset'] as const).filter((f) => fields[f] === 0xffffffff);
  if (wide.length === 0) return fields;
  const end = extraAt + extraLength;
  for (let p = extraAt; p + 4 <= end; p += 4 + view.getUint16(p + 2, true)) {
    if (view.getUint16(p, true) !== 1) continue;
    if (p + 4 + wide.length * 8 > end) break;
    wide.forEach((field, i) => {
      fields[field] = big(view, p + 4 + i * 8);
    });
    return fields;
  }
  throw malformed('a ZIP64 entry without its extra field');
}

const decoder = new TextDecoder();

/** Names of tiles are ASCII; a loop is several times faster than TextDecoder on short ones. */
function decodeName(bytes: Bytes, at: number, length: number): string {
  let name = '';
  for (let i = at; i < at + length; i++) {
    if (bytes[i] > 127) return decoder.decode(bytes.subarray(at, at + length));
    name += String.fromCharCode(bytes[i]);
  }
  return name;
}

function big(view: DataView, at: number): number {
  const value = view.getBigUint64(at, true);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw malformed(`a number of ${value}`);
  return Number(value);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function split(): CytolensError {
  return new CytolensError(
    'unsupported',
    'This SZI is one part of an archive that was split. Join the parts into one file first.',
  );
}

function malformed(detail: string): CytolensError {
  return new CytolensError(
    'format',
    'This SZI contradicts itself inside: it is damaged or was not written completely. Copy or export it again.',
    detail,
  );
}
