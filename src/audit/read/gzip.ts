/** Gzip, unpacked as far as is agreed to. */
import { concatBytes } from '../../core/arrays.ts';
import { CytolensError, isCytolensError, throwIfAborted } from '../../core/errors.ts';

/** A table of 87,000 samples of 1,536 as text is larger; such tables are not read. */
export const MOST_BYTES = 1 << 30;

/**
 * The bytes as they are, or unpacked when they are gzipped. Throws `truncated` for a damaged file,
 * `too-large` as soon as it unpacks to more than `most` bytes, `cancelled`.
 */
export async function gunzipped(
  file: string,
  bytes: Uint8Array,
  signal?: AbortSignal,
  most = MOST_BYTES,
): Promise<Uint8Array<ArrayBuffer>> {
  const own = bytes as Uint8Array<ArrayBuffer>;
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return own;
  const reader = new Blob([own]).stream().pipeThrough(new DecompressionStream('gzip')).getReader();
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return concatBytes(parts);
      throwIfAborted(signal);
      parts.push(value);
      length += value.length;
      if (length > most) throw tooLarge(file, most);
    }
  } catch (error) {
    if (isCytolensError(error)) throw error;
    throw new CytolensError(
      'truncated',
      `${file} is a gzip file that is damaged or ends early. Copy or download it again.`,
      String(error),
    );
  } finally {
    // What is left may be damaged; nobody waits for it.
    reader.cancel().catch(() => {});
  }
}

/** What is said of a file that unpacks to more than is agreed to. */
export function tooLarge(file: string, most: number): CytolensError {
  return new CytolensError(
    'too-large',
    `${file} unpacks to more than ${Math.round(most / 2 ** 20).toLocaleString('en')} MB. Take fewer rows.`,
  );
}
