/**
 * Results in the browser's own storage (origin private file system). Only a worker may write: the
 * synchronous handles it takes lock the files, so that a second writer is told `busy`.
 */
import { CytolensError, toCytolensError } from '../../core/errors.ts';
import type { Bytes } from '../../slide/bytes.ts';
import {
  DATA_FILES,
  type DataFile,
  INDEX_FILE,
  type ResultFiles,
  type ResultSource,
} from './files.ts';

/** Times a read is tried; with a writer that never rests about one in three fails. */
const ATTEMPTS = 20;

/**
 * Take a folder for writing. Throws `busy` while another tab writes there, `quota` when the
 * storage is full, `unsupported` where this browser lets no worker write.
 */
export async function opfsFiles(folder: FileSystemDirectoryHandle): Promise<ResultFiles> {
  const handles = new Map<DataFile, FileSystemSyncAccessHandle>();
  const close = () => {
    for (const handle of handles.values()) handle.close();
  };
  try {
    for (const name of DATA_FILES) {
      const file = await folder.getFileHandle(name, { create: true });
      if (!('createSyncAccessHandle' in file)) throw unsupported('no synchronous handles');
      handles.set(name, await file.createSyncAccessHandle());
    }
  } catch (error) {
    close();
    throw storageError(error);
  }
  const of = (name: DataFile) => handles.get(name) as FileSystemSyncAccessHandle;
  const index = opfsSource(folder);
  return {
    close,
    size: async (name) => (name === INDEX_FILE ? index.size(name) : of(name).getSize()),
    async read(name, from = 0, to = Infinity) {
      if (name === INDEX_FILE) return index.read(name, from, to);
      const handle = of(name);
      const bytes = new Uint8Array(Math.max(0, Math.min(to, handle.getSize()) - from));
      return bytes.subarray(0, handle.read(bytes, { at: from }));
    },
    append(name, bytes) {
      const handle = of(name);
      try {
        const written = handle.write(bytes, { at: handle.getSize() });
        // In a private window Chromium throws nothing: it gives 2^32 - 8 for the number of bytes.
        if (written !== bytes.length) throw full(`${written} of ${bytes.length} bytes of ${name}`);
      } catch (error) {
        throw storageError(error);
      }
    },
    truncate: (name, size) => guarded(() => of(name).truncate(size)),
    flush: (name) => guarded(() => of(name).flush()),
    async writeIndex(bytes) {
      try {
        const file = await folder.getFileHandle(INDEX_FILE, { create: true });
        await ('createWritable' in file ? swapIn(file, bytes) : overwrite(file, bytes));
      } catch (error) {
        throw storageError(error);
      }
    },
  };
}

/** The same folder for reading alone, also while another tab writes there. */
export function opfsSource(folder: FileSystemDirectoryHandle): ResultSource {
  /** Taken anew each time: a File is of one moment, and the writer goes on. */
  const file = async (name: string): Promise<File | null> => {
    try {
      return await (await folder.getFileHandle(name)).getFile();
    } catch (error) {
      if (nameOf(error) === 'NotFoundError') return null;
      throw storageError(error);
    }
  };
  return {
    size: async (name) => (await file(name))?.size ?? 0,
    async read(name, from = 0, to = Infinity) {
      for (let attempt = 1; ; attempt++) {
        const whole = await file(name);
        if (!whole) return new Uint8Array(0);
        try {
          return new Uint8Array(await whole.slice(from, Math.min(to, whole.size)).arrayBuffer());
        } catch (error) {
          // The writer appended between taking the file and reading it.
          if (nameOf(error) !== 'NotReadableError' || attempt === ATTEMPTS)
            throw storageError(error);
        }
      }
    },
  };
}

/** What the browser's storage throws, as an error that says what to do. */
export function storageError(error: unknown): CytolensError {
  switch (nameOf(error)) {
    case 'QuotaExceededError':
      return full(String(error));
    case 'NoModificationAllowedError':
      return new CytolensError(
        'busy',
        'Another tab of Cytolens is working on these results. Go on there, or close that tab first.',
        String(error),
      );
    case 'NotFoundError':
      return new CytolensError(
        'not-found',
        "These results are no longer in the browser's storage. Analyse the slide again, or open an exported copy.",
        String(error),
      );
    case 'SecurityError':
      return unsupported(String(error));
    default:
      return toCytolensError(error);
  }
}

/** Replace a file as a whole when it is closed: a crash leaves the old one or the new one. */
async function swapIn(file: FileSystemFileHandle, bytes: Bytes): Promise<void> {
  const stream = await file.createWritable();
  await stream.write(bytes);
  await stream.close();
}

/** For browsers without writable streams (Safari before 26): a crash may tear the file. */
async function overwrite(file: FileSystemFileHandle, bytes: Bytes): Promise<void> {
  const handle = await file.createSyncAccessHandle();
  try {
    handle.truncate(0);
    if (handle.write(bytes) !== bytes.length) throw full(file.name);
    handle.flush();
  } finally {
    handle.close();
  }
}

function guarded(work: () => void): void {
  try {
    work();
  } catch (error) {
    throw storageError(error);
  }
}

function full(detail: string): CytolensError {
  return new CytolensError(
    'quota',
    "The browser's storage is full. Clear old results in the Results panel, or free space on this computer, and go on: what was finished is kept.",
    detail,
  );
}

function unsupported(detail: string): CytolensError {
  return new CytolensError(
    'unsupported',
    'This browser does not let Cytolens keep results, as in a private window. Export them before you close the page.',
    detail,
  );
}

function nameOf(error: unknown): string {
  return error instanceof Error || error instanceof DOMException ? error.name : '';
}
