/**
 * Size and colour profile of a JPEG, PNG or WebP picture from its head, before anything is decoded:
 * a picture that claims 10^9 px must not get that far.
 * Sources: ITU-T T.81 B.2 (JPEG), ICC.1 B.4 (APP2), W3C PNG 5.6, RFC 9649 (WebP).
 */
import { concatBytes } from '../../core/arrays.ts';
import type { Bytes } from '../bytes.ts';

export interface PictureHeader {
  kind: 'JPEG' | 'PNG' | 'WebP';
  width: number;
  height: number;
  /** The ICC profile of a JPEG, as stored. */
  icc: Bytes | null;
}

/** How much of a file's start holds its size: cameras put previews and profiles before it. */
export const HEAD_LENGTH = 2 * 1024 * 1024;

/** Does a file begin as such a picture does? */
export function isPicture(head: Uint8Array): boolean {
  return isJpeg(head) || isPng(head) || isWebp(head);
}

/** Null for what is no such picture, or whose size does not come within `head`. */
export function readHeader(head: Uint8Array): PictureHeader | null {
  if (isJpeg(head)) return readJpeg(head);
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (isPng(head) && head.length >= 24) {
    return sized('PNG', view.getUint32(16), view.getUint32(20));
  }
  return isWebp(head) && head.length >= 30 ? readWebp(head, view) : null;
}

const isJpeg = (head: Uint8Array) => starts(head, [0xff, 0xd8, 0xff]);
const isPng = (head: Uint8Array) => starts(head, [0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]);
const isWebp = (head: Uint8Array) =>
  starts(head, [0x52, 0x49, 0x46, 0x46]) && starts(head.subarray(8), [0x57, 0x45, 0x42, 0x50]);

function starts(head: Uint8Array, signature: number[]): boolean {
  return head.length >= signature.length && signature.every((byte, i) => head[i] === byte);
}

function readJpeg(head: Uint8Array): PictureHeader | null {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const profile: Uint8Array[] = [];
  for (let at = 2; at + 9 <= head.length; ) {
    if (head[at] !== 0xff) return null;
    const marker = head[at + 1];
    // Fill bytes, and markers without content.
    if (marker === 0xff || marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {
      at += marker === 0xff ? 1 : 2;
      continue;
    }
    const length = view.getUint16(at + 2);
    // SOF0 to SOF15 without DHT (c4), JPG (c8) and DAC (cc).
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      const found = sized('JPEG', view.getUint16(at + 7), view.getUint16(at + 5));
      return found && { ...found, icc: joined(profile) };
    }
    if (length < 2 || marker === 0xda || marker === 0xd9) return null;
    if (marker === 0xe2 && text(head, at + 4, 11) === 'ICC_PROFILE') {
      profile[head[at + 16] - 1] = head.subarray(at + 18, at + 2 + length);
    }
    at += 2 + length;
  }
  return null;
}

function readWebp(head: Uint8Array, view: DataView): PictureHeader | null {
  switch (text(head, 12, 4)) {
    case 'VP8X':
      return sized('WebP', uint24(head, 24) + 1, uint24(head, 27) + 1);
    case 'VP8 ':
      return sized('WebP', view.getUint16(26, true) & 0x3fff, view.getUint16(28, true) & 0x3fff);
    case 'VP8L': {
      const bits = view.getUint32(21, true);
      return sized('WebP', (bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1);
    }
    default:
      return null;
  }
}

function sized(kind: PictureHeader['kind'], width: number, height: number): PictureHeader | null {
  return width > 0 && height > 0 ? { kind, width, height, icc: null } : null;
}

/** The parts of a profile, numbered from 1; null when one is missing. */
function joined(parts: Uint8Array[]): Bytes | null {
  if (parts.length === 0 || Array.from(parts).includes(undefined as never)) return null;
  return concatBytes(parts);
}

function text(head: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...head.subarray(at, at + length));
}

function uint24(head: Uint8Array, at: number): number {
  return head[at] | (head[at + 1] << 8) | (head[at + 2] << 16);
}
