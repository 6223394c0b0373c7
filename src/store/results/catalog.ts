/** What is kept in the browser's storage: listed, measured, removed. */
import { toCytolensError } from '../../core/errors.ts';
import { DATA_FILES, INDEX_FILE } from './files.ts';
import type { ResultIndex } from './index-file.ts';
import { type RunIdentity, runKey, slideKey } from './keys.ts';
import { opfsSource, storageError } from './opfs.ts';
import { readIndex } from './reader.ts';

const ROOT = 'results';

export interface CatalogEntry {
  /** Folder: slide key, slash, run key. */
  path: string;
  /** Null when it cannot be read; `problem` then says why. */
  index: ResultIndex | null;
  problem: string | null;
  /** Finished fields, of `index.plan.total`. */
  fields: number;
  bytes: number;
}

/** The parts of `navigator.storage` that are used. */
export type BrowserStorage = Pick<StorageManager, 'estimate' | 'persist' | 'persisted'>;

/** A directory's children, which TypeScript's list of DOM types leaves out. */
type Listed = FileSystemDirectoryHandle & { values(): AsyncIterable<FileSystemHandle> };

export class ResultCatalog {
  constructor(
    /** Root of the browser's storage. */
    private readonly root: FileSystemDirectoryHandle,
    private readonly storage: BrowserStorage,
  ) {}

  /** That of this browser: pass `navigator.storage`. Throws `unsupported` where there is none. */
  static async ofBrowser(storage: StorageManager): Promise<ResultCatalog> {
    try {
      return new ResultCatalog(await storage.getDirectory(), storage);
    } catch (error) {
      throw storageError(error);
    }
  }

  /** The folder of a run, made when it is not there. */
  async folder(slideId: string, run: RunIdentity): Promise<FileSystemDirectoryHandle> {
    return this.at(`${slideKey(slideId)}/${runKey(run)}`, true);
  }

  /** A listed folder. Throws `not-found` when it is gone. */
  async open(path: string): Promise<FileSystemDirectoryHandle> {
    return this.at(path, false);
  }

  /** Every kept result, the newest first; those that cannot be read last. */
  async list(): Promise<CatalogEntry[]> {
    const entries: CatalogEntry[] = [];
    const results = await this.root.getDirectoryHandle(ROOT, { create: true });
    for (const slide of await foldersOf(results)) {
      for (const run of await foldersOf(slide)) {
        entries.push(await entryOf(`${slide.name}/${run.name}`, run));
      }
    }
    const created = ({ index }: CatalogEntry) => index?.created ?? '';
    return entries.sort((a, b) => (created(a) < created(b) ? 1 : -1));
  }

  /** Remove one result. Throws `busy` while it is written. */
  async remove(path: string): Promise<void> {
    const [slide, run] = path.split('/');
    try {
      const results = await this.root.getDirectoryHandle(ROOT, { create: true });
      const folder = await results.getDirectoryHandle(slide);
      await folder.removeEntry(run, { recursive: true });
      if ((await foldersOf(folder)).length === 0) await results.removeEntry(slide);
    } catch (error) {
      throw storageError(error);
    }
  }

  /** Remove every result. Throws `busy` when one is written; the others are gone then. */
  async removeAll(): Promise<void> {
    const failed: unknown[] = [];
    for (const { path } of await this.list()) {
      await this.remove(path).catch((error: unknown) => failed.push(error));
    }
    if (failed.length > 0) throw toCytolensError(failed[0]);
  }

  /** Bytes this site uses and may use, the browser's estimate. */
  async usage(): Promise<{ used: number; quota: number }> {
    const { usage = 0, quota = 0 } = await this.storage.estimate();
    return { used: usage, quota };
  }

  /** Ask that the browser never clears results on its own; whether it agreed. */
  async persist(): Promise<boolean> {
    return (await this.storage.persisted()) || (await this.storage.persist());
  }

  private async at(path: string, create: boolean): Promise<FileSystemDirectoryHandle> {
    try {
      let folder = this.root;
      for (const name of [ROOT, ...path.split('/')]) {
        folder = await folder.getDirectoryHandle(name, { create });
      }
      return folder;
    } catch (error) {
      throw storageError(error);
    }
  }
}

async function foldersOf(folder: FileSystemDirectoryHandle): Promise<FileSystemDirectoryHandle[]> {
  const found: FileSystemDirectoryHandle[] = [];
  for await (const handle of (folder as Listed).values()) {
    if (handle.kind === 'directory') found.push(handle as FileSystemDirectoryHandle);
  }
  return found;
}

async function entryOf(path: string, folder: FileSystemDirectoryHandle): Promise<CatalogEntry> {
  const source = opfsSource(folder);
  let bytes = 0;
  for (const name of [INDEX_FILE, ...DATA_FILES] as const) bytes += await source.size(name);
  try {
    const index = await readIndex(source);
    const lines = new TextDecoder().decode(await source.read('fields.jsonl'));
    // Lines with cells are fields, others are further answers; not checked here, only counted.
    const fields = lines.match(/"cells":.*\n/g)?.length ?? 0;
    return { path, index, problem: null, fields, bytes };
  } catch (error) {
    return { path, index: null, problem: toCytolensError(error).message, fields: 0, bytes };
  }
}
