/** Tables of counts among chosen files, one after the other. */
import { CytolensError } from '../../core/errors.ts';
import type { LocalFile } from '../../slide/slide.ts';
import type { RawCounts } from '../spatial/counts.ts';
import { sectionOf } from '../spatial/her2st.ts';
import { matrixFiles, readMatrixMarket } from '../spatial/matrix-market.ts';
import { readParquetTable } from '../spatial/parquet-table.ts';
import { readTable } from '../spatial/text-table.ts';

const PART_OF_MATRIX = /(matrix\.mtx|(features|genes|barcodes)\.tsv)(\.gz)?$/i;
const TEXT = /\.(tsv|csv|txt|tab|gct)(\.gz)?$/i;
/** Tables beside counts that are none: places of spots, labels, rows of AnnData. */
const ASIDE = /(^|\/)(obs\.parquet|tissue_positions[^/]*|[^/]*_labeled_coordinates\.tsv)$/i;
const CLOSED = /\.(h5|h5ad|h5mu|rds|rdata|xlsx?|loom|zip)$/i;

/** A table that can be read when its turn comes. */
export interface TableSource {
  name: string;
  read(options: {
    signal?: AbortSignal;
    onProgress?: (share: number) => void;
    notes: string[];
  }): Promise<RawCounts>;
}

/** Throws `format`, `unsupported`, when there is none. */
export function tablesAmong(files: readonly LocalFile[]): TableSource[] {
  const found: TableSource[] = [];
  const folders = new Map<string, LocalFile[]>();
  for (const file of files) {
    const { path } = file;
    if (PART_OF_MATRIX.test(path)) {
      const folder = path.replace(/[^/]*$/, '');
      folders.set(folder, [...(folders.get(folder) ?? []), file]);
    } else if (ASIDE.test(path)) continue;
    else if (/\.parquet$/i.test(path)) {
      found.push({
        name: nameOf(path),
        read: (options) => readParquetTable(file.file, options),
      });
    } else if (TEXT.test(path)) {
      found.push({ name: sectionOf(path), read: (options) => readTable(file.file, options) });
    }
  }
  for (const [folder, own] of folders) {
    const matrix = matrixFiles(own);
    if (!matrix) throw incomplete(folder);
    const name = folder.split('/').filter(Boolean).at(-1) ?? 'matrix';
    found.push({ name, read: async (options) => (await readMatrixMarket(matrix, options)).raw });
  }
  if (found.length > 0) return found;
  const closed = files.find(({ path }) => CLOSED.test(path));
  if (closed) {
    throw new CytolensError(
      'unsupported',
      `${closed.file.name} is of a kind that is not read here. Write the counts as CSV, TSV, Parquet, or as MatrixMarket (matrix.mtx, features.tsv, barcodes.tsv).`,
    );
  }
  throw new CytolensError(
    'format',
    'No table of counts is among these files. Choose CSV or TSV (gzipped or not), Parquet, or matrix.mtx with features.tsv and barcodes.tsv.',
    `${files.length} files`,
  );
}

function incomplete(folder: string): CytolensError {
  return new CytolensError(
    'format',
    `The matrix in ${folder || 'these files'} is not whole: matrix.mtx, features.tsv and barcodes.tsv belong together. Choose all three, or their folder.`,
  );
}

/** "data/X.parquet" is X. */
function nameOf(path: string): string {
  return (path.split('/').pop() ?? path).replace(/\.[^.]*$/, '');
}
