/**
 * Counts as 10x Genomics writes them: `matrix.mtx` (MatrixMarket), `features.tsv` and
 * `barcodes.tsv`, gzipped or not. Source: Space Ranger outputs, "Feature-barcode matrices".
 */
import { CytolensError } from '../../core/errors.ts';
import type { LocalFile } from '../../slide/slide.ts';
import { countOf, Entries, type RawCounts } from './counts.ts';
import { linesOf, textOf } from './lines.ts';

export interface MatrixFiles {
  matrix: LocalFile;
  features: LocalFile;
  barcodes: LocalFile;
}

/** The three files of one matrix among files of one folder; null when one of them is missing. */
export function matrixFiles(files: readonly LocalFile[]): MatrixFiles | null {
  const find = (name: RegExp) => files.find(({ path }) => name.test(path));
  const matrix = find(/matrix\.mtx(\.gz)?$/i);
  const features = find(/(features|genes)\.tsv(\.gz)?$/i);
  const barcodes = find(/barcodes\.tsv(\.gz)?$/i);
  return matrix && features && barcodes ? { matrix, features, barcodes } : null;
}

interface Options {
  signal?: AbortSignal;
  /** Told the share of the matrix that is read, 0 to 1. */
  onProgress?: (share: number) => void;
  /** Gets a sentence for what was put right. */
  notes: string[];
}

/** Counts, and the Ensembl ids that stand beside symbols. Throws `format`, `truncated`,
 * `cancelled`. */
export async function readMatrixMarket(
  files: MatrixFiles,
  options: Options,
): Promise<{ raw: RawCounts; ids: [id: string, symbol: string][] }> {
  const { signal } = options;
  const barcodes = (await textOf(files.barcodes.file, { signal })).map((line) => line.trim());
  const { symbols, ids } = await readFeatures(files.features.file, signal);
  return { raw: await readMatrix(files.matrix.file, symbols, barcodes, options), ids };
}

/** Ensembl id, symbol, kind; antibodies and the like are kept under their names. */
async function readFeatures(file: File, signal?: AbortSignal) {
  const symbols: string[] = [];
  const ids: [string, string][] = [];
  for (const line of await textOf(file, { signal })) {
    const [id, symbol = id] = line.split('\t');
    symbols.push(symbol);
    if (id !== symbol) ids.push([id, symbol]);
  }
  return { symbols, ids };
}

/** A MatrixMarket file of features by barcodes, as coordinates that begin at 1. */
async function readMatrix(
  file: File,
  features: string[],
  barcodes: string[],
  { signal, onProgress, notes }: Options,
): Promise<RawCounts> {
  const entries = new Entries();
  let size: number[] | null = null;
  let seen = 0;
  let turned = false;
  const onRead = (bytes: number) => onProgress?.(bytes / file.size);
  for await (const lines of linesOf(file, { signal, onRead })) {
    for (const line of lines) {
      if (line.startsWith('%')) continue;
      const fields = line.split(' ');
      if (!size) {
        size = fields.map(Number);
        turned = orientationOf(size, features, barcodes, file.name);
        continue;
      }
      seen++;
      const [row, column] = [Number(fields[0]) - 1, Number(fields[1]) - 1];
      const value = countOf(fields[2] ?? '', () => `entry ${seen} of ${file.name}`);
      if (!(row >= 0 && row < size[0] && column >= 0 && column < size[1])) {
        throw new CytolensError(
          'format',
          `${file.name} names a row or column that it does not have, in entry ${seen}.`,
        );
      }
      if (value > 0) entries.add(row, column, value);
    }
  }
  if (!size || seen < size[2]) {
    throw new CytolensError(
      'truncated',
      `${file.name} ends early: ${seen} of ${size?.[2] ?? 'its'} entries are there. Copy it again.`,
    );
  }
  if (turned) notes.push('The matrix had barcodes as rows and genes as columns: it was turned.');
  return {
    rows: turned ? barcodes : features,
    columns: turned ? features : barcodes,
    ...entries.taken(),
    genesOn: turned ? 'columns' : 'rows',
  };
}

/** Whether the matrix is barcodes by features. */
function orientationOf(
  [rows, columns, count]: number[],
  features: string[],
  barcodes: string[],
  name: string,
): boolean {
  if (rows === features.length && columns === barcodes.length && count >= 0) return false;
  if (rows === barcodes.length && columns === features.length && count >= 0) return true;
  throw new CytolensError(
    'format',
    `${name} has ${rows} x ${columns} entries, but there are ${features.length} features and ${barcodes.length} barcodes: these files do not belong together.`,
  );
}
