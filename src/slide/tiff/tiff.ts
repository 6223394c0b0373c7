/** A slide in a TIFF or BigTIFF file, read by byte ranges from disk or server. */
import { CytolensError } from '../../core/errors.ts';
import type { ByteSource } from '../bytes.ts';
import type { TileCodec } from '../codecs/codec.ts';
import { release } from '../decode.ts';
import { checkTile } from '../deepzoom.ts';
import { describeSlide } from '../describe.ts';
import { sha256 } from '../sha256.ts';
import type { AssociatedKind, CatalogFacts, Level, Slide, SlideInfo } from '../slide.ts';
import { aperio } from './aperio.ts';
import { generic } from './generic.ts';
import { TiffFile } from './ifd.ts';
import { checkLevels, downsampleOf, type Maker } from './layout.ts';
import { leica } from './leica.ts';
import { ome } from './ome.ts';
import { philips } from './philips.ts';
import { type Picture, readPicture, TAG } from './picture.ts';
import { type TileReader, tileReader } from './tiles.ts';
import { ventana } from './ventana.ts';

/** The first that recognises the file lays it out. */
const MAKERS: readonly Maker[] = [aperio, philips, leica, ventana, ome, generic];

/** What of the coarsest level goes into a slide's identity: sizes of tiles, bytes of one tile. */
const IDENTITY_TILES = 4096;
const IDENTITY_BYTES = 256 * 1024;

/** The part of an opener's context that is used here. */
export interface TiffContext {
  name: string;
  facts: CatalogFacts;
  codec: TileCodec;
  signal?: AbortSignal;
}

/**
 * Open SVS, OME-TIFF, Philips, Leica, Ventana and plain pyramidal TIFF. Throws `format`,
 * `truncated`, `unsupported`, `too-large`, `network`, `range`, `not-found`, `cancelled`.
 */
export async function openTiff(source: ByteSource, context: TiffContext): Promise<Slide> {
  const { name, facts, codec, signal } = context;
  const { tiff, directories } = await TiffFile.open(source, signal);
  const pictures: Picture[] = [];
  for (const directory of directories) {
    if (directory.fields.has(TAG.ndpi)) throw notNdpi();
    pictures.push(await readPicture(tiff, directory, signal));
  }
  const maker = MAKERS.find((one) => one.recognises(pictures)) ?? generic;
  const { levels, associated, said } = await maker.layout(tiff, pictures, signal);
  checkLevels(levels, pictures);

  const readers = levels.map((picture) => tileReader(tiff, picture, codec));
  const [base] = levels;
  const shown = levels.map(levelOf(base));
  const kinds = Object.keys(associated) as AssociatedKind[];
  const info: SlideInfo = {
    ...describeSlide(name, said, facts),
    id: await identity(tiff, readers, signal),
    width: base.width,
    height: base.height,
    levels: shown,
    ...(kinds.length > 0 && { associated: kinds }),
  };
  return {
    info,
    async tile(level, col, row, signal) {
      checkTile(shown, level, col, row);
      return readers[level].tile(col, row, signal);
    },
    async associatedImage(kind, signal) {
      const picture = associated[kind];
      if (!picture) throw noSuchPicture(kind);
      return tileReader(tiff, picture, codec).whole(signal);
    },
    async iccProfile(signal) {
      const field = base.directory.fields.get(TAG.icc);
      return field ? tiff.bytes(field, signal) : null;
    },
    close() {},
  };
}

function levelOf(base: Picture): (picture: Picture) => Level {
  return (picture) => {
    const { width, height, tileWidth, tileHeight } = picture;
    return {
      ...{ width, height },
      downsample: downsampleOf(base, picture),
      tileWidth,
      tileHeight,
    };
  };
}

/**
 * The identity of the pixels: SHA-256 over the measures of all levels, the sizes of the encoded
 * tiles of the coarsest and the bytes of the one in its middle; that one is decoded too, so that a
 * slide without readable tiles fails here and not as an empty view. The file's name, place and
 * metadata do not count.
 */
async function identity(
  tiff: TiffFile,
  readers: TileReader[],
  signal?: AbortSignal,
): Promise<string> {
  const measures = readers.map(
    ({ picture: p }) =>
      `${p.width}x${p.height}/${p.tileWidth}x${p.tileHeight}/${p.compression}/${p.samples}x${p.bits}`,
  );
  const coarsest = readers[readers.length - 1];
  const { cols, rows, counts } = coarsest.picture;
  const sizes = await tiff.numbers(counts, 0, Math.min(counts.count, IDENTITY_TILES), signal);
  const [col, row] = [cols >> 1, rows >> 1];
  const [encoded, raster] = await Promise.all([
    coarsest.encoded(row * cols + col, signal),
    coarsest.tile(col, row, signal),
  ]);
  release(raster);
  const tile = encoded?.subarray(0, IDENTITY_BYTES);
  const head = new TextEncoder().encode(`${measures.join('\n')}\n${sizes.join(',')}\n`);
  const all = new Uint8Array(head.length + (tile?.length ?? 0));
  all.set(head);
  if (tile) all.set(tile, head.length);
  return `tiff-${sha256(all).slice(0, 32)}`;
}

function notNdpi(): CytolensError {
  return new CytolensError(
    'unsupported',
    'Hamamatsu slides (NDPI) keep each level as one huge JPEG, which is not read here yet. libvips converts them without loss of scale: vips dzsave slide.ndpi slide.szi',
    'NDPI tag 65420',
  );
}

function noSuchPicture(kind: AssociatedKind): CytolensError {
  return new CytolensError('not-found', `This slide has no ${kind} picture.`);
}
