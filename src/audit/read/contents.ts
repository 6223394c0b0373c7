/** What one file holds, before embeddings and labels are put together. */
import { CytolensError } from '../../core/errors.ts';
import type { SampleLabels } from '../samples.ts';

/** Bytes a file may unpack to: a table of 87,000 samples of 1,536 as text is larger, and not read. */
export const MOST_BYTES = 1 << 30;

/** A file from a picker or from disk. */
export interface EmbeddingFile {
  name: string;
  bytes(): Promise<Uint8Array>;
}

export interface Matrix {
  /** rows x dim, row by row. */
  values: Float32Array;
  rows: number;
  dim: number;
  /** Names of the dimensions, where the file has any. */
  columns: readonly string[] | null;
}

export interface Contents {
  file: string;
  /** Null for a table of labels alone. */
  matrix: Matrix | null;
  /** Each as long as the file has rows. */
  labels: Partial<Record<keyof SampleLabels, string[]>>;
  /** Number of the file's row that holds the first sample, as the user counts: a header is row 1. */
  firstRow: number;
  /** Name of the encoder, where the file tells it. */
  encoder: string | null;
  /** Names of columns or arrays that were not read. */
  leftOut: string[];
}

/** Numbers in one file, 512 MB in memory: 87,000 samples of 1,536. */
const MOST_VALUES = 1 << 27;
/** Names that a single array, column or group of the embedding goes by. */
const FEATURES = ['features', 'feature', 'feats', 'embeddings', 'embedding', 'embs', 'emb', 'x'];
/** Where a file says which encoder it is from. */
const ENCODER = ['encoder', 'model', 'modelname', 'encodername', 'patchencoder'];

/** Throws `format` for an empty table, `too-large` for one that does not fit into memory. */
export function checkSize(file: string, rows: number, dim: number): void {
  if (!(rows > 0 && dim > 0)) {
    throw new CytolensError('format', `${file} is empty: ${rows} rows of ${dim} numbers.`);
  }
  if (rows * dim > MOST_VALUES) {
    throw new CytolensError(
      'too-large',
      `${file} holds ${rows.toLocaleString('en')} rows of ${dim.toLocaleString('en')} numbers; at most ${MOST_VALUES.toLocaleString('en')} numbers are read. Take fewer rows.`,
    );
  }
}

/** Small letters and digits of a name: `Patient ID` and `patient_id` read the same. */
export function plainName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/** The name that most likely holds the embedding, or null when none does. */
export function featureName(names: readonly string[]): string | null {
  const found = FEATURES.map((own) => names.find((name) => plainName(name) === own));
  return found.find((name) => name !== undefined) ?? null;
}

export function isEncoderName(name: string): boolean {
  return ENCODER.includes(plainName(name));
}

/** The readers' own errors as a sentence; ours pass. */
export async function readable<T>(file: string, kind: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof CytolensError) throw error;
    throw new CytolensError(
      'format',
      `${file} cannot be read as ${kind}: it is damaged, ends early, or is packed in a way that is not known here.`,
      String(error),
    );
  }
}
