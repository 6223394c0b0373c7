/**
 * A labelled set of embeddings: what an audit of an encoder reads. `biology` is what the encoder
 * should see, `centre` what it should not (centre, scanner, stain batch), `group` what is not
 * independent of each other (slide or patient).
 */
import { CytolensError } from '../core/errors.ts';
import { unitRows } from './rows.ts';

export interface SampleSet {
  n: number;
  dim: number;
  /** n x dim; every row has length 1. */
  rows: Float32Array;
  /** Numbers into the lists of names below, one a sample. */
  biology: Int32Array;
  centre: Int32Array;
  group: Int32Array;
  biologyNames: string[];
  centreNames: string[];
  groupNames: string[];
}

export interface SampleLabels {
  biology: string;
  centre: string;
  group: string;
}

/**
 * Embeddings (n x `dim`, row by row) with their labels. Throws `format`, in a sentence: another
 * number of labels than rows, a label left out, a value that is no number, an empty row, fewer
 * than two classes or centres.
 */
export function sampleSet(
  embeddings: Float32Array,
  dim: number,
  labels: readonly SampleLabels[],
): SampleSet {
  const n = labels.length;
  if (n === 0) throw malformed('The set is empty: no sample has an embedding.');
  if (!Number.isInteger(dim) || dim < 1 || embeddings.length !== n * dim) {
    throw malformed(
      `The embeddings do not fit the labels: ${n} labels ask for ${n} rows of ${dim} numbers, and there are ${embeddings.length} numbers.`,
    );
  }
  const [biology, biologyNames] = numbered(labels, 'biology');
  const [centre, centreNames] = numbered(labels, 'centre');
  const [group, groupNames] = numbered(labels, 'group');
  if (biologyNames.length < 2) {
    throw malformed(
      `All samples are of one biological class ("${biologyNames[0]}"). At least two are needed to tell whether neighbours share it.`,
    );
  }
  if (centreNames.length < 2) {
    throw malformed(
      `All samples come from one centre ("${centreNames[0]}"). Robustness between centres cannot be told from one.`,
    );
  }
  checkRows(embeddings, dim);
  const { rows } = unitRows(embeddings, dim);
  return { n, dim, rows, biology, centre, group, biologyNames, centreNames, groupNames };
}

function checkRows(rows: Float32Array, dim: number): void {
  for (let from = 0; from < rows.length; from += dim) {
    const row = rows.subarray(from, from + dim);
    const whole = row.every(Number.isFinite);
    if (whole && row.some((value) => value !== 0)) continue;
    const what = whole ? 'holds only zeros' : 'holds a value that is not a number';
    throw malformed(
      `The embedding of sample ${from / dim + 1} ${what}. Compute the embeddings again.`,
    );
  }
}

function numbered(
  labels: readonly SampleLabels[],
  column: keyof SampleLabels,
): [numbers: Int32Array, names: string[]] {
  const known = new Map<string, number>();
  const numbers = Int32Array.from(labels, (label, i) => {
    const name = label[column].trim();
    if (!name) throw malformed(`Sample ${i + 1} has no ${column}. Every sample needs one.`);
    const number = known.get(name) ?? known.size;
    known.set(name, number);
    return number;
  });
  return [numbers, [...known.keys()]];
}

function malformed(sentence: string): CytolensError {
  return new CytolensError('format', sentence);
}
