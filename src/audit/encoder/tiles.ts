/**
 * The tiles an encoder is audited on: labelled pictures, or labelled places of slides. A picture is a
 * slide of one tile, so that both are read by the same exact reader at any size around their middle.
 */
import { CytolensError } from '../../core/errors.ts';
import type { Point } from '../../core/geometry.ts';
import { readRegion } from '../../slide/region.ts';
import type { RgbaImage, Slide } from '../../slide/slide.ts';
import type { SampleLabels } from '../samples.ts';
import type { EncoderFacts } from './embedder.ts';

export interface AuditTile {
  name: string;
  labels: SampleLabels;
  /** The slide it lies in; whoever gives slides keeps those open that are asked for again. */
  open(signal?: AbortSignal): Promise<Slide>;
  /** Middle of the tile, level-0 px; null: of the whole picture. */
  middle: Point | null;
  /** um per level-0 px; null where nothing says: taken to be the encoder's own. */
  mpp: number | null;
}

export interface TileSet {
  tiles: AuditTile[];
  /** How it is called in reports, and sentences that its reader must know. */
  name: string;
  notes: string[];
  close(): void;
}

/** A tile opened for one encoder. */
export interface OpenTile {
  slide: Slide;
  middle: Point;
  /** Side of the encoder's field on it, level-0 px. */
  side: number;
  /** How many times that side the tissue around its middle can be read, at least 1. */
  room: number;
}

/** Throws what slides throw, `format` for a picture without pixels. */
export async function openTile(
  tile: AuditTile,
  { px, mpp }: Pick<EncoderFacts, 'px' | 'mpp'>,
  signal?: AbortSignal,
): Promise<OpenTile> {
  const slide = await tile.open(signal);
  const { width, height } = slide.info;
  const middle = tile.middle ?? { x: width / 2, y: height / 2 };
  const reach = 2 * Math.min(middle.x, middle.y, width - middle.x, height - middle.y);
  const wanted = (px * mpp) / (tile.mpp ?? mpp);
  // A picture smaller than the field is the field: it is enlarged, and the set's notes say so.
  const side = tile.middle ? wanted : Math.min(wanted, reach);
  if (!(side > 0)) {
    throw new CytolensError(
      'format',
      `The tile ${tile.name} has no pixels, or lies beside its slide.`,
    );
  }
  return { slide, middle, side, room: Math.max(1, reach / side) };
}

/** The square of `share` times the field's side around its middle, as `px` x `px`. */
export function readTile(
  { slide, middle, side }: OpenTile,
  share: number,
  px: number,
  signal?: AbortSignal,
  at: Point = { x: 0, y: 0 },
): Promise<RgbaImage> {
  const w = share * side;
  const [x, y] = [middle.x + at.x * side - w / 2, middle.y + at.y * side - w / 2];
  return readRegion(slide, { x, y, w, h: w }, px, px, signal);
}

/** A picture as a slide of one tile. */
export function pictureSlide(name: string, image: RgbaImage): Slide {
  const { width, height } = image;
  return {
    info: {
      ...{ id: name, name, width, height, mpp: null, objective: null, stain: null },
      ...{ scanner: null, source: null, licence: null },
      levels: [{ width, height, downsample: 1, tileWidth: width, tileHeight: height }],
    },
    tile: async () => image,
    close: () => undefined,
  };
}
