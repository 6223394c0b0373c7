/** The files of a Zarr as zarrita asks for them, with limits: a missing file is no error there. */
import type { AbsolutePath, AsyncReadable, RangeQuery } from 'zarrita';
import { CytolensError, isCytolensError } from '../../core/errors.ts';
import type { ByteSource } from '../bytes.ts';
import type { FileTree } from '../tree.ts';

/** Stored bytes of a chunk, or of a shard's index. */
export const CHUNK_LIMIT = 160 * 1024 * 1024;

/** Chunks that are not there are the fill value (Zarr specification), so `undefined` is returned. */
export function zarrStore(tree: FileTree): Required<AsyncReadable> {
  const shards = new Map<string, Promise<ByteSource>>();
  const absent = (error: unknown): undefined => {
    if (isCytolensError(error, 'not-found')) return undefined;
    throw error;
  };
  const shard = (path: string, signal?: AbortSignal): Promise<ByteSource> => {
    const known = shards.get(path);
    if (known) return known;
    const opening = tree.open(path, signal);
    shards.set(path, opening);
    opening.catch(() => shards.delete(path));
    return opening;
  };
  return {
    get: (key, options) => tree.read(relative(key), CHUNK_LIMIT, options?.signal).catch(absent),
    async getRange(key, range, options) {
      const length = 'length' in range ? range.length : range.suffixLength;
      if (!(length >= 0 && length <= CHUNK_LIMIT)) throw tooLong(length);
      try {
        const bytes = await shard(relative(key), options?.signal);
        return await bytes.read(startOf(range, bytes.size), length, options?.signal);
      } catch (error) {
        return absent(error);
      }
    },
  };
}

function startOf(range: RangeQuery, size: number): number {
  return 'offset' in range ? range.offset : size - range.suffixLength;
}

function relative(key: AbsolutePath): string {
  return key.slice(1);
}

function tooLong(length: number): CytolensError {
  return new CytolensError(
    'format',
    'This OME-Zarr is damaged: a chunk claims to be far larger than chunks are. Copy or export it again.',
    `${length} bytes`,
  );
}
