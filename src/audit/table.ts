/** Labelled embeddings as a table: one row a sample, named columns for the labels, numbers for the rest. */
import { CytolensError } from '../core/errors.ts';
import { type SampleLabels, type SampleSet, sampleSet } from './samples.ts';

const LABELS = ['biology', 'centre', 'group'] as const;

/**
 * A CSV with a header. `biology`, `centre` and `group` name the labels; every other column is a
 * dimension of the embedding. Throws `format` for what is missing, and what `sampleSet` throws.
 */
export function samplesFromCsv(text: string): SampleSet {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const header = (lines[0] ?? '').split(',').map((name) => name.trim());
  const at = LABELS.map((label) => header.indexOf(label));
  const missing = LABELS.filter((_, i) => at[i] < 0);
  if (missing.length > 0) {
    throw new CytolensError(
      'format',
      `The table has no column "${missing.join('", "')}". It needs biology, centre and group (slide or patient); all other columns are the embedding.`,
    );
  }
  const columns = [...header.keys()].filter((i) => !at.includes(i));
  const labels: SampleLabels[] = [];
  const embeddings = new Float32Array((lines.length - 1) * columns.length);
  lines.slice(1).forEach((line, row) => {
    const fields = line.split(',');
    if (fields.length !== header.length) {
      throw new CytolensError(
        'format',
        `Row ${row + 2} of the table has ${fields.length} columns, the header has ${header.length}.`,
      );
    }
    const [biology, centre, group] = at.map((i) => fields[i].trim());
    labels.push({ biology, centre, group });
    columns.forEach((column, d) => {
      const field = fields[column].trim();
      embeddings[row * columns.length + d] = field === '' ? Number.NaN : Number(field);
    });
  });
  return sampleSet(embeddings, columns.length, labels);
}
