/** Small readings of a file through pages that are kept: headers lie close together. */
import { isCytolensError, throwIfAborted } from '../../core/errors.ts';
import type { ByteSource, Bytes } from '../bytes.ts';

const PAGE = 64 * 1024;
/** Pages kept, least recently used first out: 4 MB. */
const KEEP = 64;
/** Pages that one reading may fetch at once: 16 MB, more than any header is. */
const MAX_PAGES = 256;

/** The same bytes, read in pages of 64 kB; neighbouring pages that lack come in one request. */
export function paged(source: ByteSource): ByteSource {
  const pages = new Map<number, Promise<Bytes>>();

  function keep(page: number, bytes: Promise<Bytes>): Promise<Bytes> {
    pages.delete(page);
    pages.set(page, bytes);
    // What failed is asked for again by the next reader.
    bytes.catch(() => {
      if (pages.get(page) === bytes) pages.delete(page);
    });
    for (const oldest of pages.keys()) {
      if (pages.size <= KEEP) break;
      pages.delete(oldest);
    }
    return bytes;
  }

  /** Pages [first, last]; runs of absent ones as one request each. */
  function fetchPages(first: number, last: number, signal?: AbortSignal): Promise<Bytes>[] {
    const found: Promise<Bytes>[] = [];
    for (let page = first; page <= last; page++) {
      const held = pages.get(page);
      if (held) {
        found.push(keep(page, held));
        continue;
      }
      let end = page + 1;
      while (end <= last && !pages.has(end)) end++;
      const from = page * PAGE;
      const run = source.read(from, Math.min(end * PAGE, source.size) - from, signal);
      for (let p = page; p < end; p++) {
        const at = (p - page) * PAGE;
        found.push(
          keep(
            p,
            run.then((bytes) => bytes.subarray(at, at + PAGE)),
          ),
        );
      }
      page = end - 1;
    }
    return found;
  }

  return {
    size: source.size,
    async read(offset, length, signal) {
      const first = Math.floor(offset / PAGE);
      const last = Math.floor((offset + length - 1) / PAGE);
      const outside = offset < 0 || length <= 0 || offset + length > source.size;
      // The source says what is wrong with a reading beyond its end.
      if (outside || last - first >= MAX_PAGES) return source.read(offset, length, signal);
      for (;;) {
        throwIfAborted(signal);
        try {
          const parts = await Promise.all(fetchPages(first, last, signal));
          return joined(parts, offset - first * PAGE, length);
        } catch (error) {
          // Another reader's page, which that one gave up: then it is fetched for us.
          if (!isCytolensError(error, 'cancelled') || signal?.aborted) throw error;
        }
      }
    },
  };
}

function joined(parts: Bytes[], start: number, length: number): Bytes {
  const out = new Uint8Array(length);
  let at = -start;
  for (const part of parts) {
    const from = Math.max(0, -at);
    const to = Math.min(part.length, length - at);
    if (to > from) out.set(part.subarray(from, to), at + from);
    at += part.length;
  }
  return out;
}
