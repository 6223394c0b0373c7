/** Small files of labelled embeddings in every kind that is read, written for tests. */
import { strToU8, zipSync } from 'fflate';
import h5wasm, { ready } from 'h5wasm';
import type { SchemaElement } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { encodeFloat16 } from '../../core/float16.ts';
import type { EmbeddingFile } from '../read/read-embeddings.ts';
import type { SampleLabels } from '../samples.ts';

/** Rows of equal length, and a label each. */
export interface Samples {
  rows: number[][];
  labels: SampleLabels[];
}

export const LABEL_NAMES = ['biology', 'centre', 'group'] as const;

export const fileOf = (name: string, content: Uint8Array | string): EmbeddingFile => ({
  name,
  bytes: async () => (typeof content === 'string' ? strToU8(content) : content),
});

/** Labels, and the embedding as e0, e1, ... unless only labels are asked for. */
export function textOf({ rows, labels }: Samples, delimiter = ',', onlyLabels = false): string {
  const quoted = (field: string) =>
    /[",;\t]/.test(field) ? `"${field.replace(/"/g, '""')}"` : field;
  const dims = onlyLabels ? [] : rows[0].map((_, d) => `e${d}`);
  const lines = labels.map((label, i) => [
    ...LABEL_NAMES.map((name) => quoted(label[name])),
    ...(onlyLabels ? [] : rows[i].map(String)),
  ]);
  return [[...LABEL_NAMES, ...dims], ...lines].map((line) => line.join(delimiter)).join('\n');
}

export interface NpyOptions {
  type?: 'f2' | 'f4' | 'f8';
  bigEndian?: boolean;
  fortran?: boolean;
}

export function npyOf(rows: number[][], options: NpyOptions = {}): Uint8Array {
  const { type = 'f4', bigEndian = false, fortran = false } = options;
  const [n, dim] = [rows.length, rows[0].length];
  const flat = fortran ? rows[0].flatMap((_, d) => rows.map((row) => row[d])) : rows.flat();
  const values = {
    f2: () => encodeFloat16(Float32Array.from(flat)),
    f4: () => Float32Array.from(flat),
    f8: () => Float64Array.from(flat),
  }[type]();
  const body = new Uint8Array(values.buffer);
  const size = values.BYTES_PER_ELEMENT;
  if (bigEndian)
    for (let at = 0; at < body.length; at += size) body.subarray(at, at + size).reverse();
  const order = bigEndian ? '>' : '<';
  const python = fortran ? 'True' : 'False';
  return npyFile(
    `{'descr': '${order}${type}', 'fortran_order': ${python}, 'shape': (${n}, ${dim}), }`,
    body,
  );
}

/** Unicode strings of a fixed width, as numpy keeps them. */
export function npyTexts(texts: string[]): Uint8Array {
  const points = texts.map((text) => Array.from(text, (c) => c.codePointAt(0) ?? 0));
  const width = Math.max(1, ...points.map(({ length }) => length));
  const body = new Uint32Array(texts.length * width);
  points.forEach((own, i) => {
    body.set(own, i * width);
  });
  const header = `{'descr': '<U${width}', 'fortran_order': False, 'shape': (${texts.length},), }`;
  return npyFile(header, new Uint8Array(body.buffer));
}

export function npyFile(header: string, body: Uint8Array): Uint8Array {
  // The beginning takes a multiple of 64 bytes.
  const text = strToU8(`${header.padEnd(Math.ceil((header.length + 11) / 64) * 64 - 11)}\n`);
  const start = Uint8Array.of(0x93, ...strToU8('NUMPY'), 1, 0, text.length & 255, text.length >> 8);
  return Uint8Array.from([...start, ...text, ...body]);
}

export function npzOf({ rows, labels }: Samples, level: 0 | 6 = 6): Uint8Array {
  const columns = LABEL_NAMES.map((name) => [
    `${name}.npy`,
    npyTexts(labels.map((label) => label[name])),
  ]);
  return zipSync({ 'features.npy': npyOf(rows), ...Object.fromEntries(columns) }, { level });
}

/** Dimensions as columns "0", "1", ... or as one column of lists. */
export function parquetOf({ rows, labels }: Samples, list: boolean): Uint8Array {
  const texts = LABEL_NAMES.map((name) => ({ name, data: labels.map((label) => label[name]) }));
  const numbers = rows[0].map((_, d) => ({ name: `${d}`, data: rows.map((row) => row[d]) }));
  const schema: SchemaElement[] = [
    { name: 'root', num_children: 3 + (list ? 1 : numbers.length) },
    ...LABEL_NAMES.map(
      (name): SchemaElement => ({ name, type: 'BYTE_ARRAY', ...REQUIRED, ...UTF8 }),
    ),
    ...(list
      ? LIST
      : numbers.map(({ name }): SchemaElement => ({ name, type: 'DOUBLE', ...REQUIRED }))),
  ];
  const columnData = [...texts, ...(list ? [{ name: 'embedding', data: rows }] : numbers)];
  return new Uint8Array(parquetWriteBuffer({ columnData, schema }));
}

const REQUIRED = { repetition_type: 'REQUIRED' } as const;
const UTF8 = { converted_type: 'UTF8' } as const;
/** As Arrow writes a list of numbers. */
const LIST: SchemaElement[] = [
  { name: 'embedding', num_children: 1, repetition_type: 'OPTIONAL', converted_type: 'LIST' },
  { name: 'list', num_children: 1, repetition_type: 'REPEATED' },
  { name: 'element', type: 'DOUBLE', repetition_type: 'OPTIONAL' },
];

/** Features, labels as strings of any length unless they are left out, and an encoder's name. */
export async function h5Of({ rows, labels }: Samples, withLabels = true): Promise<Uint8Array> {
  const { FS } = await ready;
  const file = new h5wasm.File('written.h5', 'w');
  const data = Float32Array.from(rows.flat());
  const shape = [rows.length, rows[0].length];
  file.create_dataset({
    name: 'features',
    data,
    shape,
    chunks: [2, shape[1]],
    compression: 'gzip',
  });
  for (const name of withLabels ? LABEL_NAMES : []) {
    file.create_dataset({ name, data: labels.map((label) => label[name]) });
  }
  file.create_attribute('encoder', 'toy-1');
  file.close();
  const bytes = FS.readFile('written.h5').slice();
  FS.unlink('written.h5');
  return bytes;
}
