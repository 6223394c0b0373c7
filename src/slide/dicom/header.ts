/**
 * The attributes of a DICOM Part 10 file before its pixels (PS3.5, 7; PS3.10, 7), by byte ranges.
 * Written out because the parsers there are need the file, or all of it up to the pixels, in
 * memory, recurse as deep as the file says and make an object of every element; here a sequence
 * that nobody asked for is stepped over, and the groups of 100,000 frames pass one by one.
 */
import { CytolensError } from '../../core/errors.ts';
import { type ByteSource, truncated } from '../bytes.ts';
import { seemsToBe } from '../sniff.ts';
import { Cursor } from './cursor.ts';
import { DataSet, KINDS, type Kind, Tag, type Value } from './dataset.ts';

export interface Header {
  /** UID of how the data set and its frames are written. */
  transferSyntax: string;
  attributes: DataSet;
  /** Where the value of Pixel Data begins and how long it is, bytes; length null: encapsulated. */
  pixels: { offset: number; length: number | null } | null;
}

/** Takes the functional groups of one frame after another. */
export type FrameVisitor = (groups: DataSet) => void;

const PREAMBLE = 128;
const IMPLICIT = '1.2.840.10008.1.2';
const NOT_READ: ReadonlyMap<string, string> = new Map([
  ['1.2.840.10008.1.2.2', 'big endian'],
  ['1.2.840.10008.1.2.1.99', 'a deflated data set'],
]);

export const ITEM = 0xfffee000;
const ITEM_END = 0xfffee00d;
export const SEQUENCE_END = 0xfffee0dd;
const UNDEFINED = 0xffffffff;
/** Value representations whose length has 32 bits (PS3.5, 7.1.2). */
const LONG_FORM = new Set('OB OD OF OL OV OW SQ SV UC UN UR UT UV'.split(' '));
const SIZES: Partial<Record<Kind, number>> = { us: 2, ul: 4, sl: 4, fl: 4, fd: 8 };

/** A header with the positions of 200,000 frames is a third of this. */
const HEADER_LIMIT = 128 * 1024 * 1024;
const MAX_DEPTH = 16;
const MAX_ITEMS = 100_000;
const TEXT_LIMIT = 16 * 1024;
const BULK_LIMIT = 64 * 1024 * 1024;

/** Does a file begin as DICOM Part 10 does? */
export function isDicom(head: Uint8Array): boolean {
  return [0x44, 0x49, 0x43, 0x4d].every((byte, i) => head[PREAMBLE + i] === byte);
}

/**
 * Read a header. `framesWanted` is asked once, with what stands before them, whether someone takes
 * the groups of single frames. Throws `format`, `truncated`, `unsupported`, `too-large`, `network`.
 */
export async function readHeader(
  source: ByteSource,
  framesWanted: (before: DataSet) => FrameVisitor | null,
  signal?: AbortSignal,
): Promise<Header> {
  const head = await source.read(0, Math.min(PREAMBLE + 4, source.size), signal);
  if (!isDicom(head)) {
    throw new CytolensError(
      'format',
      `This is not a DICOM file but ${seemsToBe(head)}. Check that the right file was chosen.`,
    );
  }
  const reader = new Reader(new Cursor(source, PREAMBLE + 4, signal), framesWanted);
  const meta = new DataSet();
  while (await reader.inGroup(0x0002)) await reader.element(meta, source.size, 0, true);
  const transferSyntax = meta.text(Tag.TransferSyntaxUID);
  const notRead = NOT_READ.get(transferSyntax);
  if (notRead) {
    throw new CytolensError(
      'unsupported',
      'This DICOM file is written in a way that is no longer used for slides. dcmtk rewrites it: dcmconv +te in.dcm out.dcm',
      notRead,
    );
  }
  const attributes = new DataSet();
  await reader.elements(attributes, source.size, 0, transferSyntax !== IMPLICIT);
  return { transferSyntax, attributes, pixels: reader.pixels };
}

export function damaged(detail: string): CytolensError {
  return new CytolensError(
    'format',
    'This DICOM file is damaged: its parts do not lie where it says. Export or copy it again.',
    detail,
  );
}

class Reader {
  pixels: Header['pixels'] = null;
  private items = 0;

  constructor(
    private readonly cursor: Cursor,
    private readonly framesWanted: (before: DataSet) => FrameVisitor | null,
  ) {}

  /** Does the next element belong to a group? */
  async inGroup(group: number): Promise<boolean> {
    if (this.cursor.offset >= this.cursor.source.size) return false;
    await this.need(8);
    const found = this.cursor.u16();
    this.cursor.offset -= 2;
    return found === group;
  }

  /** Elements up to `end` (bytes), or to the pixels. */
  async elements(set: DataSet | null, end: number, depth: number, explicit: boolean) {
    while (this.cursor.offset < end && !this.pixels) {
      if ((await this.element(set, end, depth, explicit)) === ITEM_END) {
        throw damaged(`end of an item that never began, at ${this.cursor.offset}`);
      }
    }
  }

  /** One element, kept in `set` when it is of use; gives its tag. No element reaches past `end`. */
  async element(
    set: DataSet | null,
    end: number,
    depth: number,
    explicit: boolean,
  ): Promise<number> {
    const { cursor } = this;
    if (!cursor.has(8)) await this.need(8);
    const tag = cursor.tag();
    if (tag === ITEM_END) {
      cursor.u32();
      return tag;
    }
    let vr = '';
    let length: number;
    if (explicit) {
      const packed = cursor.u16();
      vr = String.fromCharCode(packed & 255, packed >>> 8);
      if (!/^[A-Z]{2}$/.test(vr)) throw damaged(`no value representation at ${cursor.offset - 2}`);
      length = cursor.u16();
      if (LONG_FORM.has(vr)) {
        if (!cursor.has(4)) await this.need(4);
        length = cursor.u32();
      }
    } else length = cursor.u32();
    const kind = KINDS.get(tag);

    if (tag === Tag.PixelData && depth === 0) {
      const room = length === UNDEFINED || cursor.offset + length <= end;
      if (!room) throw truncated(`${length} bytes of pixels at ${cursor.offset} of ${end}`);
      this.pixels = { offset: cursor.offset, length: length === UNDEFINED ? null : length };
      return tag;
    }
    if (length !== UNDEFINED && cursor.offset + length > end) {
      if (depth === 0) throw truncated(`${length} bytes at ${cursor.offset} of ${end}`);
      throw damaged(`${length} bytes at ${cursor.offset}, where ${end - cursor.offset} are left`);
    }
    const opaque = length === UNDEFINED || vr === 'SQ';
    if (opaque || (kind === 'sq' && (vr === '' || vr === 'UN'))) {
      // Within a sequence of unknown representation the implicit form is used (PS3.5, 6.2.2).
      const inner = explicit && vr !== 'UN';
      await this.sequence(kind === 'sq' ? set : null, tag, length, end, depth + 1, inner);
    } else if (set && kind && kind !== 'sq') await this.value(set, tag, kind, length);
    else cursor.offset += length;
    return tag;
  }

  private async sequence(
    set: DataSet | null,
    tag: number,
    length: number,
    end: number,
    depth: number,
    explicit: boolean,
  ): Promise<void> {
    const { cursor } = this;
    if (depth > MAX_DEPTH) throw damaged(`sequences ${depth} deep at ${cursor.offset}`);
    const visit = tag === Tag.PerFrameFunctionalGroupsSequence && set && this.framesWanted(set);
    const keep = set !== null && (tag !== Tag.PerFrameFunctionalGroupsSequence || Boolean(visit));
    const stop = length === UNDEFINED ? end : cursor.offset + length;
    const items: DataSet[] = [];
    while (cursor.offset < stop) {
      if (!cursor.has(8)) await this.need(8);
      const found = cursor.tag();
      const size = cursor.u32();
      if (found === SEQUENCE_END && length === UNDEFINED) {
        set?.set(tag, { kind: 'items', items });
        return;
      }
      if (found !== ITEM) throw damaged(`no item at ${cursor.offset - 8}`);
      if (size !== UNDEFINED && cursor.offset + size > stop) {
        throw damaged(`an item of ${size} bytes at ${cursor.offset}`);
      }
      if (!keep && size !== UNDEFINED) {
        cursor.offset += size;
        continue;
      }
      const item = keep ? new DataSet() : null;
      const before = this.items;
      await this.item(item, size, stop, depth, explicit);
      if (!item) continue;
      if (visit) {
        visit(item);
        // What was in it is let go of.
        this.items = before;
      } else if (items.push(item) && ++this.items > MAX_ITEMS) throw damaged('too many items');
    }
    if (length === UNDEFINED) throw damaged(`a sequence without end at ${cursor.offset}`);
    set?.set(tag, { kind: 'items', items });
  }

  private async item(
    item: DataSet | null,
    size: number,
    stop: number,
    depth: number,
    explicit: boolean,
  ): Promise<void> {
    const { cursor } = this;
    if (size !== UNDEFINED) return this.elements(item, cursor.offset + size, depth, explicit);
    while (cursor.offset < stop) {
      if ((await this.element(item, stop, depth, explicit)) === ITEM_END) return;
    }
    throw damaged(`an item without end at ${cursor.offset}`);
  }

  private async value(
    set: DataSet,
    tag: number,
    kind: Exclude<Kind, 'sq'>,
    length: number,
  ): Promise<void> {
    const { cursor } = this;
    if (kind === 'bulk') {
      const { source, offset } = cursor;
      cursor.offset += length;
      if (length > BULK_LIMIT) return;
      set.set(tag, { kind: 'bulk', bulk: (signal) => source.read(offset, length, signal) });
      return;
    }
    if (length > TEXT_LIMIT) throw damaged(`${length} bytes of text at ${cursor.offset}`);
    if (!cursor.has(length)) await this.need(length);
    set.set(tag, decoded(cursor.bytes(length), kind));
  }

  private async need(length: number): Promise<void> {
    if (this.cursor.loaded > HEADER_LIMIT) {
      throw new CytolensError(
        'too-large',
        'The description before the pixels of this DICOM file is larger than that of any slide, so it was not read on. Export the slide again.',
        `more than ${HEADER_LIMIT} bytes`,
      );
    }
    if (!this.cursor.has(length)) await this.cursor.load(length);
  }
}

function decoded(view: DataView<ArrayBuffer>, kind: Exclude<Kind, 'sq' | 'bulk'>): Value {
  const size = SIZES[kind];
  if (size === undefined) {
    const text = new TextDecoder().decode(view);
    const texts = text.split('\\').map((part) => part.replace(/^[ \0]+|[ \0]+$/g, ''));
    return { kind: 'text', texts };
  }
  const count = Math.floor(view.byteLength / size);
  return {
    kind: 'numbers',
    numbers: Array.from({ length: count }, (_, i) => number(view, kind, i * size)),
  };
}

function number(view: DataView, kind: Kind, at: number): number {
  switch (kind) {
    case 'us':
      return view.getUint16(at, true);
    case 'ul':
      return view.getUint32(at, true);
    case 'sl':
      return view.getInt32(at, true);
    case 'fl':
      return view.getFloat32(at, true);
    default:
      return view.getFloat64(at, true);
  }
}
