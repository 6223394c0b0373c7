/**
 * Apache Parquet, a row group at a time. The outline of a cell is 32 bytes; times the file's
 * metadata `radius_unit_px` they are radii in level-0 px (core/cells.ts says at which angles).
 */
import type { SchemaElement } from 'hyparquet';
import { ByteWriter, type ColumnSource, ParquetWriter } from 'hyparquet-writer';
import { type CellTable, RAYS } from '../../core/cells.ts';
import { MEASUREMENTS } from '../measurements.ts';
import type { Provenance } from '../provenance.ts';
import { type ExportInput, type Parts, rowRanges } from './source.ts';

/** Rows a group: some 6 MB, and what a reader has to take in at once. */
const GROUP = 65_536;

/** A column: its name, its Parquet type, and its values of rows [from, to). */
export interface TableColumn {
  schema: SchemaElement;
  values(cells: CellTable, from: number, to: number): ColumnSource['data'];
}

/** All columns of the cell table, outlines included. Throws `cancelled`. */
export async function* parquetParts(input: ExportInput, signal?: AbortSignal): Parts {
  const columns = [
    ...placeColumns(input.types),
    ...MEASUREMENTS.map(measurementColumn),
    RADII_COLUMN,
  ];
  yield* tableParts(input, columns, GROUP, signal);
}

/** Any columns of the cell table as one Parquet file. Throws `cancelled`. */
export async function* tableParts(
  { cells, provenance }: Pick<ExportInput, 'cells' | 'provenance'>,
  columns: readonly TableColumn[],
  group = GROUP,
  signal?: AbortSignal,
): Parts {
  const writer = new ByteWriter();
  const parquet = new ParquetWriter({
    writer,
    schema: schemaOf(columns),
    kvMetadata: metadataOf(provenance, cells.radiusUnit),
    createdBy: `cytolens version ${provenance.cytolens}`,
  });
  for await (const { from, to } of rowRanges(cells.count, signal, group)) {
    const columnData = columns.map(({ schema, values }) => ({
      name: schema.name,
      data: values(cells, from, to),
    }));
    await parquet.write({ columnData, rowGroupSize: group });
    yield { bytes: drain(writer), done: to };
  }
  await parquet.finish();
  yield { bytes: drain(writer), done: cells.count };
}

/** Centre (level-0 px) and type. */
export function placeColumns(types: readonly string[]): TableColumn[] {
  return [
    {
      schema: required({ name: 'x_px', type: 'FLOAT' }),
      values: (cells, from, to) => cells.x.subarray(from, to),
    },
    {
      schema: required({ name: 'y_px', type: 'FLOAT' }),
      values: (cells, from, to) => cells.y.subarray(from, to),
    },
    typeColumn(types),
  ];
}

/** The name of the predicted type. */
export function typeColumn(types: readonly string[]): TableColumn {
  return {
    schema: required({ name: 'type', type: 'BYTE_ARRAY', converted_type: 'UTF8' }),
    values: (cells, from, to) => Array.from(cells.type.subarray(from, to), (type) => types[type]),
  };
}

/** A measurement in single precision, which holds every one of them exactly. */
export function measurementColumn({ column, read }: (typeof MEASUREMENTS)[number]): TableColumn {
  return {
    schema: required({ name: column, type: 'FLOAT' }),
    values: (cells, from, to) =>
      Float32Array.from({ length: to - from }, (_, row) => read(cells, from + row)),
  };
}

const RADII_COLUMN: TableColumn = {
  schema: required({ name: 'radii', type: 'FIXED_LEN_BYTE_ARRAY', type_length: RAYS }),
  values: (cells, from, to) =>
    Array.from({ length: to - from }, (_, row) =>
      cells.radii.subarray((from + row) * RAYS, (from + row + 1) * RAYS),
    ),
};

export function required(element: SchemaElement): SchemaElement {
  return { ...element, repetition_type: 'REQUIRED' };
}

export function schemaOf(columns: readonly { schema: SchemaElement }[]): SchemaElement[] {
  return [{ name: 'root', num_children: columns.length }, ...columns.map(({ schema }) => schema)];
}

/** What stands in the footer: where the rows come from, and the scale of the outlines. */
function metadataOf(provenance: Provenance, radiusUnit: number) {
  return [
    { key: 'cytolens', value: JSON.stringify(provenance) },
    { key: 'radius_unit_px', value: String(radiusUnit) },
  ];
}

/** Take what the writer holds; its count of bytes goes on. */
function drain(writer: ByteWriter): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(writer.getBuffer());
  writer.index = 0;
  return bytes;
}
