/** One picture of a TIFF: what its directory says, checked before anything is read by it. */
import { checkTileSize } from '../codecs/codec.ts';
import { MAX_SIDE } from '../deepzoom.ts';
import { type Directory, damaged, type Field, type TiffFile } from './ifd.ts';

export const TAG = {
  subfileType: 254,
  width: 256,
  height: 257,
  bits: 258,
  compression: 259,
  photometric: 262,
  description: 270,
  stripOffsets: 273,
  samples: 277,
  rowsPerStrip: 278,
  stripCounts: 279,
  xResolution: 282,
  yResolution: 283,
  planar: 284,
  resolutionUnit: 296,
  software: 305,
  predictor: 317,
  palette: 320,
  tileWidth: 322,
  tileHeight: 323,
  tileOffsets: 324,
  tileCounts: 325,
  subIfds: 330,
  sampleFormat: 339,
  jpegTables: 347,
  xmp: 700,
  icc: 34675,
  ndpi: 65420,
} as const;

export interface Picture {
  directory: Directory;
  /** Px that are shown; a format that pads its levels makes them less than what is stored. */
  width: number;
  height: number;
  tiled: boolean;
  /** Of a stripped picture: its width and the rows of a strip. */
  tileWidth: number;
  tileHeight: number;
  /** Tiles across and down as stored. */
  cols: number;
  rows: number;
  compression: number;
  photometric: number;
  samples: number;
  bits: number;
  floating: boolean;
  /** Each sample in tiles of its own. */
  planar: boolean;
  predictor: number;
  offsets: Field;
  counts: Field;
  description: string;
  software: string;
}

/** Throws `format` for a directory that contradicts itself, `too-large` for impossible tiles. */
export async function readPicture(
  tiff: TiffFile,
  directory: Directory,
  signal?: AbortSignal,
): Promise<Picture> {
  const { fields } = directory;
  const one = async (tag: number, otherwise: number) => {
    const field = fields.get(tag);
    return field && field.count > 0 ? (await tiff.numbers(field, 0, 1, signal))[0] : otherwise;
  };
  const width = side(await one(TAG.width, 0), 'width');
  const height = side(await one(TAG.height, 0), 'height');
  const tiled = fields.has(TAG.tileOffsets);
  const tileWidth = tiled ? side(await one(TAG.tileWidth, 0), 'tile width') : width;
  const tileHeight = tiled
    ? side(await one(TAG.tileHeight, 0), 'tile height')
    : Math.min(height, side(await one(TAG.rowsPerStrip, height), 'rows of a strip', 2 ** 32));
  if (tiled) checkTileSize({ width: tileWidth, height: tileHeight });

  const samples = await one(TAG.samples, 1);
  const planar = (await one(TAG.planar, 1)) === 2 && samples > 1;
  const cols = Math.ceil(width / tileWidth);
  const rows = Math.ceil(height / tileHeight);
  const offsets = fields.get(tiled ? TAG.tileOffsets : TAG.stripOffsets);
  const counts = fields.get(tiled ? TAG.tileCounts : TAG.stripCounts);
  const tiles = cols * rows * (planar ? samples : 1);
  if (!offsets || !counts || Math.min(offsets.count, counts.count) < tiles) {
    throw damaged(`${tiles} tiles, of which ${offsets?.count ?? 0} have a place`);
  }
  if (!tiff.fits(offsets) || !tiff.fits(counts)) throw damaged('places of tiles beyond the file');

  return {
    directory,
    ...{ width, height, tiled, tileWidth, tileHeight, cols, rows },
    compression: await one(TAG.compression, 1),
    photometric: await one(TAG.photometric, samples >= 3 ? 2 : 1),
    samples,
    bits: await one(TAG.bits, 1),
    floating: (await one(TAG.sampleFormat, 1)) === 3,
    planar,
    predictor: await one(TAG.predictor, 1),
    offsets,
    counts,
    description: await tiff.text(fields.get(TAG.description), signal),
    software: await tiff.text(fields.get(TAG.software), signal),
  };
}

/** Pictures of the directories that `picture` refers to as its smaller copies. */
export async function subPictures(
  tiff: TiffFile,
  picture: Picture,
  signal?: AbortSignal,
): Promise<Picture[]> {
  const field = picture.directory.fields.get(TAG.subIfds);
  if (!field) return [];
  if (field.count > 64) throw damaged(`${field.count} sub-directories`);
  const pictures: Picture[] = [];
  for (const at of await tiff.numbers(field, 0, field.count, signal)) {
    const { directory } = await tiff.directory(at, signal);
    pictures.push(await readPicture(tiff, directory, signal));
  }
  return pictures;
}

/** um/px by the resolution tags, x and y; null when they have no unit of length. */
export async function resolution(
  tiff: TiffFile,
  { directory: { fields } }: Picture,
  signal?: AbortSignal,
): Promise<{ x: number; y: number } | null> {
  const [x, y, unit] = [TAG.xResolution, TAG.yResolution, TAG.resolutionUnit].map((tag) =>
    fields.get(tag),
  );
  if (!x?.count || !y?.count || !unit?.count) return null;
  // Pixels per inch (2) or per centimetre (3), in um.
  const length = { 2: 25_400, 3: 10_000 }[(await tiff.numbers(unit, 0, 1, signal))[0]];
  if (!length) return null;
  const [perX] = await tiff.numbers(x, 0, 1, signal);
  const [perY] = await tiff.numbers(y, 0, 1, signal);
  return { x: length / perX, y: length / perY };
}

function side(value: number, what: string, most = MAX_SIDE): number {
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw damaged(`${what} of ${value}`);
}
