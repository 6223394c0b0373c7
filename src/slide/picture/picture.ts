/** A plain JPEG, PNG or WebP picture as a small slide, from disk or by address. */
import { CytolensError } from '../../core/errors.ts';
import { type ByteSource, blobSource, fetchWhole } from '../bytes.ts';
import { type Decoder, release } from '../decode.ts';
import { checkTile } from '../deepzoom.ts';
import { describeSlide } from '../describe.ts';
import { sha256 } from '../sha256.ts';
import type { CatalogFacts, Slide } from '../slide.ts';
import { seemsToBe } from '../sniff.ts';
import { Bands, levelsOf } from './bands.ts';
import { HEAD_LENGTH, type PictureHeader, readHeader } from './header.ts';

/** Longest side, and pixels in all (1 GB when decoded), px. */
const MAX_SIDE = 20_000;
const MAX_PIXELS = 2 ** 28;
/** A picture file larger than this is not one within these sizes. */
const FILE_LIMIT = 1024 * 1024 * 1024;
const SAMPLE = 64 * 1024;

/** By address; the file is fetched whole. Throws `network`, `not-found`, and as `openPicture`. */
export async function openPictureUrl(
  url: string,
  name: string,
  facts: CatalogFacts,
  decode: Decoder,
  signal?: AbortSignal,
): Promise<Slide> {
  const { bytes } = await fetchWhole(url, FILE_LIMIT, signal);
  // A Blob may lie on disk: the encoded bytes are needed again whenever a part is decoded.
  return openPicture(blobSource(new Blob([bytes])), name, facts, decode, signal);
}

/**
 * From a file. Nothing that such a file says of its resolution can be trusted (72 dpi is the usual
 * nonsense), so mpp is null and the user is asked.
 * Throws `format`, `too-large`, `truncated`, `network`, `cancelled`.
 */
export async function openPicture(
  source: ByteSource,
  name: string,
  facts: CatalogFacts,
  decode: Decoder,
  signal?: AbortSignal,
): Promise<Slide> {
  const head = await source.read(0, Math.min(HEAD_LENGTH, source.size), signal);
  const header = readHeader(head);
  if (!header) throw noPicture(seemsToBe(head), head.length);
  if (source.size > FILE_LIMIT) throw tooLarge(header);
  checkSize(header);

  const whole = async () => {
    const bytes = await source.read(0, source.size);
    try {
      return await decode(bytes);
    } catch (error) {
      throw new CytolensError(
        'format',
        `This ${header.kind} picture cannot be decoded: it is damaged or was not copied completely, or this browser cannot hold ${header.width} x ${header.height} px. Copy it again, or turn it into a slide: vips dzsave picture slide.szi`,
        error instanceof Error ? error.message : String(error),
      );
    }
  };
  const first = await whole();
  // A turned photograph is decoded upright: its own size counts, not that of the header.
  const { width, height } = first;
  const levels = levelsOf(width, height);
  const bands = new Bands(levels, whole);
  try {
    await bands.fill(first);
  } finally {
    release(first);
  }
  const { icc } = header;
  return {
    info: {
      ...describeSlide(name, {}, facts),
      id: await identity(source, signal),
      width,
      height,
      levels,
    },
    async tile(level, col, row, signal) {
      checkTile(levels, level, col, row);
      return bands.tile(level, col, row, signal);
    },
    iccProfile: async () => icc,
    close: () => bands.close(),
  };
}

function checkSize(header: PictureHeader): void {
  const { width, height } = header;
  if (width > MAX_SIDE || height > MAX_SIDE || width * height > MAX_PIXELS) throw tooLarge(header);
}

function tooLarge({ kind, width, height }: PictureHeader): CytolensError {
  return new CytolensError(
    'too-large',
    `This ${kind} picture of ${width} x ${height} px is too large to be decoded in a browser: it can be ${MAX_SIDE.toLocaleString('en')} px a side and ${Math.floor(MAX_PIXELS / 1e6)} million px in all. Turn it into a slide: vips dzsave picture slide.szi`,
  );
}

function noPicture(what: string, length: number): CytolensError {
  return new CytolensError(
    'format',
    `This is not a JPEG, PNG or WebP picture that can be read: its content seems to be ${what}, without a size. Check that you picked the right file.`,
    `${length} bytes of head`,
  );
}

/** Over the file's length, its first and its last bytes. */
async function identity(source: ByteSource, signal?: AbortSignal): Promise<string> {
  const length = Math.min(SAMPLE, source.size);
  const head = await source.read(0, length, signal);
  const tail = await source.read(source.size - length, length, signal);
  const text = `${source.size} ${sha256(head)} ${sha256(tail)}`;
  return `picture-${sha256(new TextEncoder().encode(text)).slice(0, 32)}`;
}
