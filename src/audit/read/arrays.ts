/** Files of named arrays (npz, H5): which of them is the embedding, which are labels. */
import { CytolensError } from '../../core/errors.ts';
import { labelPlaces } from './columns.ts';
import { type Contents, checkSize, featureName, isEncoderName } from './contents.ts';

export interface NamedArray {
  name: string;
  shape: readonly number[];
  kind: 'number' | 'text' | 'other';
  /** The values, row by row. */
  read(): ArrayLike<number> | ArrayLike<bigint> | ArrayLike<string>;
}

/**
 * The embedding is the array called features or embeddings, else the only one of n x d numbers that
 * is no list of places; labels are arrays of n values. Throws `format`, `too-large`.
 */
export function contentsOfArrays(file: string, arrays: readonly NamedArray[]): Contents {
  const tables = arrays.filter(({ kind, shape }) => kind === 'number' && tableShape(shape));
  const features = chosen(file, tables, arrays);
  const [rows, dim] = tableShape(features.shape) as [number, number];
  checkSize(file, rows, dim);
  const columns = arrays.filter(({ kind, shape }) => kind !== 'other' && isColumn(shape));
  const labels: Contents['labels'] = {};
  for (const [label, at] of Object.entries(labelPlaces(columns.map(baseName)))) {
    labels[label as keyof typeof labels] = Array.from(
      columns[at].read() as ArrayLike<string>,
      String,
    );
  }
  const told = arrays.find((array) => array.kind === 'text' && isEncoderName(baseName(array)));
  return {
    file,
    matrix: {
      values: Float32Array.from(features.read() as ArrayLike<number>, Number),
      rows,
      dim,
      columns: null,
    },
    labels,
    firstRow: 1,
    encoder: told && sizeOf(told.shape) === 1 ? String(told.read()[0]) : null,
    leftOut: tables.filter((table) => table !== features).map(({ name }) => name),
  };
}

/** Throws `format` when it cannot be told. */
function chosen(
  file: string,
  tables: readonly NamedArray[],
  arrays: readonly NamedArray[],
): NamedArray {
  const own = featureName(tables.map(baseName));
  const named = tables.find((table) => baseName(table) === own);
  const others = tables.filter((table) => !/^coord/i.test(baseName(table)));
  if (named ?? others.length === 1) return named ?? others[0];
  const list = (all: readonly NamedArray[]) =>
    all
      .slice(0, 8)
      .map(({ name, shape }) => `${name} (${shape.join(' x ') || 'one value'})`)
      .join(', ');
  throw new CytolensError(
    'format',
    others.length > 1
      ? `${file} has several tables of numbers: ${list(others)}. Call the embedding "features".`
      : `${file} has no table of n rows and d columns of numbers. It holds ${list(arrays) || 'nothing'}.`,
  );
}

/** [n, d]; a leading axis of 1, which some programs write, is passed over. Null for no table. */
function tableShape(shape: readonly number[]): readonly [number, number] | null {
  const [rows, dim, ...rest] = shape.length === 3 && shape[0] === 1 ? shape.slice(1) : shape;
  return dim !== undefined && rest.length === 0 ? [rows, dim] : null;
}

function isColumn(shape: readonly number[]): boolean {
  return shape.length === 1 || (shape.length === 2 && shape[1] === 1);
}

function baseName({ name }: NamedArray): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}
