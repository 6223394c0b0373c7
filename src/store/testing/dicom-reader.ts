/** A small reader of Explicit VR Little Endian, by which tests check what the writer wrote. */

const LONG_FORM = new Set(['OB', 'OF', 'OL', 'SQ', 'UT']);
const UNDEFINED = 0xffffffff;
const ITEM = 0xfffee000;
const ITEM_END = 0xfffee00d;
const SEQUENCE_END = 0xfffee0dd;

export class ReadDataset {
  readonly values = new Map<number, DataView>();
  readonly sequences = new Map<number, ReadDataset[]>();

  /** Text without its padding. */
  text(tag: number): string {
    const view = this.value(tag);
    const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    return new TextDecoder().decode(bytes).replace(/[\0 ]$/, '');
  }

  u16(tag: number): number[] {
    return this.list(tag, 2, (view, at) => view.getUint16(at, true));
  }

  u32(tag: number): number[] {
    return this.list(tag, 4, (view, at) => view.getUint32(at, true));
  }

  f32(tag: number): number[] {
    return this.list(tag, 4, (view, at) => view.getFloat32(at, true));
  }

  items(tag: number): ReadDataset[] {
    const found = this.sequences.get(tag);
    if (!found) throw new Error(`no sequence ${tag.toString(16)}`);
    return found;
  }

  private value(tag: number): DataView {
    const found = this.values.get(tag);
    if (!found) throw new Error(`no element ${tag.toString(16)}`);
    return found;
  }

  private list(tag: number, size: number, read: (view: DataView, at: number) => number): number[] {
    const view = this.value(tag);
    return Array.from({ length: view.byteLength / size }, (_, i) => read(view, i * size));
  }
}

/** Read a whole file. Throws where tags do not ascend, a length is odd, or the end is missed. */
export function readDicom(bytes: Uint8Array<ArrayBuffer>): ReadDataset {
  if (new TextDecoder().decode(bytes.subarray(128, 132)) !== 'DICM') throw new Error('no DICM');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const dataset = new ReadDataset();
  const end = readInto(dataset, view, 132, view.byteLength);
  if (end !== view.byteLength) throw new Error('bytes left over');
  return dataset;
}

function readInto(dataset: ReadDataset, view: DataView, at: number, end: number): number {
  let last = -1;
  while (at < end) {
    const tag = view.getUint16(at, true) * 0x10000 + view.getUint16(at + 2, true);
    if (tag === ITEM_END) return at + 8;
    if (tag <= last) throw new Error(`tag ${tag.toString(16)} after ${last.toString(16)}`);
    last = tag;
    const vr = String.fromCharCode(view.getUint8(at + 4), view.getUint8(at + 5));
    const long = LONG_FORM.has(vr);
    const length = long ? view.getUint32(at + 8, true) : view.getUint16(at + 6, true);
    at += long ? 12 : 8;
    if (vr === 'SQ') {
      const items: ReadDataset[] = [];
      dataset.sequences.set(tag, items);
      at = readItems(items, view, at, end);
    } else {
      if (length === UNDEFINED || length % 2 === 1)
        throw new Error(`length of ${tag.toString(16)}`);
      dataset.values.set(tag, new DataView(view.buffer, view.byteOffset + at, length));
      at += length;
    }
  }
  return at;
}

function readItems(items: ReadDataset[], view: DataView, at: number, end: number): number {
  while (at < end) {
    const tag = view.getUint16(at, true) * 0x10000 + view.getUint16(at + 2, true);
    at += 8;
    if (tag === SEQUENCE_END) return at;
    if (tag !== ITEM) throw new Error('no item where one is due');
    const item = new ReadDataset();
    items.push(item);
    at = readInto(item, view, at, end);
  }
  throw new Error('sequence without end');
}
