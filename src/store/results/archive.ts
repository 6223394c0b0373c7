/** Results that someone sent: an exported .cytolens.zip, or its unpacked folder. Read-only. */
import { CytolensError, isCytolensError } from '../../core/errors.ts';
import { blobSource } from '../../slide/bytes.ts';
import { readDirectory, type ZipEntry } from '../../slide/zip.ts';
import { INDEX_FILE, type ResultSource } from './files.ts';

/** Fixed part of a local header; lengths of name and extra field are its last four bytes. */
const LOCAL_LENGTH = 30;

/**
 * Results in a stored ZIP, at its root or in one folder; nothing is unpacked. Throws `not-found`
 * without an index, `unsupported` when compressed, `truncated` and `format` for broken archives.
 */
export async function zipFiles(archive: Blob, signal?: AbortSignal): Promise<ResultSource> {
  const source = blobSource(archive);
  const entries = new Map<string, ZipEntry>();
  try {
    await readDirectory(source, (entry) => entries.set(entry.name, entry), signal);
  } catch (error) {
    throw aboutResults(error);
  }
  const folder = folderOf([...entries.keys()]);
  return {
    size: async (name) => entries.get(folder + name)?.size ?? 0,
    async read(name, from = 0, to = Infinity) {
      const entry = entries.get(folder + name);
      if (!entry) return new Uint8Array(0);
      const header = await source.read(entry.offset, LOCAL_LENGTH);
      const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
      const lengths = view.getUint16(26, true) + view.getUint16(28, true);
      const start = entry.offset + LOCAL_LENGTH + lengths;
      const [first, length] = clamp(from, to, entry.size);
      return source.read(start + first, length);
    },
  };
}

/** Results in a folder that was picked or dropped. Throws `not-found` without an index. */
export function directoryFiles(files: readonly File[]): ResultSource {
  const byPath = new Map(files.map((file) => [file.webkitRelativePath || file.name, file]));
  const folder = folderOf([...byPath.keys()]);
  return {
    size: async (name) => byPath.get(folder + name)?.size ?? 0,
    async read(name, from = 0, to = Infinity) {
      const file = byPath.get(folder + name);
      if (!file) return new Uint8Array(0);
      return blobSource(file).read(...clamp(from, to, file.size));
    },
  };
}

/** Offset and length of what of [from, to) lies within `size` bytes. */
function clamp(from: number, to: number, size: number): [offset: number, length: number] {
  const offset = Math.min(from, size);
  return [offset, Math.max(0, Math.min(to, size) - offset)];
}

/** The folder that holds the index, with its slash; the outermost when there are several. */
function folderOf(paths: string[]): string {
  const found = paths
    .filter((path) => path === INDEX_FILE || path.endsWith(`/${INDEX_FILE}`))
    .sort((a, b) => a.length - b.length)[0];
  if (found === undefined) {
    throw new CytolensError(
      'not-found',
      'There are no Cytolens results here: index.json is missing. Pick the folder or the .cytolens.zip that holds it.',
    );
  }
  return found.slice(0, -INDEX_FILE.length);
}

const SENTENCES = {
  format: 'This is not an archive of Cytolens results, or it is damaged. Take another copy.',
  truncated:
    'This archive ends before its content does, as after an interrupted download. Copy or download it again.',
  unsupported:
    'This archive is compressed or locked; results are read from stored archives. Unpack it and open the folder, or pack it again with: zip -0 -r results.cytolens.zip folder',
} as const;

/** The ZIP reader speaks of slides. */
function aboutResults(error: unknown): unknown {
  if (!isCytolensError(error)) return error;
  const sentence = SENTENCES[error.tag as keyof typeof SENTENCES];
  return sentence ? new CytolensError(error.tag, sentence, error.detail) : error;
}
