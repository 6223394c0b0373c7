/**
 * The tables of an AnnData object (Virshup et al. 2021): `obs` (cells), `var` (what was measured)
 * and `X` as Parquet in a ZIP, with the lines of Python that put them together.
 */
import { Zip, ZipPassThrough } from 'fflate';
import { ByteWriter, parquetWrite } from 'hyparquet-writer';
import { MEASUREMENTS } from '../measurements.ts';
import {
  measurementColumn,
  required,
  schemaOf,
  type TableColumn,
  tableParts,
  typeColumn,
} from './parquet.ts';
import type { ExportInput, Parts } from './source.ts';
import { utf8 } from './text.ts';

/** Rows a group of `obs` and `X`. */
const GROUP = 65_536;
const MEASURED = MEASUREMENTS.filter(({ column }) => column !== 'field');

const README = `Cells of a slide as tables for AnnData (scanpy, squidpy).

obs.parquet      a row a cell: predicted type, field, centre in um (x_um, y_um) from the slide's corner
X.parquet        a row a cell: the measured columns, in the order of var.parquet
var.parquet      a row a measured column: name, unit, what it says
provenance.json  slide, models and their hashes; research use only

import anndata, pandas as pd
obs = pd.read_parquet("obs.parquet").set_index("cell")
var = pd.read_parquet("var.parquet").set_index("name")
X = pd.read_parquet("X.parquet").to_numpy("float32")
cells = anndata.AnnData(X, obs=obs, var=var, uns={"cytolens": open("provenance.json").read()})
cells.obsm["spatial"] = obs[["x_um", "y_um"]].to_numpy()
`;

/** A ZIP of stored entries. Throws `cancelled`. */
export async function* anndataParts(input: ExportInput, signal?: AbortSignal): Parts {
  const { cells, provenance } = input;
  let ready: Uint8Array<ArrayBuffer>[] = [];
  const zip = new Zip((error, bytes) => {
    if (error) throw error;
    ready.push(bytes as Uint8Array<ArrayBuffer>);
  });
  const take = (done: number) => {
    const taken = ready.map((bytes) => ({ bytes, done }));
    ready = [];
    return taken;
  };
  const whole = (name: string, bytes: Uint8Array) => {
    const entry = new ZipPassThrough(name);
    zip.add(entry);
    entry.push(bytes, true);
  };

  whole('README.txt', utf8(README));
  whole('provenance.json', utf8(JSON.stringify(provenance, null, 2)));
  whole('var.parquet', variables());
  const tables: [name: string, columns: TableColumn[]][] = [
    ['obs.parquet', observationColumns(input)],
    ['X.parquet', MEASURED.map(measurementColumn)],
  ];
  for (const [at, [name, columns]] of tables.entries()) {
    const entry = new ZipPassThrough(name);
    zip.add(entry);
    for await (const { bytes, done } of tableParts(input, columns, GROUP, signal)) {
      entry.push(bytes);
      yield* take(Math.floor((at * cells.count + done) / tables.length));
    }
    entry.push(new Uint8Array(0), true);
  }
  zip.end();
  yield* take(cells.count);
}

function observationColumns({ types, provenance }: ExportInput): TableColumn[] {
  const { mpp } = provenance.slide;
  return [
    {
      schema: required({ name: 'cell', type: 'BYTE_ARRAY', converted_type: 'UTF8' }),
      values: (_, from, to) => Array.from({ length: to - from }, (_, row) => `${from + row}`),
    },
    typeColumn(types),
    {
      schema: required({ name: 'field', type: 'INT32' }),
      values: (cells, from, to) => Int32Array.from(cells.field.subarray(from, to)),
    },
    {
      schema: required({ name: 'x_um', type: 'DOUBLE' }),
      values: (cells, from, to) => Float64Array.from(cells.x.subarray(from, to), (x) => x * mpp),
    },
    {
      schema: required({ name: 'y_um', type: 'DOUBLE' }),
      values: (cells, from, to) => Float64Array.from(cells.y.subarray(from, to), (y) => y * mpp),
    },
  ];
}

function variables(): Uint8Array {
  const text = (name: string, data: string[]) => ({
    schema: required({ name, type: 'BYTE_ARRAY', converted_type: 'UTF8' }),
    data,
  });
  const columns = [
    text(
      'name',
      MEASURED.map(({ column }) => column),
    ),
    text(
      'unit',
      MEASURED.map(({ unit }) => unit),
    ),
    text(
      'about',
      MEASURED.map(({ about }) => about),
    ),
  ];
  const writer = new ByteWriter();
  parquetWrite({
    writer,
    schema: schemaOf(columns),
    columnData: columns.map(({ schema, data }) => ({ name: schema.name, data })),
  });
  return writer.getBytes();
}
