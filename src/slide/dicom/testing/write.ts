/** DICOM whole slide instances of a formula, for tests. Not part of the application. */
import { concatBytes } from '../../../core/arrays.ts';
import type { Bytes } from '../../bytes.ts';
import { WHOLE_SLIDE } from '../sop.ts';

export type Item = readonly Element[];
/** Tag, value representation, value: text, numbers, raw bytes, or the items of a sequence. */
export type Element = readonly [
  tag: number,
  vr: string,
  value: string | readonly number[] | Bytes | readonly Item[],
];

export interface Writing {
  /** Implicit VR; explicit when left out. */
  implicit?: boolean;
  /** Sequences and items say their length; undefined length when left out. */
  defined?: boolean;
}

export const EXPLICIT = '1.2.840.10008.1.2.1';
export const IMPLICIT = '1.2.840.10008.1.2';
export const JPEG = '1.2.840.10008.1.2.4.50';
/** Uncompressed pixels in items: frames of any bytes, for tests of where they lie. */
export const ENCAPSULATED = '1.2.840.10008.1.2.1.98';

const LONG_FORM = new Set(['OB', 'OV', 'OW', 'SQ', 'UN', 'UT']);
const SIZES: Record<string, number> = { US: 2, UL: 4, SL: 4, FL: 4, FD: 8 };
const UNDEFINED = 0xffffffff;

/** A whole file: preamble, file meta information, elements by tag, and what is appended raw. */
export function part10(syntax: string, elements: Item, tail: Bytes = new Uint8Array(0)): Bytes {
  const writing = { implicit: syntax === IMPLICIT };
  const meta = encode([[0x00020010, 'UI', syntax]], {});
  const sorted = [...elements].sort(([a], [b]) => a - b);
  return concatBytes([
    new Uint8Array(128),
    ascii('DICM'),
    encode([[0x00020000, 'UL', [meta.length]]], {}),
    meta,
    encode(sorted, writing),
    tail,
  ]);
}

export function encode(elements: Item, writing: Writing): Bytes {
  return concatBytes(
    elements.map(([tag, vr, value]) => {
      if (vr !== 'SQ') {
        const bytes = valueBytes(value as string | readonly number[] | Bytes, vr);
        return concatBytes([head(tag, vr, bytes.length, writing), bytes]);
      }
      const items = concatBytes((value as readonly Item[]).map((item) => itemBytes(item, writing)));
      if (writing.defined) return concatBytes([head(tag, vr, items.length, writing), items]);
      const end = delimiter(0xfffee0dd, 0);
      return concatBytes([head(tag, vr, UNDEFINED, writing), items, end]);
    }),
  );
}

function itemBytes(item: Item, writing: Writing): Bytes {
  const bytes = encode(item, writing);
  if (writing.defined) return concatBytes([delimiter(0xfffee000, bytes.length), bytes]);
  return concatBytes([delimiter(0xfffee000, UNDEFINED), bytes, delimiter(0xfffee00d, 0)]);
}

export function head(tag: number, vr: string, length: number, { implicit }: Writing): Bytes {
  const long = LONG_FORM.has(vr);
  const bytes = new Uint8Array(!implicit && long ? 12 : 8);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, tag >>> 16, true);
  view.setUint16(2, tag & 0xffff, true);
  if (!implicit) bytes.set(ascii(vr), 4);
  if (implicit) view.setUint32(4, length, true);
  else if (long) view.setUint32(8, length, true);
  else view.setUint16(6, length, true);
  return bytes;
}

function delimiter(tag: number, length: number): Bytes {
  return head(tag, '', length, { implicit: true });
}

function valueBytes(value: string | readonly number[] | Bytes, vr: string): Bytes {
  if (typeof value === 'string') return ascii(value.length % 2 ? `${value} ` : value);
  if (value instanceof Uint8Array) return value;
  const size = SIZES[vr];
  const bytes = new Uint8Array(value.length * size);
  const view = new DataView(bytes.buffer);
  value.forEach((number, i) => {
    if (vr === 'US') view.setUint16(i * 2, number, true);
    else if (vr === 'FL') view.setFloat32(i * 4, number, true);
    else if (vr === 'FD') view.setFloat64(i * 8, number, true);
    else view.setInt32(i * 4, number, true);
  });
  return bytes;
}

export type Table = 'none' | 'basic' | 'extended';

/** Pixel data in items: each frame as its fragments. The extended table goes among the elements. */
export function encapsulate(
  frames: readonly (readonly Bytes[])[],
  table: Table,
): { elements: Item; tail: Bytes } {
  const body: Bytes[] = [];
  const starts: number[] = [];
  let at = 0;
  for (const fragments of frames) {
    starts.push(at);
    for (const fragment of fragments) {
      const even = fragment.length % 2 ? concatBytes([fragment, new Uint8Array(1)]) : fragment;
      body.push(delimiter(0xfffee000, even.length), even);
      at += 8 + even.length;
    }
  }
  const basic = new Uint8Array(table === 'basic' ? starts.length * 4 : 0);
  const extended = new DataView(new ArrayBuffer(starts.length * 8));
  starts.forEach((start, i) => {
    if (table === 'basic') new DataView(basic.buffer).setUint32(i * 4, start, true);
    extended.setBigUint64(i * 8, BigInt(start), true);
  });
  const tail = concatBytes([
    head(0x7fe00010, 'OB', UNDEFINED, {}),
    delimiter(0xfffee000, basic.length),
    basic,
    ...body,
    delimiter(0xfffee0dd, 0),
  ]);
  const offsets: Element = [0x7fe00001, 'OV', new Uint8Array(extended.buffer)];
  return { elements: table === 'extended' ? [offsets] : [], tail };
}

export interface Wsi {
  width: number;
  height: number;
  /** Side of a frame, px. */
  tile: number;
  /** How many frames, when other than fill the picture. */
  frames?: number;
  /** 1-based corners of the frames of a TILED_SPARSE image, px. */
  corners?: readonly (readonly [column: number, row: number])[];
  flavor?: string;
  series?: string;
  sop?: string;
  /** mm down and across. */
  spacing?: string;
  /** Elements that are added, or stand in place of those with the same tag. */
  more?: Item;
}

/** The attributes of an instance, RGB, without pixels. */
export function wsi(wanted: Wsi): Item {
  const { width, height, tile, corners, spacing = '0.00025\\0.00025' } = wanted;
  const full = Math.ceil(width / tile) * Math.ceil(height / tile);
  const base: Item = [
    [0x00080008, 'CS', `ORIGINAL\\PRIMARY\\${wanted.flavor ?? 'VOLUME'}\\NONE`],
    [0x00080016, 'UI', WHOLE_SLIDE],
    [0x00080018, 'UI', wanted.sop ?? '1.2.3.4'],
    [0x00080060, 'CS', 'SM'],
    [0x00100010, 'PN', 'Doe^Jane'],
    [0x0020000d, 'UI', '1.2.3'],
    [0x0020000e, 'UI', wanted.series ?? '1.2.3.1'],
    [0x00209311, 'CS', corners ? 'TILED_SPARSE' : 'TILED_FULL'],
    [0x00280002, 'US', [3]],
    [0x00280004, 'CS', 'RGB'],
    [0x00280006, 'US', [0]],
    [0x00280008, 'IS', String(wanted.frames ?? corners?.length ?? full)],
    [0x00280010, 'US', [tile]],
    [0x00280011, 'US', [tile]],
    [0x00280100, 'US', [8]],
    [0x00480006, 'UL', [width]],
    [0x00480007, 'UL', [height]],
    [0x00480105, 'SQ', [[[0x00480112, 'DS', '40']]]],
    [0x52009229, 'SQ', [[[0x00289110, 'SQ', [[[0x00280030, 'DS', spacing]]]]]]],
  ];
  const places: Item = [[0x52009230, 'SQ', (corners ?? []).map(placeOf)]];
  const more = [...(wanted.more ?? []), ...(corners ? places : [])];
  return [...base.filter(([tag]) => !more.some(([other]) => other === tag)), ...more];
}

function placeOf([column, row]: readonly [number, number]): Item {
  const place: Item = [
    [0x0048021e, 'SL', [column]],
    [0x0048021f, 'SL', [row]],
  ];
  return [[0x0048021a, 'SQ', [place]]];
}

/** An uncompressed frame whose samples are all `value`. */
export function flat(tile: number, value: number): Bytes {
  return new Uint8Array(tile * tile * 3).fill(value);
}

/** A plain file: `values[i]` is the sample value of frame i; frames are numbered where left out. */
export function plainFile(wanted: Wsi, values?: readonly number[], syntax = EXPLICIT): Bytes {
  const elements = wsi(wanted);
  const said = elements.find(([tag]) => tag === 0x00280008)?.[2];
  const frames = values ?? Array.from({ length: Number(said) }, (_, i) => i);
  const pixels = concatBytes(frames.map((value) => flat(wanted.tile, value)));
  return part10(syntax, [...elements, [0x7fe00010, 'OB', pixels]]);
}

function ascii(text: string): Bytes {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}
