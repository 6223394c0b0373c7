/** Transfer syntaxes (PS3.5, 10 and A.4): a frame's bytes as a tile that a codec can decode. */
import { CytolensError } from '../../core/errors.ts';
import type { Bytes } from '../bytes.ts';
import { type Colour, type Compression, damagedTile, type EncodedTile } from '../codecs/codec.ts';
import { jpegFrame } from '../codecs/jpeg.ts';
import { unpack } from '../codecs/lossless.ts';
import type { DicomImage } from './image.ts';

export interface Frame {
  bytes: Bytes;
  /** UID of how the bytes are compressed. */
  transferSyntax: string;
}

const BASE = '1.2.840.10008.1.2';
const COMPRESSIONS: ReadonlyMap<string, Compression | 'rle'> = new Map([
  [BASE, 'none'],
  [`${BASE}.1`, 'none'],
  [`${BASE}.1.98`, 'none'],
  [`${BASE}.4.50`, 'jpeg'],
  [`${BASE}.4.51`, 'jpeg'],
  [`${BASE}.4.80`, 'jpegls'],
  [`${BASE}.4.81`, 'jpegls'],
  [`${BASE}.4.90`, 'jpeg2000'],
  [`${BASE}.4.91`, 'jpeg2000'],
  [`${BASE}.4.201`, 'htj2k'],
  [`${BASE}.4.202`, 'htj2k'],
  [`${BASE}.4.203`, 'htj2k'],
  [`${BASE}.5`, 'rle'],
]);
const NOT_READ: ReadonlyMap<string, string> = new Map([
  [`${BASE}.4.57`, 'lossless JPEG'],
  [`${BASE}.4.70`, 'lossless JPEG'],
  [`${BASE}.4.92`, 'JPEG 2000 part 2'],
  [`${BASE}.4.93`, 'JPEG 2000 part 2'],
  [`${BASE}.4.110`, 'JPEG XL'],
  [`${BASE}.4.111`, 'JPEG XL'],
  [`${BASE}.4.112`, 'JPEG XL'],
]);

/** Are the pixels of a data set written so stored as they are? */
export function isPlain(transferSyntax: string): boolean {
  return transferSyntax === BASE || transferSyntax === `${BASE}.1`;
}

/** Bytes of an uncompressed frame; YBR_FULL_422 shares colour between two pixels (PS3.3, C.7.6.3). */
export function plainFrameLength(
  image: Pick<DicomImage, 'tileWidth' | 'tileHeight' | 'samples' | 'photometric'>,
): number {
  const samples = image.photometric === 'YBR_FULL_422' ? 2 : image.samples;
  return image.tileWidth * image.tileHeight * samples;
}

/** How the pixels are compressed. Throws `unsupported` when that is not read. */
export function compressionOf(transferSyntax: string): Compression | 'rle' {
  const found = COMPRESSIONS.get(transferSyntax);
  if (found) return found;
  const name = NOT_READ.get(transferSyntax) ?? 'a kind of compression';
  throw new CytolensError(
    'unsupported',
    `The tiles of this slide are in ${name} that is not read. Convert it to JPEG, JPEG 2000 or JPEG-LS.`,
    `transfer syntax ${transferSyntax.slice(0, 64)}`,
  );
}

/**
 * A frame, ready for the codec; at most as large as the image's tiles. Throws `unsupported`, and
 * `format` for damaged bytes.
 */
export async function tileOf(image: DicomImage, frame: Frame): Promise<EncodedTile> {
  const { tileWidth: width, tileHeight: height, samples, planar } = image;
  const said = compressionOf(frame.transferSyntax);
  const tile = { width, height, samples, bits: 8 as const };
  if (said === 'rle') {
    const bytes = await unpackRle(frame.bytes, width * height, samples);
    return { ...tile, compression: 'none', bytes, planar: true, colour: plainColour(image) };
  }
  if (said === 'none' && image.photometric === 'YBR_FULL_422') {
    const bytes = unshare(frame.bytes, width * height);
    return { ...tile, compression: 'none', bytes, colour: 'ycbcr' };
  }
  const colour = said === 'jpeg' ? jpegColour(image, frame.bytes) : plainColour(image);
  return {
    ...tile,
    ...(said === 'jpeg' ? jpegSize(frame.bytes, tile) : {}),
    compression: said,
    bytes: frame.bytes,
    planar: said === 'none' && planar,
    colour,
  };
}

/** YBR_ICT and YBR_RCT are undone by the JPEG 2000 decoder itself. */
function plainColour({ samples, photometric }: DicomImage): Colour {
  if (samples === 1) return 'grey';
  return photometric === 'YBR_FULL' || photometric === 'YBR_FULL_422' ? 'ycbcr' : 'rgb';
}

/**
 * Some writers (wsidicomizer, where it adds levels) cut frames at the lower and right edge short.
 * Such a tile is smaller than said; one that is larger is left to the codec to refuse.
 */
function jpegSize(bytes: Bytes, said: { width: number; height: number }) {
  const { width, height } = jpegFrame(bytes);
  return { width: Math.min(width, said.width), height: Math.min(height, said.height) };
}

/**
 * A JFIF header says YCbCr, and an Adobe marker what it says: some writers put RGB into the
 * attributes and YCbCr into the stream. pydicom decides in the same way.
 */
function jpegColour(image: DicomImage, bytes: Bytes): Colour {
  if (image.samples === 1) return 'grey';
  const head = String.fromCharCode(...bytes.subarray(0, 64));
  if (/^\xff\xd8\xff\xe0..JFIF/s.test(head)) return 'ycbcr';
  const adobe = /\xff\xee..Adobe.{6}(.)/s.exec(head);
  if (adobe) return adobe[1] === '\0' ? 'rgb' : 'ycbcr';
  return image.photometric === 'RGB' ? 'rgb' : 'ycbcr';
}

/** RLE (PS3.5, G): up to 15 byte planes, each packed by itself, here one a sample. */
async function unpackRle(packed: Bytes, pixels: number, samples: number): Promise<Bytes> {
  if (packed.length < 64) throw damagedTile(`RLE of ${packed.length} bytes`);
  const header = new DataView(packed.buffer, packed.byteOffset, 64);
  if (header.getUint32(0, true) !== samples) {
    throw damagedTile(`RLE of ${header.getUint32(0, true)} planes instead of ${samples}`);
  }
  const planes = new Uint8Array(pixels * samples);
  for (let s = 0; s < samples; s++) {
    const start = header.getUint32(4 + 4 * s, true);
    const end = s + 1 < samples ? header.getUint32(8 + 4 * s, true) : packed.length;
    if (start < 64 || end <= start) throw damagedTile(`RLE plane from ${start} to ${end}`);
    planes.set(await unpack('packbits', packed.subarray(start, end), pixels), s * pixels);
  }
  return planes;
}

/** Y1 Y2 Cb Cr -> Y1 Cb Cr Y2 Cb Cr. Throws `format` when the frame is too short. */
function unshare(shared: Bytes, pixels: number): Bytes {
  if (shared.length < pixels * 2) throw damagedTile(`${shared.length} bytes of YBR_FULL_422`);
  const full = new Uint8Array(pixels * 3);
  for (let i = 0; i < pixels; i++) {
    const pair = (i >> 1) * 4;
    full[i * 3] = shared[pair + (i & 1)];
    full[i * 3 + 1] = shared[pair + 2];
    full[i * 3 + 2] = shared[pair + 3];
  }
  return full;
}
