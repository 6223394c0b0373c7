/**
 * Embeddings from HDF5, by the HDF5 library itself as WebAssembly (h5wasm). It is 4 MB: this file
 * is imported only when such a file is opened.
 */
import h5wasm, { type Dataset, type File as H5File, Module, ready } from 'h5wasm';
import { CytolensError } from '../../core/errors.ts';
import { decodeFloat16 } from '../../core/float16.ts';
import { contentsOfArrays, type NamedArray, sizeOf } from './arrays.ts';
import { type Contents, checkSize, isEncoderName, readable } from './contents.ts';
import { heapsAreSound } from './h5-heap.ts';

/** Deflate makes at most so much of a byte (zlib's technical notes); no other packing is common. */
const MOST_UNPACKED = 1032;
/** Datasets and groups of a file of embeddings are few. */
const MOST_OBJECTS = 10_000;
let opened = 0;

/** Datasets in any group, labels beside them. Throws `format`, `too-large`. */
export async function readH5(file: string, bytes: Uint8Array): Promise<Contents> {
  return readable(file, 'HDF5', async () => {
    if (!heapsAreSound(bytes)) throw new Error('a heap of strings is damaged');
    const { FS } = await ready;
    const path = `embeddings-${opened++}.h5`;
    FS.writeFile(path, bytes);
    let h5: H5File | null = null;
    try {
      h5 = new h5wasm.File(path, 'r');
      if (h5.file_id < 0n) throw new Error('the library cannot open it');
      const arrays = arraysOf(file, bytes.length, h5);
      const contents = contentsOfArrays(file, arrays);
      return { ...contents, encoder: contents.encoder ?? encoderOf(h5) };
    } finally {
      if (h5 && h5.file_id >= 0n) h5.close();
      FS.unlink(path);
    }
  });
}

function arraysOf(file: string, length: number, h5: H5File): NamedArray[] {
  const paths = h5.paths();
  if (paths.length > MOST_OBJECTS) {
    throw new CytolensError(
      'too-large',
      `${file} holds ${paths.length.toLocaleString('en')} objects; a file of embeddings holds a few.`,
    );
  }
  return paths.flatMap((path) => {
    const entity = h5.get(path);
    return entity instanceof h5wasm.Dataset ? [arrayOf(file, length, path, entity)] : [];
  });
}

function arrayOf(file: string, length: number, path: string, dataset: Dataset): NamedArray {
  const { type, shape, size, vlen, littleEndian } = dataset.metadata;
  const { H5T_INTEGER, H5T_FLOAT, H5T_STRING } = Module.H5T_class_t;
  const isNumber = type === H5T_INTEGER.value || type === H5T_FLOAT.value;
  return {
    name: path.replace(/^\//, ''),
    shape: shape ?? [],
    kind: isNumber && shape ? 'number' : type === H5T_STRING.value && shape ? 'text' : 'other',
    read() {
      const count = sizeOf(shape ?? []);
      checkSize(file, count, 1);
      // A few bytes may claim any shape: what was never written reads as zeros.
      if (count * size > MOST_UNPACKED * length) {
        throw new CytolensError(
          'too-large',
          `${file} claims ${count.toLocaleString('en')} values in ${path}, more than a file of ${length.toLocaleString('en')} bytes can hold.`,
        );
      }
      const { file_id } = dataset;
      const get = (at: bigint) => Module.get_dataset_data(file_id, path, null, null, null, at);
      if (type === H5T_FLOAT.value && size === 2) return halvesOf(count, littleEndian, get);
      if (!vlen) return dataset.value as ReturnType<NamedArray['read']>;
      const release = (at: bigint) => Module.reclaim_vlen_memory(file_id, path, '', at);
      return textsOf(count, get, release);
    },
  };
}

/** Asks the library to fill memory from an address on, or to let go of what was put there. */
type Call = (at: bigint) => unknown;

/** h5wasm reads the bytes of half precision, but has no array for them. */
function halvesOf(count: number, littleEndian: boolean, get: Call): Float32Array {
  const bytes = inMemory(2 * count, get);
  if (!littleEndian) for (let i = 0; i < bytes.length; i += 2) bytes.subarray(i, i + 2).reverse();
  return decodeFloat16(new Uint16Array(bytes.buffer));
}

/**
 * Strings of any length come as pointers. h5wasm would free them even where they could not be read
 * and point anywhere.
 */
function textsOf(count: number, get: Call, release: Call): string[] {
  const texts: string[] = [];
  inMemory(
    4 * count,
    (at) => {
      get(at);
      const pointers = Module.HEAPU8.slice(Number(at), Number(at) + 4 * count);
      for (const pointer of new Uint32Array(pointers.buffer)) {
        texts.push(pointer ? Module.UTF8ToString(pointer) : '');
      }
    },
    release,
  );
  return texts;
}

/** Bytes of the library's memory, all zero before `fill`. */
function inMemory(length: number, fill: Call, release?: Call): Uint8Array<ArrayBuffer> {
  const at = Module._malloc(length);
  if (!at) throw new Error(`no room for ${length} bytes`);
  Module.HEAPU8.fill(0, at, at + length);
  try {
    fill(BigInt(at));
    return Module.HEAPU8.slice(at, at + length) as Uint8Array<ArrayBuffer>;
  } finally {
    release?.(BigInt(at));
    Module._free(at);
  }
}

/** The attribute `encoder` or `model` of the file. */
function encoderOf({ attrs, file_id }: H5File): string | null {
  const name = Object.keys(attrs).find(isEncoderName);
  if (name === undefined) return null;
  const { vlen, shape } = attrs[name].metadata;
  if (!vlen) return typeof attrs[name].value === 'string' ? attrs[name].value : null;
  if (sizeOf(shape ?? [0]) !== 1) return null;
  const get = (at: bigint) => Module.get_attribute_data(file_id, '/', name, at);
  return textsOf(1, get, (at) => Module.reclaim_vlen_memory(file_id, '/', name, at))[0];
}
