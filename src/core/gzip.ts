/** Gzip: as a stream, or whole as far as is agreed to. */
import { concatBytes } from './arrays.ts';
import { CytolensError, isCytolensError, throwIfAborted } from './errors.ts';

/** Whether these are the first bytes of a gzip file. */
export function isGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b;
}

/**
 * What a gzip file unpacks to, piece by piece as it is asked for. Throws `truncated` for a damaged
 * file, `cancelled`, and what `packed` throws.
 */
export async function* gunzip(
  file: string,
  packed: AsyncGenerator<Uint8Array<ArrayBuffer>, void, void>,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
  const source = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      const { done, value } = await packed.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
  const reader = source.pipeThrough(new DecompressionStream('gzip')).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      throwIfAborted(signal);
      if (done) return;
      yield value as Uint8Array<ArrayBuffer>;
    }
  } catch (error) {
    throwIfAborted(signal);
    if (isCytolensError(error)) throw error;
    throw new CytolensError(
      'truncated',
      `${file} is a gzip file that is damaged or ends early. Copy or download it again.`,
      String(error),
    );
  } finally {
    // What is left may be damaged; nobody waits for it.
    reader.cancel().catch(() => undefined);
  }
}

/**
 * The bytes as they are, or unpacked when they are gzipped. Throws as `gunzip`, and `too-large` as
 * soon as it unpacks to more than `most` bytes.
 */
export async function gunzipped(
  file: string,
  bytes: Uint8Array,
  most: number,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const own = bytes as Uint8Array<ArrayBuffer>;
  if (!isGzip(own)) return own;
  const packed = async function* () {
    yield own;
  };
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of gunzip(file, packed(), signal)) {
    parts.push(part);
    length += part.length;
    if (length > most) throw unpacksTooLarge(file, most);
  }
  return concatBytes(parts);
}

/** What is said of a file that unpacks to more than is agreed to. */
export function unpacksTooLarge(file: string, most: number): CytolensError {
  return new CytolensError(
    'too-large',
    `${file} unpacks to more than ${Math.round(most / 2 ** 20).toLocaleString('en')} MB. Take fewer rows.`,
  );
}
