/** Folders of this disk: walked, and read again later where the browser can. */
import { CytolensError, throwIfAborted } from '../../core/errors.ts';
import type { LocalFile, SlideSource } from '../../slide/slide.ts';
import { type CaseSlide, type HandleFile, rememberOrigin } from './case.ts';

type FolderPicker = (options: { id: string; mode: 'read' }) => Promise<FileSystemDirectoryHandle>;
/** A directory's children and a handle's permission, which TypeScript's types leave out. */
type Listed = FileSystemDirectoryHandle & { values(): AsyncIterable<FileSystemHandle> };
type Permitted = FileSystemHandle & {
  queryPermission?(): Promise<PermissionState>;
  requestPermission?(): Promise<PermissionState>;
};

/** Whether folders can be asked for in a way that survives a reload. */
export function canPickFolder(): boolean {
  return 'showDirectoryPicker' in window;
}

/** Ask for a folder. Throws AbortError (`cancelled`) when the user closes the dialog. */
export async function pickFolder(): Promise<FileSystemDirectoryHandle> {
  const { showDirectoryPicker } = window as unknown as { showDirectoryPicker: FolderPicker };
  return showDirectoryPicker({ id: 'slides', mode: 'read' });
}

/** Every file below a folder; paths begin with the folder's name. Throws `cancelled`. */
export async function filesBelow(
  folder: FileSystemDirectoryHandle,
  onProgress: (files: number) => void,
  signal?: AbortSignal,
): Promise<HandleFile[]> {
  const found: HandleFile[] = [];
  const walk = async (directory: FileSystemDirectoryHandle, path: string): Promise<void> => {
    for await (const handle of (directory as Listed).values()) {
      throwIfAborted(signal);
      const below = `${path}/${handle.name}`;
      if (handle.kind === 'directory') await walk(handle as FileSystemDirectoryHandle, below);
      else found.push({ path: below, handle: handle as FileSystemFileHandle });
      if (found.length % 500 === 0) onProgress(found.length);
    }
  };
  await walk(folder, folder.name);
  return found;
}

/** What an `<input webkitdirectory>` or a plain file input gave, with paths. */
export function filesOf(list: Iterable<File>): LocalFile[] {
  return [...list].map((file) => ({
    file,
    path: file.webkitRelativePath || `Chosen files/${file.name}`,
  }));
}

/** Files of this session, which a browser without handles cannot keep: by path. */
const sessionFiles = new Map<string, File>();

export function rememberFiles(files: readonly LocalFile[]): void {
  for (const { path, file } of files) sessionFiles.set(path, file);
}

/** Whether the files of a slide must be chosen again before it can be opened. */
export function mustChooseAgain({ kept }: CaseSlide): boolean {
  return kept.kind === 'files' && !kept.paths.every((path) => sessionFiles.has(path));
}

/**
 * How to open a kept slide. With `ask`, which needs a click, the browser may ask whether its folder
 * may be read again; without, null where it would have to. Throws `not-found` for files that are
 * gone or must be chosen again.
 */
export async function sourceOfSlide(slide: CaseSlide, ask: boolean): Promise<SlideSource | null> {
  const { kept, facts } = slide;
  if (kept.kind === 'url') {
    const source: SlideSource = { kind: 'url', url: kept.url, facts };
    rememberOrigin(source, slide);
    return source;
  }
  const files = kept.kind === 'files' ? chosenFiles(kept.paths) : await readable(kept.files, ask);
  if (!files) return null;
  const source: SlideSource =
    files.length === 1
      ? { kind: 'file', file: files[0].file, facts }
      : { kind: 'files', name: slide.name, files, facts };
  rememberOrigin(source, slide);
  return source;
}

function chosenFiles(paths: readonly string[]): LocalFile[] {
  return paths.map((path) => {
    const file = sessionFiles.get(path);
    if (file) return { path, file };
    throw new CytolensError(
      'not-found',
      'This browser cannot read the folder again by itself. Choose it once more under Cases.',
    );
  });
}

async function readable(files: readonly HandleFile[], ask: boolean): Promise<LocalFile[] | null> {
  if (!(await permitted(files[0].handle, ask))) {
    if (!ask) return null;
    throw new CytolensError(
      'not-found',
      'The browser was not allowed to read this folder. Click the slide again and allow it, or choose the folder once more.',
    );
  }
  try {
    return await Promise.all(
      files.map(async ({ path, handle }) => ({ path, file: await handle.getFile() })),
    );
  } catch (error) {
    throw new CytolensError(
      'not-found',
      'The file is no longer where it was. Choose its folder again.',
      String(error),
    );
  }
}

async function permitted(handle: Permitted, ask: boolean): Promise<boolean> {
  const state = (await handle.queryPermission?.()) ?? 'granted';
  if (state === 'granted' || !ask) return state === 'granted';
  return (await handle.requestPermission?.()) === 'granted';
}
