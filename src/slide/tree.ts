/**
 * Files that lie below a description of a slide: on a server, or in a folder that was chosen or
 * dropped. Paths have `/`, no leading one, and are relative to where the description lies.
 */
import { CytolensError, throwIfAborted } from '../core/errors.ts';
import { type ByteSource, type Bytes, blobSource, fetchWhole, urlSource } from './bytes.ts';
import type { LocalFile } from './slide.ts';

export interface FileTree {
  /** A whole file of at most `limit` bytes. Throws `not-found`, `too-large`, `network`, `cancelled`. */
  read(path: string, limit: number, signal?: AbortSignal): Promise<Bytes>;
  /** A file to be read by ranges. Throws `not-found`, `range`, `network`, `cancelled`. */
  open(path: string, signal?: AbortSignal): Promise<ByteSource>;
}

/**
 * Files below an address; `base` without the trailing slash, paths encoded as in an address.
 * `query`, with its question mark, goes with every request: a signed address signs its parts too.
 */
export function serverTree(base: string, query = ''): FileTree {
  const addressOf = (path: string) => `${base}/${path}${query}`;
  return {
    async read(path, limit, signal) {
      const url = addressOf(path);
      const { bytes, type } = await fetchWhole(url, limit, signal);
      // Single-page hosts answer their start page, with 200, to any address they do not know.
      if (type.startsWith('text/html')) {
        throw new CytolensError(
          'not-found',
          'The server answers a web page in place of a part of this slide. Check the address.',
          url,
        );
      }
      return bytes;
    },
    open: (path, signal) => urlSource(addressOf(path), signal),
  };
}

/** Files of a chosen folder; `base` is the folder within it, '' for the files' own. */
export function folderTree(files: readonly LocalFile[], base: string): FileTree {
  const byPath = new Map(files.map(({ path, file }) => [path, file]));
  const find = (path: string): File => {
    const file = byPath.get(base ? `${base}/${path}` : path);
    if (file) return file;
    throw new CytolensError(
      'not-found',
      'A part of this slide is not among the files. Choose or drop the whole folder.',
      path,
    );
  };
  return {
    async read(path, limit, signal) {
      throwIfAborted(signal);
      const file = find(path);
      if (file.size > limit) {
        throw new CytolensError(
          'too-large',
          'A part of this slide is far larger than such a part can be, so it was not read.',
          `${path}: ${file.size} bytes, at most ${limit}`,
        );
      }
      return blobSource(file).read(0, file.size, signal);
    },
    async open(path) {
      return blobSource(find(path));
    },
  };
}

/** Address up to a path, and its query: `https://h/a/info.json?k#x` -> `https://h/a/info.json`, `?k`. */
export function splitAddress(url: string): { path: string; query: string } {
  const [, path, query] = /^([^?#]*)(\?[^#]*)?/.exec(url) ?? ['', url, ''];
  return { path, query: query ?? '' };
}

/** The folder of a path: 'a/b.dzi' -> 'a', 'b.dzi' -> ''. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** The last part of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
