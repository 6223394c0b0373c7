/**
 * The same tissue seen in other ways: turned, and in fields of other sizes. Every view of a batch of
 * tiles is compared with the plain one by what lies near to what (methods sheet, section 3).
 */
import type { RgbaImage } from '../../slide/slide.ts';
import { fieldView, variantsOf } from '../stress/variants.ts';
import { type OpenTile, readTile } from './tiles.ts';

/** Angles that are looked at, degrees: 24 with 0, which is the field as it is. */
export const ANGLES = Array.from({ length: 23 }, (_, i) => 15 * (i + 1));

/** A square turned by any angle stays inside of one that is this many times larger. */
const DIAGONAL = Math.SQRT2;
/** Cubic interpolation reads two px beyond a place. */
const RIM = 2;

/** One picture of `px` x `px` in every angle of `ANGLES`, with those it is to be compared with. */
export interface Turned {
  /** The whole field, for quarter turns, which move pixels exactly. */
  plain: RgbaImage;
  /** What stays inside the tile at every angle: less than the field where no tissue is known around it. */
  middle: RgbaImage;
  angles: { angle: number; picture: RgbaImage }[];
}

/**
 * A tile turned: read at twice its size, turned by cubic interpolation, its middle cut out. Without
 * tissue around it, angles between quarter turns show only the middle that is seen at every angle,
 * enlarged to the input (see `shareInside`). Throws what slides throw.
 */
export async function turnedTile(
  tile: OpenTile,
  px: number,
  signal?: AbortSignal,
): Promise<Turned> {
  const share = shareInside(tile, px);
  const whole = fieldView(await readTile(tile, 2, 2 * px, signal));
  const inside = share < 1 ? fieldView(await readTile(tile, 2 * share, 2 * px, signal)) : whole;
  const rotations = variantsOf(px).filter(({ family }) => family === 'rotation');
  const angles: Turned['angles'] = [];
  for (const { angle, picture } of rotations) {
    if (!angle) continue;
    const made = await picture(angle % 90 === 0 ? whole : inside, async () => null);
    if (made) angles.push({ angle, picture: made });
  }
  return { plain: whole.field, middle: inside.field, angles };
}

/** The share of the field's side that stays inside the tile at every angle; 1 with tissue around it. */
export function shareInside({ room }: Pick<OpenTile, 'room'>, px: number): number {
  return Math.min(1, (room - (2 * RIM) / px) / DIAGONAL);
}

/** Tissue and detail of one view of the field-size ablation. */
export interface SizeView {
  id: string;
  /** Side of the tissue that is seen, as a share of the field's. */
  share: number;
  /** um per px of what the encoder is given, as a factor of its own. */
  coarser: number;
  /** Whether the tile must have tissue around it. */
  wants: number;
  pictures(tile: OpenTile, px: number, signal?: AbortSignal): Promise<RgbaImage[]>;
}

/**
 * The field in other sizes. At fixed scale: its middle half alone, continued by its own mirror image
 * since the input's size is fixed; and four fields side by side, embeddings averaged. At fixed
 * context: all of its tissue at half the detail. And both at once: twice the tissue, half the detail.
 */
export const SIZES: readonly SizeView[] = [
  {
    ...{ id: 'half-scale', share: 0.5, coarser: 1, wants: 1 },
    pictures: async (tile, px, signal) => [mirrored(await readTile(tile, 0.5, px >> 1, signal))],
  },
  {
    ...{ id: 'half-detail', share: 1, coarser: 2, wants: 1 },
    pictures: async (tile, px, signal) => [doubled(await readTile(tile, 1, px >> 1, signal))],
  },
  {
    ...{ id: 'double-scale', share: 2, coarser: 1, wants: 2 },
    pictures: (tile, px, signal) =>
      Promise.all(
        [-0.5, 0.5].flatMap((y) => [-0.5, 0.5].map((x) => readTile(tile, 1, px, signal, { x, y }))),
      ),
  },
  {
    ...{ id: 'double-context', share: 2, coarser: 2, wants: 2 },
    pictures: async (tile, px, signal) => [await readTile(tile, 2, px, signal)],
  },
];

/** Twice the size, the picture in the middle and its mirror image around it. */
export function mirrored({ width, data }: RgbaImage): RgbaImage {
  return mapped(
    2 * width,
    (i) => {
      const at = i - (width >> 1);
      if (at < 0) return -1 - at;
      return at < width ? at : 2 * width - 1 - at;
    },
    width,
    data,
  );
}

/** Twice the size, every pixel four times. */
export function doubled({ width, data }: RgbaImage): RgbaImage {
  return mapped(2 * width, (i) => i >> 1, width, data);
}

function mapped(
  size: number,
  from: (i: number) => number,
  width: number,
  data: RgbaImage['data'],
): RgbaImage {
  const source = new Uint32Array(data.buffer, data.byteOffset, width * width);
  const out = new Uint32Array(size * size);
  for (let row = 0, at = 0; row < size; row++) {
    const line = from(row) * width;
    for (let column = 0; column < size; column++) out[at++] = source[line + from(column)];
  }
  return { width: size, height: size, data: new Uint8ClampedArray(out.buffer) };
}
