/** Cells into Cytolens: the format is told by the file's first bytes, not by its name alone. */
import { CytolensError } from '../../core/errors.ts';
import type { ImportedCells, SlideFrame } from './builder.ts';
import type { LengthUnit } from './columns.ts';
import { readCsv } from './csv.ts';
import { readGeoJson } from './geojson.ts';

export interface ReadOptions {
  /** What the user says of a table whose header does not tell; null: not asked yet. */
  unit?: LengthUnit | null;
  /** Bytes of the file read, and cells taken so far. */
  onProgress?: (bytes: number, cells: number) => void;
  signal?: AbortSignal;
}

/** Names of files that hold cells: what a dropped file is told from a slide by. */
export const CELL_FILES = /\.(geojson|json|csv|tsv|txt|parquet)$/i;

/**
 * Read cells from a file and lay them on a slide. Throws `format`, `truncated`, `too-large`,
 * `unsupported` and `cancelled`, each with a sentence; `no-scale` when the unit has to be asked for.
 */
export async function readCells(
  file: Blob,
  frame: SlideFrame,
  { unit = null, onProgress = () => undefined, signal }: ReadOptions = {},
): Promise<ImportedCells> {
  const head = new Uint8Array(await file.slice(0, 256).arrayBuffer());
  if (head.length === 0) throw new CytolensError('format', 'The file is empty.');
  const text = new TextDecoder().decode(head).trimStart();
  if (text.startsWith('PAR1')) {
    const { readParquet } = await import('./parquet.ts');
    return readParquet(file, frame, unit, onProgress, signal);
  }
  if (text.startsWith('PK') || (head[0] === 0x1f && head[1] === 0x8b)) {
    throw new CytolensError(
      'unsupported',
      'The file is packed (ZIP or gzip). Unpack it, then open the file inside.',
    );
  }
  if (text.startsWith('{') || text.startsWith('[')) {
    return readGeoJson(file, frame, onProgress, signal);
  }
  return readCsv(file, frame, unit, onProgress, signal);
}
