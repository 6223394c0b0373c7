/**
 * Random access to the bytes of a slide, wherever it lies. Offsets and lengths are in bytes.
 * Every failure is a CytolensError whose sentence says what to do; the cause is in `detail`.
 */
import { CytolensError, cancelled, throwIfAborted } from '../core/errors.ts';

export type Bytes = Uint8Array<ArrayBuffer>;

export interface ByteSource {
  /** Bytes in all. */
  readonly size: number;
  /** Exactly `length` bytes from `offset`; throws `truncated` when there are fewer. */
  read(offset: number, length: number, signal?: AbortSignal): Promise<Bytes>;
}

const TRUNCATED =
  'The slide file ends before its content does, as after an interrupted download. Copy or download it again.';
const NO_RANGES =
  'This server does not answer byte ranges, which a one-file slide needs. Put the file on a server that does, or download it and open it from disk.';

export function truncated(detail: string): CytolensError {
  return new CytolensError('truncated', TRUNCATED, detail);
}

/** A file the user picked or dropped. Throws `network` when the disk refuses to be read. */
export function blobSource(blob: Blob): ByteSource {
  return {
    size: blob.size,
    async read(offset, length, signal) {
      throwIfAborted(signal);
      checkBounds(offset, length, blob.size);
      try {
        const bytes = await blob.slice(offset, offset + length).arrayBuffer();
        throwIfAborted(signal);
        return new Uint8Array(bytes);
      } catch (error) {
        if (error instanceof CytolensError) throw error;
        throw new CytolensError(
          'network',
          'The slide file can no longer be read: it was moved, changed, or its drive is gone. Open it again.',
          reasonOf(error),
        );
      }
    },
  };
}

/**
 * A file on a server, read by ranges. Only `bytes=a-b` is asked for: browsers let that form cross
 * to another site without a preflight, which few tile servers answer.
 * Throws `network`, `not-found`, `range`, `truncated`, `cancelled`.
 */
export async function urlSource(url: string, signal?: AbortSignal): Promise<ByteSource> {
  const size = await sizeOf(url, signal);
  return {
    size,
    async read(offset, length, signal) {
      throwIfAborted(signal);
      checkBounds(offset, length, size);
      if (length === 0) return new Uint8Array(0);
      const response = await requestRange(url, offset, length, signal);
      const bytes = await bodyOf(response, url, signal);
      if (bytes.length < length) {
        throw truncated(`${url}: ${bytes.length} of ${length} bytes at ${offset}`);
      }
      return bytes.length === length ? bytes : bytes.slice(0, length);
    },
  };
}

/** The whole of a small file, at most `limit` bytes. Throws `network`, `not-found`, `too-large`. */
export async function fetchWhole(
  url: string,
  limit: number,
  signal?: AbortSignal,
): Promise<{ bytes: Bytes; type: string }> {
  const response = await request(url, { signal });
  if (response.status !== 200) {
    await discard(response);
    throw statusError(url, response.status);
  }
  const declared = Number(response.headers.get('content-length') ?? 0);
  if (declared > limit) {
    await discard(response);
    throw tooLarge(url, declared, limit);
  }
  const bytes = await bodyOf(response, url, signal);
  if (bytes.length > limit) throw tooLarge(url, bytes.length, limit);
  return { bytes, type: response.headers.get('content-type') ?? '' };
}

/** Size of a file on a server, learnt by asking for its first byte. */
async function sizeOf(url: string, signal?: AbortSignal): Promise<number> {
  const response = await requestRange(url, 0, 1, signal);
  await discard(response);
  const total = /\/(\d+)\s*$/.exec(response.headers.get('content-range') ?? '')?.[1];
  if (total !== undefined) return Number(total);
  // Another site must expose Content-Range expressly; Content-Length is always readable.
  const head = await request(url, { method: 'HEAD', signal });
  const length = Number(head.headers.get('content-length') ?? Number.NaN);
  if (head.status === 200 && Number.isSafeInteger(length)) return length;
  throw new CytolensError('range', NO_RANGES, `${url}: no Content-Range, HEAD ${head.status}`);
}

async function requestRange(
  url: string,
  offset: number,
  length: number,
  signal?: AbortSignal,
): Promise<Response> {
  const headers = { Range: `bytes=${offset}-${offset + length - 1}` };
  // Not through the browser's cache: it lets one request at a time at a file, so that tiles of a
  // one-file slide would wait for each other. Decoded tiles are kept by us.
  const response = await request(url, { headers, signal, cache: 'no-store' });
  if (response.status === 206) return response;
  await discard(response);
  if (response.status === 200) {
    throw new CytolensError('range', NO_RANGES, `${url}: 200 to ${headers.Range}`);
  }
  if (response.status === 416) throw truncated(`${url}: 416 to ${headers.Range}`);
  throw statusError(url, response.status);
}

async function request(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    throw failure(error, url, init.signal ?? undefined);
  }
}

async function bodyOf(response: Response, url: string, signal?: AbortSignal): Promise<Bytes> {
  try {
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    throw failure(error, url, signal);
  }
}

/** Stop the transfer: a server that ignores ranges would otherwise send the whole slide. */
async function discard(response: Response): Promise<void> {
  try {
    await response.body?.cancel();
  } catch {
    // The connection is gone already, which is what was wanted.
  }
}

/** fetch throws a bare TypeError both when offline and when CORS refuses, so both are named. */
function failure(error: unknown, url: string, signal?: AbortSignal): CytolensError {
  if (signal?.aborted) return cancelled();
  return new CytolensError(
    'network',
    'No answer from the server of this slide. Either this computer is offline or the address is wrong, or that server does not let other sites read its files (CORS). Check the connection and the address; if both are right, download the slide and open it from disk.',
    `${url}: ${reasonOf(error)}`,
  );
}

function statusError(url: string, status: number): CytolensError {
  const detail = `${url}: HTTP ${status}`;
  if (status === 401 || status === 403) {
    return new CytolensError(
      'not-found',
      'The server refuses to hand out this file. Ask its owner for access, or download the slide and open it from disk.',
      detail,
    );
  }
  if (status === 404 || status === 410) {
    return new CytolensError(
      'not-found',
      'The server has no file at this address. Check the address for typing errors; the slide may also have been moved.',
      detail,
    );
  }
  return new CytolensError(
    'network',
    `The server of this slide reports a fault (${status}). Try again later, or download the slide and open it from disk.`,
    detail,
  );
}

function tooLarge(url: string, size: number, limit: number): CytolensError {
  return new CytolensError(
    'too-large',
    'A part of this slide is far larger than such a part can be, so it was not read. Check that the address is that of a slide.',
    `${url}: ${size} bytes, at most ${limit}`,
  );
}

function checkBounds(offset: number, length: number, size: number): void {
  if (offset < 0 || length < 0 || offset + length > size) {
    throw truncated(`${length} bytes at ${offset} of ${size}`);
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
