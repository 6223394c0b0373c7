/** Results in memory, for tests: the same files, which a test can cut and change. */
import type { Bytes } from '../../../slide/bytes.ts';
import { INDEX_FILE, type ResultFile, type ResultFiles } from '../files.ts';

export interface MemoryFiles extends ResultFiles {
  readonly bytes: Map<ResultFile, Bytes>;
  /** A copy that lives on its own. */
  copy(): MemoryFiles;
}

export function memoryFiles(bytes = new Map<ResultFile, Bytes>()): MemoryFiles {
  const of = (name: ResultFile) => bytes.get(name) ?? new Uint8Array(0);
  return {
    bytes,
    copy: () => memoryFiles(new Map([...bytes].map(([name, b]) => [name, b.slice()]))),
    size: async (name) => of(name).length,
    read: async (name, from, to) => of(name).slice(from, to),
    append(name, more) {
      const joined = new Uint8Array(of(name).length + more.length);
      joined.set(of(name));
      joined.set(more, of(name).length);
      bytes.set(name, joined);
    },
    truncate(name, size) {
      const cut = new Uint8Array(size);
      cut.set(of(name).subarray(0, size));
      bytes.set(name, cut);
    },
    flush() {},
    async writeIndex(text) {
      bytes.set(INDEX_FILE, text.slice());
    },
    close() {},
  };
}
