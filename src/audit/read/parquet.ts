/** Embeddings or labels from Parquet: a column a dimension, or one column of lists. */
import { gunzipSync } from 'fflate';
import {
  type Compressors,
  type FileMetaData,
  parquetMetadata,
  parquetReadObjects,
  snappyUncompress,
} from 'hyparquet';
import { CytolensError, throwIfAborted } from '../../core/errors.ts';
import { nextTask } from '../../core/tasks.ts';
import { LABELS, planColumns } from './columns.ts';
import { type Contents, checkSize, featureName, isEncoderName, readable } from './contents.ts';

/** Bytes of an unpacked page; writers aim at 1 MB. */
const MOST_PAGE = 1 << 28;

/** What is read of a file: its columns by name. */
interface Layout {
  /** The one column of lists; null where dimensions are columns of their own. */
  list: string | null;
  dimensions: string[];
  labels: [label: (typeof LABELS)[number], name: string][];
  leftOut: string[];
}

/** Throws `format` with the row at fault, `too-large`, `cancelled`. */
export async function readParquet(
  file: string,
  bytes: Uint8Array<ArrayBuffer>,
  signal?: AbortSignal,
): Promise<Contents> {
  const buffer = bytes.slice().buffer;
  const metadata = await readable(file, 'Parquet', async () => parquetMetadata(buffer));
  const layout = await readable(file, 'Parquet', async () => layoutOf(file, metadata));
  const { list, dimensions, labels, leftOut } = layout;
  const total = Number(metadata.num_rows);
  checkSize(file, total, Math.max(1, dimensions.length));
  const compressors = await unpackers(file);
  const contents: Contents = {
    file,
    matrix: null,
    labels: Object.fromEntries(labels.map(([label]) => [label, []])),
    firstRow: 1,
    encoder: metadata.key_value_metadata?.find(({ key }) => isEncoderName(key))?.value ?? null,
    leftOut,
  };

  // One column of one row group at a time: where several fail at once, the library leaves all but
  // the first of their errors to nobody.
  const column = (name: string, from: number, to: number) =>
    readable(file, 'Parquet', async () => {
      const options = { file: buffer, metadata, compressors, columns: [name] };
      const rows = await parquetReadObjects({ ...options, rowStart: from, rowEnd: to });
      if (rows.length !== to - from) throw new Error(`${rows.length} rows of ${to - from}`);
      return rows.map((row) => row[name] as unknown);
    });
  let dim = dimensions.length;
  let values = new Float32Array(total * dim);
  let from = 0;
  for (const { num_rows } of metadata.row_groups) {
    const to = Math.min(total, from + Number(num_rows));
    for (const [d, name] of dimensions.entries()) {
      await nextTask();
      throwIfAborted(signal);
      const numbers = await column(name, from, to);
      // A missing number is null, which would count as 0.
      numbers.forEach((value, i) => {
        values[(from + i) * dim + d] = Number(value ?? Number.NaN);
      });
    }
    const rows = list ? await column(list, from, to) : [];
    for (const [i, row] of rows.entries()) {
      const numbers = (row ?? []) as ArrayLike<unknown>;
      if (from + i === 0) {
        dim = numbers.length;
        checkSize(file, total, dim);
        values = new Float32Array(total * dim);
      }
      if (numbers.length !== dim) throw raggedRow(file, from + i + 1, numbers.length, dim);
      for (let d = 0; d < dim; d++) values[(from + i) * dim + d] = Number(numbers[d] ?? Number.NaN);
    }
    for (const [label, name] of labels) {
      for (const value of await column(name, from, to))
        contents.labels[label]?.push(`${value ?? ''}`);
    }
    from = to;
  }
  if (from !== total)
    throw new CytolensError('truncated', `${file} has ${from} rows and claims ${total}.`);
  const columns = list ? null : dimensions;
  return dim === 0 ? contents : { ...contents, matrix: { values, rows: total, dim, columns } };
}

function layoutOf(file: string, { schema }: FileMetaData): Layout {
  const top = topElements(schema);
  const names = top.map(({ name }) => name);
  const lists = top.filter(isList).map(({ name }) => name);
  const list = featureName(lists) ?? (lists.length === 1 ? lists[0] : null);
  const numeric = top.filter(isNumber).map(({ name }) => name);
  const { labels } = planColumns(file, names);
  const wide = list === null && !/label/i.test(file);
  const dimensions = wide ? planColumns(file, numeric).dimensions.map((at) => numeric[at]) : [];
  const known = LABELS.flatMap((label): Layout['labels'] => {
    const at = labels[label];
    return at === undefined ? [] : [[label, names[at]]];
  });
  const used = new Set([list, ...dimensions, ...known.map(([, name]) => name)]);
  return { list, dimensions, labels: known, leftOut: names.filter((name) => !used.has(name)) };
}

type Schema = FileMetaData['schema'];

/** The schema is a tree written in depth-first order; these are the children of its root. */
function topElements(schema: Schema): Schema {
  const top: Schema = [];
  let at = 1;
  const skip = () => {
    const children = schema[at++]?.num_children ?? 0;
    for (let child = 0; child < children && at < schema.length; child++) skip();
  };
  while (at < schema.length) {
    top.push(schema[at]);
    skip();
  }
  return top;
}

function isList({ num_children, repetition_type, converted_type, logical_type }: Schema[number]) {
  const marked = converted_type === 'LIST' || logical_type?.type === 'LIST';
  return num_children ? marked : repetition_type === 'REPEATED';
}

function isNumber(element: Schema[number]): boolean {
  const { num_children, type, logical_type } = element;
  if (num_children || isList(element)) return false;
  return /^(FLOAT|DOUBLE|INT32|INT64)$/.test(type ?? '') || logical_type?.type === 'FLOAT16';
}

/** Packings that common writers use, each bounded by the page that it claims. */
async function unpackers(file: string): Promise<Compressors> {
  const { ZSTDDecoder } = await import('zstddec');
  const zstd = new ZSTDDecoder();
  await zstd.init();
  const bounded =
    (unpack: (packed: Uint8Array, out: Uint8Array<ArrayBuffer>) => Uint8Array) =>
    (packed: Uint8Array, length: number) => {
      if (!(length <= MOST_PAGE)) {
        throw new CytolensError(
          'too-large',
          `${file} holds a page of ${length.toLocaleString('en')} bytes, which is not read. Write it with smaller pages.`,
        );
      }
      return unpack(packed, new Uint8Array(length));
    };
  return {
    SNAPPY: bounded((packed, out) => {
      snappyUncompress(packed, out);
      return out;
    }),
    GZIP: bounded((packed, out) => gunzipSync(packed, { out })),
    ZSTD: bounded((packed, out) => zstd.decode(packed, out.length)),
  };
}

function raggedRow(file: string, row: number, length: number, dim: number): CytolensError {
  return new CytolensError(
    'format',
    `${file}: row ${row} holds ${length} numbers, row 1 holds ${dim}. Every embedding must be of the same length.`,
  );
}
