/** Cells from Parquet: our own files with their outlines, or any table with x and y. */
import {
  type AsyncBuffer,
  type ColumnData,
  type DecodedArray,
  type FileMetaData,
  parquetMetadataAsync,
  parquetRead,
} from 'hyparquet';
import { RAYS } from '../../core/cells.ts';
import { CytolensError, throwIfAborted } from '../../core/errors.ts';
import { nextTask } from '../../core/tasks.ts';
import { ImportBuilder, type ImportedCells, type SlideFrame } from './builder.ts';
import { columnsOf, type LengthUnit, needUnit, type TableColumns } from './columns.ts';
import { takeRow } from './points.ts';
import { predictionOf } from './prediction.ts';

/** Rows read at a time. */
const ROWS = 65_536;
const RADII = 'radii';

/**
 * Read cells some rows at a time; outlines come from a column `radii` of 32 bytes and the file's
 * metadata `radius_unit_px`. Throws `format`, `no-scale` (ask for the unit), `too-large`,
 * `cancelled`.
 */
export async function readParquet(
  file: Blob,
  frame: SlideFrame,
  unit: LengthUnit | null,
  onProgress: (bytes: number, cells: number) => void,
  signal?: AbortSignal,
): Promise<ImportedCells> {
  const buffer: AsyncBuffer = {
    byteLength: file.size,
    slice: (from, to) => file.slice(from, to).arrayBuffer(),
  };
  const metadata = await readable(() => parquetMetadataAsync(buffer));
  const names = topColumns(metadata);
  const columns = columnsOf(names);
  const lengths = needUnit(columns, unit);
  const value = (key: string) =>
    metadata.key_value_metadata?.find((entry) => entry.key === key)?.value ?? '';
  const radiusUnit = Number(value('radius_unit_px'));
  const outlines = names.includes(RADII) && radiusUnit > 0;

  const builder = new ImportBuilder(frame, 'Parquet');
  const { report } = builder;
  report.points = !outlines;
  report.value = columns.value?.name ?? null;
  report.prediction = predictionOf(value('cytolens'));
  const wanted = wantedColumns(columns, outlines).map((at) => names[at] ?? RADII);
  const total = Number(metadata.num_rows);
  for (let from = 0; from < total; from += ROWS) {
    await nextTask();
    throwIfAborted(signal);
    const to = Math.min(total, from + ROWS);
    const data = await readable(() => readRows(buffer, metadata, wanted, from, to));
    const column = (at: number) => data.get(names[at]) ?? [];
    for (let row = 0; row < to - from; row++) {
      const number = (at: number) => Number(column(at)[row] ?? Number.NaN);
      const text = (at: number) => String(column(at)[row] ?? '');
      const bytes = outlines ? data.get(RADII)?.[row] : null;
      const own = bytes instanceof Uint8Array && bytes.length === RAYS;
      const outline = own ? Float64Array.from(bytes, (steps) => steps * radiusUnit) : null;
      takeRow(builder, columns, lengths, { number, text }, outline);
    }
    onProgress(Math.round((to / total) * file.size), report.cells);
  }
  return builder.finish();
}

async function readRows(
  file: AsyncBuffer,
  metadata: FileMetaData,
  columns: string[],
  from: number,
  to: number,
): Promise<Map<string, unknown[]>> {
  const data = new Map(columns.map((name) => [name, new Array<unknown>(to - from)]));
  const onChunk = ({ columnName, columnData, rowStart }: ColumnData) => {
    // A chunk may begin before and end after the rows asked for.
    const target = data.get(columnName);
    if (target) copyRows(columnData, rowStart, target, from);
  };
  await parquetRead({ file, metadata, columns, rowStart: from, rowEnd: to, onChunk, utf8: false });
  return data;
}

function copyRows(source: DecodedArray, start: number, target: unknown[], from: number): void {
  const first = Math.max(start, from);
  const last = Math.min(start + source.length, from + target.length);
  for (let row = first; row < last; row++) target[row - from] = source[row - start];
}

/** Names of the plain columns at the top of the schema, in order. */
function topColumns({ schema }: FileMetaData): string[] {
  return schema
    .slice(1)
    .filter(({ num_children }) => !num_children)
    .map(({ name }) => name);
}

/** Positions of the columns to read; -1 stands for the outlines. */
function wantedColumns(columns: TableColumns, outlines: boolean): number[] {
  const { x, y, type, value, measured } = columns;
  const positions = [x, y, ...(type === null ? [] : [type]), ...(value ? [value.at] : [])];
  for (const { at } of measured) positions.push(at);
  return outlines ? [...new Set(positions), -1] : [...new Set(positions)];
}

/** The reader's own errors as a sentence. */
async function readable<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw new CytolensError(
      'format',
      'This Parquet file cannot be read: it is damaged, or packed in a way that is not known here.',
      String(error),
    );
  }
}
