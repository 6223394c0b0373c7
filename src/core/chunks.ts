/** The bytes of a file, a few MB at a time. */
import { throwIfAborted } from './errors.ts';

/** A blob's own stream gives 64 kB at a time, each a message to another process. */
const CHUNK = 4 * 1024 * 1024;

/** Throws `cancelled`. */
export async function* chunksOf(
  file: Blob,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
  for (let at = 0; at < file.size; at += CHUNK) {
    throwIfAborted(signal);
    yield new Uint8Array(await file.slice(at, at + CHUNK).arrayBuffer());
  }
}
