/**
 * The files of one results folder, wherever they lie: in the browser's own storage (opfs.ts), in
 * a picked folder or in an exported archive (archive.ts).
 */
import type { Bytes } from '../../slide/bytes.ts';

/** Files that grow by appending. */
export const DATA_FILES = ['cells.bin', 'evidence.bin', 'tokens.bin', 'fields.jsonl'] as const;
export type DataFile = (typeof DATA_FILES)[number];
export const INDEX_FILE = 'index.json';
export type ResultFile = DataFile | typeof INDEX_FILE;

/** Results that can be read. */
export interface ResultSource {
  /** Bytes of a file; 0 when there is none. */
  size(name: ResultFile): Promise<number>;
  /** Bytes [from, to) of a file, the whole as a rule; fewer when it ends before. */
  read(name: ResultFile, from?: number, to?: number): Promise<Bytes>;
}

/**
 * Results that can be written, by one writer at a time. Appending is synchronous, so that a worker
 * that is killed between two tasks leaves no half of a field behind. Writing throws `quota` when
 * the storage is full.
 */
export interface ResultFiles extends ResultSource {
  append(name: DataFile, bytes: Uint8Array): void;
  truncate(name: DataFile, size: number): void;
  /** Have what was appended on disk, data before the lines that speak of it. */
  flush(name: DataFile): void;
  /** Replace the index as a whole. */
  writeIndex(bytes: Bytes): Promise<void>;
  close(): void;
}
