/**
 * DICOM data sets as bytes: Part 10 files in Explicit VR Little Endian (PS3.5 section 7, PS3.10
 * section 7). Sequences have undefined length, so that pixels and coordinates can be streamed.
 */
import { concatBytes } from '../../core/arrays.ts';
import { sha256 } from '../../slide/sha256.ts';
import { utf8 } from './text.ts';

/** A large value, made when its turn comes; `length` bytes in all, which must be even. */
export interface Bulk {
  length: number;
  parts(): Iterable<Uint8Array<ArrayBuffer>>;
}
export type Vr =
  | 'AT'
  | 'CS'
  | 'DA'
  | 'DS'
  | 'DT'
  | 'FD'
  | 'IS'
  | 'LO'
  | 'OB'
  | 'OF'
  | 'OL'
  | 'PN'
  | 'SH'
  | 'SQ'
  | 'TM'
  | 'UI'
  | 'UL'
  | 'US'
  | 'UT';
/** Tag (group and element as one number), value representation, value. Text may hold several values, parted by '\\'. */
export type Element =
  | readonly [tag: number, vr: 'SQ', items: Dataset[]]
  | readonly [tag: number, vr: 'FD' | 'US' | 'UL' | 'AT', values: readonly number[]]
  | readonly [tag: number, vr: 'OB' | 'OF' | 'OL', value: Bulk]
  | readonly [
      tag: number,
      vr: Exclude<Vr, 'SQ' | 'FD' | 'US' | 'UL' | 'AT' | 'OB' | 'OF' | 'OL'>,
      text: string,
    ];
export type Dataset = Element[];

const EXPLICIT_LITTLE_ENDIAN = '1.2.840.10008.1.2.1';
const ITEM = 0xfffee000;
const ITEM_END = 0xfffee00d;
const SEQUENCE_END = 0xfffee0dd;
const UNDEFINED = 0xffffffff;
const LONG_FORM: ReadonlySet<Vr> = new Set(['OB', 'OF', 'OL', 'SQ', 'UT']);
const PREAMBLE = 128;

/** A whole file: preamble, file meta information, data set. Elements may come in any order. */
export function* dicomFile(dataset: Dataset): Generator<Uint8Array<ArrayBuffer>, void, void> {
  const meta = concatBytes([
    ...encode([
      [0x00020001, 'OB', bulkOf(Uint8Array.of(0, 1))],
      [0x00020002, 'UI', textOf(dataset, 0x00080016)],
      [0x00020003, 'UI', textOf(dataset, 0x00080018)],
      [0x00020010, 'UI', EXPLICIT_LITTLE_ENDIAN],
      [0x00020012, 'UI', uidFrom('cytolens implementation')],
      [0x00020013, 'SH', 'CYTOLENS'],
    ]),
  ]);
  yield new Uint8Array(PREAMBLE);
  yield utf8('DICM');
  yield* encode([[0x00020000, 'UL', [meta.length]]]);
  yield meta;
  yield* encode(dataset);
}

/** A unique identifier of its own, and one that the same text always gives (PS3.5, B.2). */
export function newUid(): string {
  return uidOf(crypto.getRandomValues(new Uint8Array(16)));
}
export function uidFrom(text: string): string {
  const hex = sha256(utf8(text)).slice(0, 32);
  return `2.25.${BigInt(`0x${hex}`)}`;
}

/** A coded concept (PS3.3, 8.8). */
export function code(value: string, scheme: string, meaning: string): Dataset {
  return [
    [0x00080100, 'SH', value],
    [0x00080102, 'SH', scheme],
    [0x00080104, 'LO', meaning],
  ];
}

export function bulkOf(array: ArrayBufferView<ArrayBuffer>): Bulk {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  return { length: bytes.length, parts: () => [bytes] };
}

function* encode(dataset: Dataset): Generator<Uint8Array<ArrayBuffer>, void, void> {
  for (const element of [...dataset].sort(([a], [b]) => a - b)) {
    const [tag, vr, value] = element;
    if (vr === 'SQ') {
      yield header(tag, vr, UNDEFINED);
      for (const item of value) {
        yield delimiter(ITEM, UNDEFINED);
        yield* encode(item);
        yield delimiter(ITEM_END, 0);
      }
      yield delimiter(SEQUENCE_END, 0);
    } else if (typeof value !== 'string' && 'parts' in value) {
      yield header(tag, vr, value.length);
      yield* value.parts();
    } else {
      const bytes = typeof value === 'string' ? padded(value, vr) : numbers(value, vr);
      yield header(tag, vr, bytes.length);
      yield bytes;
    }
  }
}

function header(tag: number, vr: Vr, length: number): Uint8Array<ArrayBuffer> {
  const long = LONG_FORM.has(vr);
  const bytes = new Uint8Array(long ? 12 : 8);
  const view = tagged(bytes, tag);
  bytes.set(utf8(vr), 4);
  if (long) view.setUint32(8, length, true);
  else view.setUint16(6, length, true);
  return bytes;
}

function delimiter(tag: number, length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(8);
  tagged(bytes, tag).setUint32(4, length, true);
  return bytes;
}

function tagged(bytes: Uint8Array<ArrayBuffer>, tag: number): DataView {
  const view = new DataView(bytes.buffer);
  view.setUint16(0, tag >>> 16, true);
  view.setUint16(2, tag & 0xffff, true);
  return view;
}

/** Values have an even length: identifiers end in a zero byte, other text in a space. */
function padded(text: string, vr: Vr): Uint8Array<ArrayBuffer> {
  const bytes = utf8(text);
  if (bytes.length % 2 === 0) return bytes;
  return concatBytes([bytes, utf8(vr === 'UI' ? '\0' : ' ')]);
}

function numbers(values: readonly number[], vr: Vr): Uint8Array<ArrayBuffer> {
  const size = vr === 'FD' ? 8 : vr === 'US' ? 2 : 4;
  const bytes = new Uint8Array(values.length * size);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => {
    if (vr === 'FD') view.setFloat64(i * 8, value, true);
    else if (vr === 'UL') view.setUint32(i * 4, value, true);
    else if (vr === 'US') view.setUint16(i * 2, value, true);
    else {
      view.setUint16(i * 4, value >>> 16, true);
      view.setUint16(i * 4 + 2, value & 0xffff, true);
    }
  });
  return bytes;
}

function textOf(dataset: Dataset, tag: number): string {
  const value = dataset.find(([t]) => t === tag)?.[2];
  if (typeof value !== 'string') throw new TypeError(`no text at tag ${tag.toString(16)}`);
  return value;
}

function uidOf(bytes: Uint8Array): string {
  let number = 0n;
  for (const byte of bytes) number = number * 256n + BigInt(byte);
  return `2.25.${number}`;
}
