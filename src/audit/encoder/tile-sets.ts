/** Sets of tiles from a folder of files, or from places of slides. */
import { CytolensError } from '../../core/errors.ts';
import type { Point, Rect } from '../../core/geometry.ts';
import { type Decoder, decodePicture, defaultDecoder, toOpaqueBytes } from '../../slide/decode.ts';
import { openSlide } from '../../slide/formats.ts';
import type { LocalFile, Slide, SlideSource } from '../../slide/slide.ts';
import type { SampleLabels } from '../samples.ts';
import { confounding, rowsOfNames, type TileRow, tileRows } from './tile-table.ts';
import { type AuditTile, pictureSlide, type TileSet } from './tiles.ts';

/** A labelled field of a slide: the number of the slide, and its middle in level-0 px. */
export interface LabelledPlace {
  slide: number;
  middle: Point;
  labels: SampleLabels;
}

export interface PlacedSlide {
  source: SlideSource;
  name: string;
  /** um per level-0 px. */
  mpp: number;
}

/** How files are decoded and slides opened; in Node a decoder must be given. */
export interface TileReading {
  decode?: Decoder;
  signal?: AbortSignal;
}

/** Most slides kept open at a time. */
const OPEN = 4;
const PICTURE = /\.(jpe?g|png|webp|bmp)$/i;
const TABLE = /\.(csv|tsv|txt)$/i;

/**
 * The tiles of a folder. With a table (CSV, TSV), its rows, that name pictures or slides of the
 * folder; without one, pictures whose names tell. `fieldUm`: side of an encoder's field, um; larger
 * rectangles are cut into fields. Throws `format` in a sentence.
 */
export async function folderTiles(
  files: readonly LocalFile[],
  name: string,
  fieldUm: number,
  reading: TileReading = {},
): Promise<TileSet> {
  const tables = files.filter(({ path }) => TABLE.test(path));
  if (tables.length > 1) {
    throw malformed(
      `There are ${tables.length} tables beside the pictures. Leave the one that labels them.`,
    );
  }
  const pictures = files.filter(({ path }) => PICTURE.test(path));
  const rows = tables[0]
    ? tileRows(await tables[0].file.text())
    : // In one order wherever the files come from: batches are drawn by place.
      rowsOfNames(pictures.map(({ path }) => path.split('/').at(-1) ?? path).sort());
  if (rows.length === 0) {
    throw malformed(
      'No tile has labels. Put a table (CSV: file, biology, centre, group) beside the pictures, or name them <organ>-...-<scanner>_<column>_<row>.jpg.',
    );
  }
  const slides = new OpenSlides(reading);
  const notes = tables[0]
    ? []
    : [
        'Labels are read from file names: the first word is the biology, the last the scanner (centre), the slide the group.',
      ];
  if (rows.some(({ mpp, rect }) => mpp === null && rect === null)) {
    notes.push(
      "The set does not say its scale for every picture: these are taken to be at the encoder's own, and those smaller than its field are enlarged.",
    );
  }
  try {
    const tiles: AuditTile[] = [];
    for (const row of rows) tiles.push(...(await tilesOf(row, files, fieldUm, slides, reading)));
    return setOf(tiles, name, notes, slides);
  } catch (error) {
    slides.close();
    throw error;
  }
}

/** The tiles at labelled places of slides. */
export function placedTiles(
  slides: readonly PlacedSlide[],
  places: readonly LabelledPlace[],
  name: string,
  reading: TileReading = {},
): TileSet {
  const open = new OpenSlides(reading);
  const tiles = places.map(({ slide, middle, labels }, i): AuditTile => {
    const { source, mpp, name: of } = slides[slide];
    return {
      name: `${of}, field ${i + 1}`,
      labels,
      open: () => open.get(`${slide}`, source),
      middle,
      mpp,
    };
  });
  return setOf(tiles, name, [], open);
}

/** Middles of the squares of `side` that fit into a rectangle, at least one; level-0 px. */
export function middlesIn({ x, y, w, h }: Rect, side: number): Point[] {
  const [columns, rows] = [w, h].map((length) => Math.max(1, Math.floor(length / side + 1e-9)));
  const at = (i: number, count: number) => (i - (count - 1) / 2) * side;
  return Array.from({ length: columns * rows }, (_, i) => ({
    x: x + w / 2 + at(i % columns, columns),
    y: y + h / 2 + at(Math.floor(i / columns), rows),
  }));
}

async function tilesOf(
  { file, labels, rect, mpp }: TileRow,
  files: readonly LocalFile[],
  fieldUm: number,
  slides: OpenSlides,
  { decode = defaultDecoder() }: TileReading,
): Promise<AuditTile[]> {
  const found = files.find(({ path }) => path === file || path.endsWith(`/${file}`));
  if (!found) throw malformed(`The table names ${file}, which is not in the folder.`);
  if (!rect) {
    const open = async () => {
      const bytes = new Uint8Array(await found.file.arrayBuffer());
      return pictureSlide(file, toOpaqueBytes(await decodePicture(decode, bytes, file)));
    };
    return [{ name: file, labels, open, middle: null, mpp }];
  }
  const open = () => slides.get(file, { kind: 'file', file: found.file });
  const scale = mpp ?? (await open()).info.mpp;
  if (scale === null) {
    throw malformed(
      `The slide ${file} does not say its scale. Add a column mpp (um per px) to the table.`,
    );
  }
  return middlesIn(rect, fieldUm / scale).map((middle, i) => ({
    name: `${file}, ${i + 1}`,
    ...{ labels, open, middle, mpp: scale },
  }));
}

function setOf(tiles: AuditTile[], name: string, notes: string[], slides: OpenSlides): TileSet {
  const labels = tiles.map((tile) => tile.labels);
  const said = [unnamed(labels), confounding(labels)].filter((note) => note !== null);
  return { tiles, name, notes: [...notes, ...said], close: () => slides.close() };
}

/** What is said of tiles whose scanner is called unknown; null without any. */
function unnamed(labels: readonly SampleLabels[]): string | null {
  const tiles = labels.filter(({ centre }) => centre.toLowerCase() === 'unknown').length;
  if (tiles === 0) return null;
  return `Tiles of the centre “unknown”: ${tiles.toLocaleString('en')}. Together they count as a centre of their own, which they may not be.`;
}

/** Slides opened on demand, the last few of them kept. */
class OpenSlides {
  private readonly kept = new Map<string, Promise<Slide>>();

  constructor(private readonly reading: TileReading) {}

  get(key: string, source: SlideSource): Promise<Slide> {
    const slide = this.kept.get(key) ?? openSlide(source, this.reading);
    this.kept.delete(key);
    this.kept.set(key, slide);
    for (const [old, other] of this.kept) {
      if (this.kept.size <= OPEN) break;
      this.kept.delete(old);
      closeLater(other);
    }
    return slide;
  }

  close(): void {
    for (const slide of this.kept.values()) closeLater(slide);
    this.kept.clear();
  }
}

function closeLater(slide: Promise<Slide>): void {
  void slide.then((opened) => opened.close()).catch(() => undefined);
}

function malformed(sentence: string): CytolensError {
  return new CytolensError('format', sentence);
}
