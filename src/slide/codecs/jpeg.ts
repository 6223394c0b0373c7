/**
 * JPEG streams as TIFF and DICOM hold them, made into files that any decoder reads rightly: the
 * shared tables are put in, and the colour that the container names is written where decoders
 * look for it (ITU-T T.81, Annex B; Adobe Technical Note 5116).
 */
import { concatBytes } from '../../core/arrays.ts';
import type { Bytes } from '../bytes.ts';
import { type Colour, damagedTile } from './codec.ts';

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const APP0 = 0xe0;
const APP14 = 0xee;
const SOF55 = 0xf7;

/** A marker segment; `start` at its 0xff, `end` behind its content. */
interface Segment {
  marker: number;
  start: number;
  end: number;
}

export interface JpegFrame {
  width: number;
  height: number;
  bits: number;
  components: number;
}

/** Size, depth and components of a JPEG or JPEG-LS stream. Throws `format` when it has no header. */
export function jpegFrame(bytes: Uint8Array): JpegFrame {
  return frameOf(bytes, segmentsOf(bytes));
}

/**
 * A whole JPEG file from an abbreviated or a plain stream. Of three components the colour is
 * written as an Adobe marker: without it decoders guess, and take Aperio's RGB for YCbCr.
 * Throws `format` when the stream is no JPEG or not of `width` x `height`.
 */
export function wholeJpeg(tile: {
  bytes: Bytes;
  jpegTables?: Bytes;
  colour: Colour;
  width: number;
  height: number;
}): Bytes {
  const { bytes, jpegTables, colour, width, height } = tile;
  const segments = segmentsOf(bytes);
  const frame = frameOf(bytes, segments);
  if (frame.width !== width || frame.height !== height) {
    throw damagedTile(`JPEG of ${frame.width}x${frame.height} instead of ${width}x${height}`);
  }
  const says = frame.components === 3 && (colour === 'rgb' || colour === 'ycbcr');
  if (!says && !jpegTables) return bytes;

  const parts: Uint8Array[] = [Uint8Array.of(0xff, SOI)];
  if (says) parts.push(adobeMarker(colour === 'rgb' ? 0 : 1));
  if (jpegTables) parts.push(...kept(jpegTables, segmentsOf(jpegTables), says));
  parts.push(...kept(bytes, segments, says));
  const scan = segments.at(-1);
  if (scan?.marker === SOS) parts.push(bytes.subarray(scan.end));
  return concatBytes(parts);
}

function kept(bytes: Uint8Array, segments: Segment[], colourIsSaid: boolean): Uint8Array[] {
  return segments
    .filter(({ marker }) => !colourIsSaid || (marker !== APP0 && marker !== APP14))
    .map(({ start, end }) => bytes.subarray(start, end));
}

/** Marker segments up to and with the first scan header; what follows that is entropy-coded. */
function segmentsOf(bytes: Uint8Array): Segment[] {
  if (bytes[0] !== 0xff || bytes[1] !== SOI) throw damagedTile('no JPEG: it has no SOI marker');
  const segments: Segment[] = [];
  let at = 2;
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== 0xff) throw damagedTile(`no JPEG marker at byte ${at}`);
    const marker = bytes[at + 1];
    // Any number of 0xff may stand before a marker.
    if (marker === 0xff) at++;
    else if (marker === EOI) break;
    else {
      const end = at + 2 + ((bytes[at + 2] << 8) | bytes[at + 3]);
      if (end > bytes.length || end < at + 4) throw damagedTile(`JPEG segment at ${at} ends early`);
      segments.push({ marker, start: at, end });
      if (marker === SOS) break;
      at = end;
    }
  }
  return segments;
}

function frameOf(bytes: Uint8Array, segments: Segment[]): JpegFrame {
  const found = segments.find(({ marker }) => isFrame(marker));
  if (!found || found.end - found.start < 10) throw damagedTile('JPEG without a frame header');
  const at = found.start + 4;
  return {
    bits: bytes[at],
    height: (bytes[at + 1] << 8) | bytes[at + 2],
    width: (bytes[at + 3] << 8) | bytes[at + 4],
    components: bytes[at + 5],
  };
}

/** SOF0..SOF15 less DHT (c4), JPG (c8) and DAC (cc), and SOF55 of JPEG-LS. */
function isFrame(marker: number): boolean {
  if (marker === SOF55) return true;
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

/** `transform` 0: the components are RGB; 1: they are YCbCr. */
function adobeMarker(transform: 0 | 1): Uint8Array {
  const name = [...'Adobe'].map((letter) => letter.charCodeAt(0));
  return Uint8Array.of(0xff, APP14, 0, 14, ...name, 0, 100, 0, 0, 0, 0, transform);
}
