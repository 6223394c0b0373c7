/**
 * Where the frames of a DICOM file lie (PS3.5, A.4): by arithmetic when they are stored plainly; by
 * the extended or the basic offset table when they are compressed; and where there is no table, by
 * stepping from item to item, only as far as the frame that is asked for.
 */
import { concatBytes } from '../../core/arrays.ts';
import { CytolensError, throwIfAborted } from '../../core/errors.ts';
import { type ByteSource, type Bytes, truncated } from '../bytes.ts';
import { Tag } from './dataset.ts';
import { damaged, type Header, ITEM, SEQUENCE_END } from './header.ts';
import type { DicomImage } from './image.ts';
import { type Frame, isPlain, plainFrameLength } from './syntax.ts';

/** The frames of one instance, by their number from 0. */
export interface FrameSource {
  /** Throws `not-found`, `truncated`, `format`, `network`, `cancelled`. */
  frame(index: number, signal?: AbortSignal): Promise<Frame>;
}

/** Byte range of a frame in the file, item headers with it. */
interface Range {
  start: number;
  end: number;
}

/** A frame of more bytes than this is none: 4096 x 4096 px of RGB are 48 MB. */
const FRAME_LIMIT = 64 * 1024 * 1024;
const ITEM_HEADER = 8;
/** Windows in which items are looked for: while fragments are small, many lie in one. */
const WALK_WINDOW = 64 * 1024;
const SMALL_FRAGMENT = 8 * 1024;

/**
 * The frames of a file. Throws `truncated` or `format` when it is seen at once that they cannot all
 * be there.
 */
export async function fileFrames(
  source: ByteSource,
  header: Header,
  image: DicomImage,
  signal?: AbortSignal,
): Promise<FrameSource> {
  const { pixels, transferSyntax } = header;
  if (!pixels) throw truncated('no pixels');
  const range =
    pixels.length === null
      ? await encapsulated(source, header, pixels.offset, image.frames, signal)
      : plain(pixels.offset, pixels.length, transferSyntax, image);
  return {
    async frame(index, signal) {
      const { start, end } = await range(index, signal);
      if (end - start > FRAME_LIMIT) throw damaged(`frame of ${end - start} bytes`);
      const bytes = await source.read(start, end - start, signal);
      return { bytes: pixels.length === null ? joined(bytes) : bytes, transferSyntax };
    },
  };
}

type RangeOf = (index: number, signal?: AbortSignal) => Promise<Range> | Range;

function plain(offset: number, length: number, syntax: string, image: DicomImage): RangeOf {
  if (!isPlain(syntax)) throw damaged(`plain pixels in ${syntax}`);
  const size = plainFrameLength(image);
  if (size * image.frames > length) {
    throw truncated(`${length} bytes of pixels for ${image.frames} frames of ${size}`);
  }
  return (index) => ({ start: offset + index * size, end: offset + (index + 1) * size });
}

async function encapsulated(
  source: ByteSource,
  header: Header,
  offset: number,
  frames: number,
  signal?: AbortSignal,
): Promise<RangeOf> {
  // Each frame is an item at least, so a file of a kilobyte cannot hold a million of them.
  if (offset + (frames + 1) * ITEM_HEADER > source.size) {
    throw truncated(`${source.size - offset} bytes of pixels for ${frames} frames`);
  }
  const first = await itemAt(source, offset, signal);
  if (first.tag !== ITEM) throw damaged(`no offset table at ${offset}`);
  const base = offset + ITEM_HEADER + first.length;
  const starts =
    (await extendedTable(header, frames, signal)) ??
    (await basicTable(source, offset + ITEM_HEADER, first.length, frames, signal));
  if (!starts) return walker(source, base, frames);
  const lastStart = base + starts[frames - 1];
  const last = await itemAt(source, lastStart, signal);
  if (last.tag !== ITEM) throw damaged(`no frame at ${lastStart}`);
  if (lastStart + ITEM_HEADER + last.length > source.size) throw truncated('the last frame');
  const fromLast = walker(source, lastStart, 1);
  return (index, signal) =>
    index + 1 < frames
      ? { start: base + starts[index], end: base + starts[index + 1] }
      : fromLast(0, signal);
}

/** Offsets of 64 bits; null when there is no such table. */
async function extendedTable(
  { attributes }: Header,
  frames: number,
  signal?: AbortSignal,
): Promise<Float64Array | null> {
  const table = await attributes.bulk(Tag.ExtendedOffsetTable)?.(signal);
  if (!table || table.length < frames * 8) return null;
  const view = new DataView(table.buffer, table.byteOffset);
  const starts = Float64Array.from({ length: frames }, (_, i) =>
    Number(view.getBigUint64(i * 8, true)),
  );
  return ascending(starts) ? starts : null;
}

/** Offsets of 32 bits; null when there are none, or when they ran over, as beyond 4 GB. */
async function basicTable(
  source: ByteSource,
  offset: number,
  length: number,
  frames: number,
  signal?: AbortSignal,
): Promise<Float64Array | null> {
  if (length < frames * 4) return null;
  const table = await source.read(offset, frames * 4, signal);
  const view = new DataView(table.buffer, table.byteOffset);
  const starts = Float64Array.from({ length: frames }, (_, i) => view.getUint32(i * 4, true));
  return ascending(starts) ? starts : null;
}

function ascending(starts: Float64Array): boolean {
  return starts.every((start, i) => (i === 0 ? start === 0 : start > starts[i - 1]));
}

/** Finds frames by stepping over items from `base` on, each caller waiting for its own frame only. */
function walker(source: ByteSource, base: number, frames: number): RangeOf {
  const starts: number[] = [];
  let next = base;
  let end: number | null = null;
  let step: Promise<void> | null = null;
  let fragments = 0;

  async function advance(): Promise<void> {
    const small = fragments > 0 && (next - base) / fragments < SMALL_FRAGMENT;
    const wanted = small || fragments === 0 ? WALK_WINDOW : ITEM_HEADER + 2;
    const from = next;
    // The last item is followed by a delimiter of 8 bytes.
    if (from + ITEM_HEADER > source.size) throw truncated(`no item at ${from}`);
    const window = await source.read(from, Math.min(wanted, source.size - from));
    const view = new DataView(window.buffer, window.byteOffset, window.byteLength);
    for (let at = 0; at + ITEM_HEADER <= view.byteLength; at = next - from) {
      const { tag, length } = itemIn(view, at);
      if (tag === SEQUENCE_END || starts.length > frames) {
        end = next;
        return;
      }
      if (tag !== ITEM || length === 0xffffffff) throw damaged(`no frame at ${next}`);
      const behind = next + ITEM_HEADER + length;
      if (behind > source.size) throw truncated(`a frame up to ${behind} of ${source.size}`);
      // The first two bytes of the value tell a new frame; they may lie in the next window.
      const inSight = at + ITEM_HEADER + 2 <= view.byteLength;
      if (!inSight && length > 1 && at > 0) return;
      if (starts.length === 0 || length < 2 || begins(view, at + ITEM_HEADER)) starts.push(next);
      fragments++;
      next = behind;
    }
  }

  return async (index, signal) => {
    while (starts.length < index + 2 && end === null) {
      step ??= advance().finally(() => {
        step = null;
      });
      await step;
      throwIfAborted(signal);
    }
    if (index >= starts.length) {
      throw new CytolensError(
        'not-found',
        'This DICOM file holds fewer tiles than it says. Export or copy it again.',
        `frame ${index + 1} of ${starts.length}`,
      );
    }
    return { start: starts[index], end: starts[index + 1] ?? end ?? next };
  };
}

/**
 * Does a fragment begin a frame? JPEG and its relatives begin with ff d8, JPEG 2000 with ff 4f;
 * what begins otherwise goes on from the fragment before.
 */
function begins(view: DataView, at: number): boolean {
  const word = view.getUint16(at);
  return word === 0xffd8 || word === 0xff4f;
}

/** The fragments of a frame without their item headers. */
function joined(items: Bytes): Bytes {
  const view = new DataView(items.buffer, items.byteOffset, items.byteLength);
  const parts: Bytes[] = [];
  for (let at = 0; at + ITEM_HEADER <= items.length; ) {
    const { tag, length } = itemIn(view, at);
    if (tag === SEQUENCE_END) break;
    if (tag !== ITEM || at + ITEM_HEADER + length > items.length) {
      throw damaged('a frame that is no item');
    }
    at += ITEM_HEADER;
    parts.push(items.subarray(at, at + length));
    at += length;
  }
  return parts.length === 1 ? parts[0] : concatBytes(parts);
}

async function itemAt(source: ByteSource, offset: number, signal?: AbortSignal) {
  const bytes = await source.read(offset, ITEM_HEADER, signal);
  return itemIn(new DataView(bytes.buffer, bytes.byteOffset), 0);
}

function itemIn(view: DataView, at: number): { tag: number; length: number } {
  const tag = view.getUint16(at, true) * 0x10000 + view.getUint16(at + 2, true);
  return { tag, length: view.getUint32(at + 4, true) };
}
