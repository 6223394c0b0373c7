/** Tables of counts as Parquet: numbers by column. */
import {
  type AsyncBuffer,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
} from 'hyparquet';
import { CytolensError, throwIfAborted } from '../../core/errors.ts';
import { nextTask } from '../../core/tasks.ts';
import { checkedCount, Entries, type RawCounts } from './counts.ts';

/** Values read at a time. */
const BATCH_VALUES = 4_000_000;
/** What tables call the numbers of their rows. */
const INDEX = /^(__index_level_\d+__|index|Unnamed: 0)$/;

interface Opened {
  buffer: AsyncBuffer;
  metadata: FileMetaData;
}

interface Options {
  signal?: AbortSignal;
  /** Told the share of the rows that is read, 0 to 1. */
  onProgress?: (share: number) => void;
}

/** Throws `format` for what is no Parquet file. `names` are the columns. */
export async function openedParquet(file: File): Promise<Opened & { names: string[] }> {
  const buffer: AsyncBuffer = {
    byteLength: file.size,
    slice: (from, to) => file.slice(from, to).arrayBuffer(),
  };
  let metadata: FileMetaData;
  try {
    metadata = await parquetMetadataAsync(buffer);
  } catch (error) {
    throw new CytolensError(
      'format',
      `${file.name} is not a Parquet file that can be read: it is damaged, or packed in a way that is not known here.`,
      String(error),
    );
  }
  const names = metadata.schema
    .slice(1)
    .filter(({ num_children }) => !num_children)
    .map(({ name }) => name);
  return { buffer, metadata, names };
}

/** Entries of the columns `names` that are not zero; `rowName` is for errors. Throws `format`. */
export async function readColumns(
  { buffer, metadata }: Opened,
  names: readonly string[],
  rowName: (row: number) => string,
  { signal, onProgress }: Options,
): Promise<Pick<RawCounts, 'row' | 'column' | 'value'>> {
  const total = Number(metadata.num_rows);
  const entries = new Entries();
  const batch = Math.max(1, Math.floor(BATCH_VALUES / names.length));
  for (let from = 0; from < total; from += batch) {
    await nextTask();
    throwIfAborted(signal);
    const to = Math.min(total, from + batch);
    const columns = [...names];
    const rows = await parquetReadObjects({
      file: buffer,
      metadata,
      columns,
      rowStart: from,
      rowEnd: to,
    });
    rows.forEach((row, i) => {
      names.forEach((name, column) => {
        const where = () => `${rowName(from + i)}, ${name}`;
        const value = checkedCount(Number(row[name] ?? Number.NaN), where);
        if (value > 0) entries.add(from + i, column, value);
      });
    });
    onProgress?.(to / total);
  }
  return entries.taken();
}

/**
 * A table whose columns are numbers, but for those that name its rows: the first of text, or else
 * their number. Throws `format`, `cancelled`.
 */
export async function readParquetTable(file: File, options: Options): Promise<RawCounts> {
  const opened = await openedParquet(file);
  const { metadata, buffer } = opened;
  const texts = new Set(
    metadata.schema.filter(({ type }) => type === 'BYTE_ARRAY').map(({ name }) => name),
  );
  const columns = opened.names.filter((name) => !texts.has(name) && !INDEX.test(name));
  const [naming] = texts;
  const total = Number(metadata.num_rows);
  if (columns.length === 0 || total === 0) {
    throw new CytolensError('format', `${file.name} holds no counts.`);
  }
  const rows = naming
    ? (await parquetReadObjects({ file: buffer, metadata, columns: [naming] })).map((row) =>
        String(row[naming]),
      )
    : Array.from({ length: total }, (_, i) => `row ${i + 1}`);
  const entries = await readColumns(opened, columns, (row) => rows[row], options);
  return { rows, columns, ...entries, genesOn: null };
}
