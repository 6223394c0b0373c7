/** Embeddings or labels from a table of text: CSV, TSV, semicolons. */
import { concat } from '../../core/arrays.ts';
import { delimiterOf, fieldsOf } from '../../core/delimited.ts';
import { CytolensError } from '../../core/errors.ts';
import { linesOf } from '../../molecular/spatial/lines.ts';
import { LABELS, type Plan, planColumns } from './columns.ts';
import { type Contents, checkSize, isEncoderName } from './contents.ts';

/**
 * A header, then a line a sample. Lines before the header that begin with '#' are comments, of
 * which `# encoder: NAME` is understood. A table called "...labels..." is never an embedding.
 * Throws `format` with the row at fault, `too-large`, `cancelled`.
 */
export async function readText(
  file: string,
  bytes: Uint8Array<ArrayBuffer>,
  signal?: AbortSignal,
): Promise<Contents> {
  let table: TextTable | null = null;
  let comments = 0;
  let encoder: string | null = null;
  for await (const lines of linesOf(new File([bytes], file), { signal })) {
    for (const line of lines) {
      if (table) table.add(line);
      else if (line.startsWith('#')) {
        comments++;
        const [, key, value] = /^#\s*([\w ]+?)\s*[:=]\s*(.+?)\s*$/.exec(line) ?? [];
        if (key && isEncoderName(key)) encoder = value;
      } else table = new TextTable(file, line.replace(/^\uFEFF/, ''), comments + 2);
    }
  }
  if (!table) throw new CytolensError('format', `${file} is empty.`);
  return { ...table.finish(), encoder };
}

class TextTable {
  private readonly delimiter: string;
  private readonly names: string[];
  private readonly plan: Plan;
  private readonly rows: Float32Array[] = [];
  private readonly labels: Contents['labels'] = {};

  constructor(
    private readonly file: string,
    header: string,
    private readonly firstRow: number,
  ) {
    if (header.includes('\0')) {
      throw new CytolensError(
        'format',
        `${file} is not a kind of file that is read here. Embeddings may come as CSV, TSV, Parquet, npy, npz or H5.`,
      );
    }
    this.delimiter = delimiterOf(header);
    this.names = fieldsOf(header, this.delimiter).map((name) => name.trim());
    const plan = planColumns(file, this.names);
    this.plan = /label/i.test(file) ? { ...plan, dimensions: [] } : plan;
    for (const label of LABELS) if (plan.labels[label] !== undefined) this.labels[label] = [];
  }

  add(line: string): void {
    const fields = fieldsOf(line, this.delimiter);
    const { labels, dimensions } = this.plan;
    if (fields.length !== this.names.length) {
      throw new CytolensError(
        'format',
        `${this.file}: row ${this.firstRow + this.rows.length} has ${fields.length} columns, the header has ${this.names.length}.`,
      );
    }
    for (const label of LABELS) {
      const at = labels[label];
      if (at !== undefined) this.labels[label]?.push(fields[at].trim());
    }
    const number = (field: string) => (field.trim() === '' ? Number.NaN : Number(field));
    this.rows.push(Float32Array.from(dimensions, (at) => number(fields[at])));
    if (this.rows.length % 1024 === 0)
      checkSize(this.file, this.rows.length, dimensions.length || 1);
  }

  finish(): Omit<Contents, 'encoder'> {
    const { file, firstRow, labels, plan, rows } = this;
    const { dimensions, leftOut } = plan;
    const dim = dimensions.length;
    if (dim === 0) return { file, matrix: null, labels, firstRow, leftOut };
    checkSize(file, rows.length, dim);
    const columns = dimensions.map((at) => this.names[at]);
    const values = concat(Float32Array, rows);
    return { file, matrix: { values, rows: rows.length, dim, columns }, labels, firstRow, leftOut };
  }
}
