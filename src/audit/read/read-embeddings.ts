/**
 * Labelled embeddings from files: CSV and TSV (also gzipped), Parquet, npy, npz, H5. The file's
 * content tells its kind, its name only where that is damaged.
 */
import { CytolensError, isCytolensError, throwIfAborted } from '../../core/errors.ts';
import { gunzipped } from '../../core/gzip.ts';
import type { AuditSet } from '../audit-set.ts';
import { type SampleLabels, sampleSet } from '../samples.ts';
import { LABELS } from './columns.ts';
import { type Contents, type EmbeddingFile, type Matrix, MOST_BYTES } from './contents.ts';
import { readNpy } from './npy.ts';
import { readNpz } from './npz.ts';
import { readParquet } from './parquet.ts';
import { readText } from './text.ts';

export type { EmbeddingFile } from './contents.ts';

/** What tables hold where a label is missing. */
const NOTHING = new Set(['', 'nan', 'null', '<na>']);

/** The embeddings of one encoder. Throws `format` for two, and what `readEncoders` throws. */
export async function readEmbeddings(
  files: readonly EmbeddingFile[],
  signal?: AbortSignal,
): Promise<AuditSet> {
  const sets = await readEncoders(files, signal);
  if (sets.length > 1) {
    throw malformed(
      `${sets.length} of the files hold embeddings: ${sets.map(({ file }) => file).join(', ')}. Open those of one encoder at a time.`,
    );
  }
  return sets[0];
}

/**
 * A set for every file that holds embeddings, in the order of the files. Labels are in the same
 * file or in a table of the same rows in the same order: the one whose name begins with the
 * embeddings' (A.npy, A-labels.csv), else the only one. Throws `format` with a sentence that names
 * file, row and column, `unsupported`, `truncated`, `too-large`, `cancelled`.
 */
export async function readEncoders(
  files: readonly EmbeddingFile[],
  signal?: AbortSignal,
): Promise<AuditSet[]> {
  const contents: Contents[] = [];
  for (const file of files) contents.push(await readFile(file, signal));
  const tables = contents.filter(({ matrix }) => matrix === null);
  const sets = contents.flatMap((own) => (own.matrix ? [setOf(own, own.matrix, tables)] : []));
  if (sets.length === 0) {
    throw malformed(
      `${files.map(({ name }) => name).join(', ') || 'Nothing'}: no embeddings in it. They are numbered columns of a table (e0, e1, ...), or an array of n rows in npy, npz or H5.`,
    );
  }
  return sets;
}

/**
 * A sentence when sets are not of the same samples in the same order, so that their figures do not
 * compare encoder with encoder; else null.
 */
export function samplesDiffer([first, ...others]: readonly AuditSet[]): string | null {
  for (const set of others) {
    if (set.n !== first.n) {
      return `${first.file} has ${first.n} samples, ${set.file} ${set.n}: the columns are of different samples.`;
    }
    for (const label of LABELS) {
      const [own, other] = [first, set].map((of) => namesOf(of, label));
      const at = own.findIndex((name, i) => name !== other[i]);
      if (at < 0) continue;
      return `Sample ${at + 1} has ${label} "${own[at]}" in ${first.file} and "${other[at]}" in ${set.file}: the columns are of different samples.`;
    }
  }
  return null;
}

function namesOf(set: AuditSet, label: keyof SampleLabels): string[] {
  const names = set[`${label}Names`];
  return Array.from(set[label], (number) => names[number]);
}

async function readFile(file: EmbeddingFile, signal?: AbortSignal): Promise<Contents> {
  throwIfAborted(signal);
  const given = await file.bytes();
  throwIfAborted(signal);
  // Node gives a Buffer, whose slices are no copies.
  const packed = new Uint8Array(given.buffer, given.byteOffset, given.byteLength);
  const { name } = file;
  const bytes = await gunzipped(name, packed, MOST_BYTES, signal);
  const begins = (...magic: number[]) => magic.every((byte, i) => bytes[i] === byte);
  const named = (pattern: RegExp) => pattern.test(name.replace(/\.gz$/i, ''));
  if (begins(0x89, 0x48, 0x44, 0x46) || named(/\.(h5|hdf5|hdf)$/i)) {
    const { readH5 } = await import('./h5.ts');
    return readH5(name, bytes);
  }
  if (begins(0x93, 0x4e, 0x55, 0x4d) || named(/\.npy$/i)) return readNpy(name, bytes);
  if (begins(0x50, 0x4b, 0x03, 0x04) || named(/\.npz$/i)) return readNpz(name, bytes);
  if (begins(0x50, 0x41, 0x52, 0x31) || named(/\.(parquet|pq)$/i)) {
    return readParquet(name, bytes, signal);
  }
  return readText(name, bytes, signal);
}

function setOf(own: Contents, matrix: Matrix, tables: readonly Contents[]): AuditSet {
  const { file, encoder, leftOut } = own;
  const beside = labelsBeside(file, tables);
  const sources = LABELS.map((label) => ({
    label,
    from: own.labels[label] ? own : beside?.labels[label] ? beside : null,
  }));
  const missing = sources.filter(({ from }) => !from).map(({ label }) => label);
  if (missing.length > 0) {
    const where = beside ? `${file} and ${beside.file} have` : `${file} has`;
    throw malformed(
      `${where} no column or array "${missing.join('", "')}". Biology (class), centre (site, scanner) and group (patient, slide) are needed: in the file, or in a table ${stemOf(file)}-labels.csv with a row for each sample in the same order.`,
    );
  }
  checkFinite(own, matrix);
  const columns = {} as Record<keyof SampleLabels, string[]>;
  for (const { label, from } of sources)
    if (from) columns[label] = labelColumn(from, label, own, matrix);
  const labels = Array.from({ length: matrix.rows }, (_, i) => ({
    biology: columns.biology[i],
    centre: columns.centre[i],
    group: columns.group[i],
  }));
  try {
    return { ...sampleSet(matrix.values, matrix.dim, labels), file, encoder, leftOut };
  } catch (error) {
    if (!isCytolensError(error)) throw error;
    throw new CytolensError(error.tag, `${file}: ${error.message}`, error.detail);
  }
}

function labelsBeside(file: string, tables: readonly Contents[]): Contents | null {
  const own = tables.filter((table) => table.file.startsWith(stemOf(file)));
  const nearest = own.sort((a, b) => a.file.length - b.file.length)[0];
  return nearest ?? (tables.length === 1 ? tables[0] : null);
}

/** One label of every sample. Throws `format` for another number of rows, and where it is empty. */
function labelColumn(
  from: Contents,
  label: keyof SampleLabels,
  own: Contents,
  { rows }: Matrix,
): string[] {
  const column = from.labels[label] ?? [];
  if (column.length !== rows) {
    throw malformed(
      from === own
        ? `${own.file} has ${rows} rows of embeddings, but ${column.length} values of ${label}.`
        : `${own.file} has ${rows} rows, ${from.file} ${column.length}: these files do not belong together.`,
    );
  }
  const empty = column.findIndex((name) => NOTHING.has(name.trim().toLowerCase()));
  if (empty >= 0) {
    throw malformed(
      `${from.file}: row ${from.firstRow + empty} has no ${label}. Every sample needs one.`,
    );
  }
  return column;
}

function checkFinite({ file, firstRow }: Contents, { values, dim, columns }: Matrix): void {
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return;
  const column = columns ? `column "${columns[at % dim]}"` : `column ${(at % dim) + 1}`;
  const hint = columns?.some((name) => /\d$/.test(name))
    ? ''
    : ' If that is no dimension of the embedding, number the columns that are: e0, e1, ...';
  throw malformed(
    `${file}: row ${firstRow + Math.floor(at / dim)}, ${column} holds no finite number.${columns ? hint : ''}`,
  );
}

/** The name without its endings: A.csv.gz gives A. */
function stemOf(file: string): string {
  return file.replace(/(\.(csv|tsv|txt|npy|npz|h5|hdf5|parquet|pq))?(\.gz)?$/i, '');
}

function malformed(sentence: string): CytolensError {
  return new CytolensError('format', sentence);
}
