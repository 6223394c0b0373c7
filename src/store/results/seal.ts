/**
 * JSON that knows whether it is whole: the last member of the object, "crc", is the CRC-32 of the
 * text before it and of the binary data that the object speaks of. A torn or changed record is
 * told from a good one by that alone.
 */
import { crc32 } from './crc32.ts';

const encoder = new TextEncoder();

export interface Sealed {
  value: unknown;
  /** Whether text and data are those that were sealed. */
  holds(...data: Uint8Array[]): boolean;
}

/** One line of JSON, closed by a line feed. `value` is an object with at least one member. */
export function seal(value: object, ...data: Uint8Array[]): string {
  const body = JSON.stringify(value).slice(0, -1);
  return `${body},"crc":${crcOf(body, data)}}\n`;
}

/** Read what `seal` wrote, without its line feed; null when it cannot be that. */
export function unseal(text: string): Sealed | null {
  const end = /,"crc":(\d+)\}$/.exec(text);
  if (!end) return null;
  try {
    const value: unknown = JSON.parse(text);
    const body = text.slice(0, end.index);
    return { value, holds: (...data) => crcOf(body, data) === Number(end[1]) };
  } catch {
    return null;
  }
}

function crcOf(body: string, data: Uint8Array[]): number {
  return data.reduce((crc, bytes) => crc32(bytes, crc), crc32(encoder.encode(body)));
}
