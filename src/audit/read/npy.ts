/** Arrays that numpy saved: numpy/lib/format.py tells the layout (versions 1 to 3). */
import { CytolensError } from '../../core/errors.ts';
import { decodeFloat16 } from '../../core/float16.ts';
import { contentsOfArrays, type NamedArray, sizeOf } from './arrays.ts';
import { type Contents, checkSize } from './contents.ts';

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** One table of n x d numbers, without labels. Throws `format`, `truncated`, `unsupported`. */
export function readNpy(file: string, bytes: Uint8Array): Contents {
  const array = npyArray(file, 'array', bytes);
  if (array.kind !== 'number' || array.shape.length !== 2) {
    throw new CytolensError(
      'format',
      `${file} holds an array of ${array.shape.join(' x ') || 'one value'}${array.kind === 'number' ? '' : ' that are no numbers'}; embeddings are n rows of d numbers.`,
    );
  }
  return contentsOfArrays(file, [array]);
}

/**
 * The array `name` of `file`; its values are decoded when they are asked for. Throws `format`,
 * `truncated`, and `unsupported` for Python objects (pickled, which could run programs) and
 * structured types.
 */
export function npyArray(file: string, name: string, bytes: Uint8Array): NamedArray {
  const { text, start } = headerOf(file, bytes);
  const descr = /'descr':\s*'([<>|=]?)([a-zA-Z])(\d*)'/.exec(text);
  const shape = /'shape':\s*\(([\d,\sL]*)\)/.exec(text)?.[1].match(/\d+/g)?.map(Number) ?? [];
  const fortran = /'fortran_order':\s*True/.test(text);
  if (/'descr':\s*'\|?O/.test(text)) {
    throw new CytolensError(
      'unsupported',
      `${file} holds Python objects (pickled), which are not read. Save plain numbers: numpy.save(name, array.astype("float32")).`,
    );
  }
  const [, order = '', code = '', width = ''] = descr ?? [];
  // Unicode takes 4 bytes a character.
  const size = Number(width || 1) * (code === 'U' ? 4 : 1);
  const decode = DECODERS[code + width] ?? DECODERS[code];
  if (!decode || !/'shape'/.test(text) || size < 1) {
    throw new CytolensError(
      'unsupported',
      `${file} is of a type that is not read. Save it as float32: numpy.save(name, array.astype("float32")).`,
      text.slice(0, 200),
    );
  }
  const count = sizeOf(shape);
  checkSize(file, count, 1);
  if (start + count * size > bytes.length) {
    throw new CytolensError(
      'truncated',
      `${file} ends early: an array of ${shape.join(' x ')} takes ${(start + count * size).toLocaleString('en')} bytes, the file has ${bytes.length.toLocaleString('en')}.`,
    );
  }
  return {
    name,
    shape,
    kind: code === 'U' || code === 'S' ? 'text' : 'number',
    read() {
      // A copy lies on an even address; every machine that runs a browser is little-endian.
      const own = bytes.slice(start, start + count * size);
      if (order === '>') swapBytes(own, code === 'U' ? 4 : size);
      const values = decode(own.buffer, size);
      return fortran && shape.length === 2 ? byRows(values, shape[0], shape[1]) : values;
    },
  };
}

type Values = ReturnType<NamedArray['read']>;

/** By kind and bytes a value. */
const DECODERS: Record<string, ((own: ArrayBuffer, size: number) => Values) | undefined> = {
  f2: (own) => decodeFloat16(new Uint16Array(own)),
  f4: (own) => new Float32Array(own),
  f8: (own) => new Float64Array(own),
  i1: (own) => new Int8Array(own),
  i2: (own) => new Int16Array(own),
  i4: (own) => new Int32Array(own),
  i8: (own) => new BigInt64Array(own),
  u1: (own) => new Uint8Array(own),
  u2: (own) => new Uint16Array(own),
  u4: (own) => new Uint32Array(own),
  u8: (own) => new BigUint64Array(own),
  S: (own, size) => texts(own, size, (bytes) => new TextDecoder().decode(bytes)),
  U: (own, size) =>
    texts(own, size, (bytes) =>
      Array.from(new Uint32Array(bytes.slice().buffer), (point) =>
        point <= 0x10ffff ? String.fromCodePoint(point) : '\uFFFD',
      ).join(''),
    ),
};

/** Strings of a fixed width, filled up with zeros. */
function texts(own: ArrayBuffer, size: number, decode: (bytes: Uint8Array) => string): string[] {
  const all = new Uint8Array(own);
  return Array.from({ length: all.length / size }, (_, i) =>
    decode(all.subarray(i * size, (i + 1) * size)).replace(/\0+$/, ''),
  );
}

function headerOf(file: string, bytes: Uint8Array): { text: string; start: number } {
  const damaged = (detail: string) =>
    new CytolensError(
      bytes.length < 12 ? 'truncated' : 'format',
      `${file} is not an npy file, or its beginning is damaged.`,
      detail,
    );
  if (bytes.length < 12 || MAGIC.some((byte, i) => bytes[i] !== byte)) throw damaged('no magic');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wide = bytes[6] >= 2;
  const start = (wide ? 12 : 10) + (wide ? view.getUint32(8, true) : view.getUint16(8, true));
  if (start > bytes.length) throw damaged(`a header of ${start} bytes`);
  return { text: new TextDecoder().decode(bytes.subarray(wide ? 12 : 10, start)), start };
}

function swapBytes(bytes: Uint8Array, size: number): void {
  for (let at = 0; at < bytes.length; at += size) bytes.subarray(at, at + size).reverse();
}

/** Values stored column by column, row by row. */
function byRows(values: Values, rows: number, columns: number): Values {
  const at = (i: number) => values[(i % columns) * rows + Math.floor(i / columns)];
  return Array.from({ length: values.length }, (_, i) => at(i)) as ArrayLike<number>;
}
