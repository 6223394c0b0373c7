/** Files and folders that were dropped, with their paths. */
import { CytolensError } from '../../core/errors.ts';
import type { LocalFile } from '../../slide/slide.ts';
import { filesOf } from '../cases/folder.ts';

/** A pyramid of a large slide has some 100,000 tiles; far more is somebody's whole disk. */
export const MAX_FILES = 200_000;
/** Files asked of the browser at a time. */
const AT_ONCE = 64;

/**
 * Take what was dropped. The items must be taken while the event is handled; the walk through
 * folders comes after it. Throws `too-large` past MAX_FILES, `network` when a folder is not readable.
 */
export function takeDropped(
  transfer: DataTransfer,
): (onProgress?: (files: number) => void) => Promise<LocalFile[]> {
  const items = [...transfer.items].filter(({ kind }) => kind === 'file');
  const entries = items.map((item) => item.webkitGetAsEntry());
  const files = [...transfer.files];
  const folders = entries.filter((entry) => entry?.isDirectory);
  // Without a folder the files are at hand; some browsers give no entries for files.
  if (folders.length === 0) return async () => filesOf(files);
  return (onProgress) =>
    walk(
      entries.filter((entry) => entry !== null),
      onProgress,
    );
}

async function walk(
  roots: FileSystemEntry[],
  onProgress?: (files: number) => void,
): Promise<LocalFile[]> {
  const folders = roots.filter(isFolder);
  const found = roots.filter((entry): entry is FileSystemFileEntry => entry.isFile);
  for (let folder = folders.pop(); folder; folder = folders.pop()) {
    for (const entry of await childrenOf(folder)) {
      if (isFolder(entry)) folders.push(entry);
      else found.push(entry as FileSystemFileEntry);
    }
    if (found.length > MAX_FILES) {
      throw new CytolensError(
        'too-large',
        `This folder holds more than ${MAX_FILES.toLocaleString('en')} files, so it was not read. Drop the folder of one slide or case.`,
        `${found.length} files so far`,
      );
    }
    onProgress?.(found.length);
  }
  const files: LocalFile[] = [];
  for (let i = 0; i < found.length; i += AT_ONCE) {
    files.push(...(await Promise.all(found.slice(i, i + AT_ONCE).map(fileOf))));
  }
  return files;
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}

async function childrenOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const children: FileSystemEntry[] = [];
  // A reader gives some hundred entries at a time, and none when it is through.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, (error) => reject(notReadable(folder, error))),
    );
    if (some.length === 0) return children;
    children.push(...some);
  }
}

function fileOf(entry: FileSystemFileEntry): Promise<LocalFile> {
  const path = entry.fullPath.replace(/^\/+/, '');
  return new Promise((resolve, reject) =>
    entry.file(
      (file) => resolve({ path, file }),
      (error) => reject(notReadable(entry, error)),
    ),
  );
}

function notReadable(entry: FileSystemEntry, error: DOMException): CytolensError {
  return new CytolensError(
    'network',
    'A dropped folder cannot be read: it was moved, or this program may not read it. Choose it with Open, then Folder.',
    `${entry.isFile ? 'file' : 'folder'}: ${error.name}`,
  );
}
