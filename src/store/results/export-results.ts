/** A results folder as one file, to be kept elsewhere or opened by someone else. */
import type { Bytes } from '../../slide/bytes.ts';
import { DATA_FILES, INDEX_FILE } from './files.ts';
import { formatIndex } from './index-file.ts';
import type { OpenOptions, ResultReader } from './reader.ts';
import { storedZip, type ZipFile } from './zip-writer.ts';

const FOLDER = 'cytolens-results/';

/**
 * The archive (*.cytolens.zip) in pieces of at most 4 MB, to be written as they come. It holds the
 * fields that `results` knows of, whole ones only, even while a run goes on. Throws `cancelled`,
 * `truncated`, and what the source throws.
 */
export function exportResults(
  { source, index, journal }: ResultReader,
  time: Date,
  { onProgress, signal }: OpenOptions = {},
): AsyncGenerator<Bytes, void, undefined> {
  const text = new TextEncoder().encode(formatIndex(index));
  const files: ZipFile[] = [
    { name: FOLDER + INDEX_FILE, size: text.length, read: async (a, b) => text.slice(a, b) },
    ...DATA_FILES.map((name) => ({
      name: FOLDER + name,
      size: journal.ends[name],
      read: (from: number, to: number) => source.read(name, from, to),
    })),
  ];
  return storedZip(files, { time, onProgress, signal });
}
