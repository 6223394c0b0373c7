/** The first part of a multipart/related answer (RFC 2387, RFC 2046), as DICOMweb wraps its bytes. */
import type { Bytes } from '../bytes.ts';
import { damaged } from './header.ts';

export interface Part {
  /** Value of the part's own Content-Type; that of the whole answer when it has none. */
  type: string;
  bytes: Bytes;
}

/** An answer that is not multipart is its own only part. Throws `format` when parts do not end. */
export function firstPart(contentType: string, body: Bytes): Part {
  const boundary = /^multipart\/[^;]+;.*?boundary="?([^";]+)"?/i.exec(contentType)?.[1];
  if (!boundary) return { type: contentType, bytes: body };
  const open = indexOf(body, ascii(`--${boundary}`), 0);
  const headEnd = open < 0 ? -1 : indexOf(body, ascii('\r\n\r\n'), open);
  if (headEnd < 0) throw damaged('multipart without a part');
  const head = new TextDecoder().decode(body.subarray(open, headEnd));
  const start = headEnd + 4;
  const length = Number(/^content-length:\s*(\d+)\s*$/im.exec(head)?.[1] ?? Number.NaN);
  // Pixels may hold anything, so the length counts more than the next boundary.
  const counted = start + length <= body.length ? start + length : -1;
  const end = counted >= 0 ? counted : indexOf(body, ascii(`\r\n--${boundary}`), start);
  if (end < 0) throw damaged('multipart that ends within a part');
  const type = /^content-type:\s*(.+?)\s*$/im.exec(head)?.[1] ?? contentType;
  return { type, bytes: body.subarray(start, end) };
}

function indexOf(bytes: Bytes, wanted: Bytes, from: number): number {
  for (let at = bytes.indexOf(wanted[0], from); at >= 0; at = bytes.indexOf(wanted[0], at + 1)) {
    if (wanted.every((byte, i) => bytes[at + i] === byte)) return at;
  }
  return -1;
}

function ascii(text: string): Bytes {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}
