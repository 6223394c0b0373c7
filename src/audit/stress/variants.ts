/**
 * The ways in which the same tissue could have looked: turned, mirrored, stained, scanned, out of
 * focus, compressed, lit, at another scale, a little beside. Each is told apart by its family.
 */
import { type Affine, compose, IDENTITY, invert } from '../../core/affine.ts';
import type { RgbaImage } from '../../slide/slide.ts';
import { restain, stainLook } from '../../slide/stain.ts';
import { blur, brighten, scaleStains } from './pixels.ts';
import { resample } from './resample.ts';
import { SCANNERS, shiftedLook } from './scanners.ts';

export type Family =
  | 'rotation'
  | 'mirror'
  | 'stain'
  | 'scanner'
  | 'focus'
  | 'compression'
  | 'light'
  | 'scale'
  | 'position'
  | 'pattern'
  | 'noise';

/** Writes a picture as JPEG and reads it back; null where the platform cannot. */
export type Jpeg = (image: RgbaImage, quality: number) => Promise<RgbaImage | null>;

export interface Variant {
  id: string;
  family: Family;
  label: string;
  /** Degrees, for rotations. */
  angle?: number;
  /** Where a place of the field, in field px, lies in the variant's picture. */
  place: Affine;
  /** The variant's picture; null where it cannot be made of this tissue or on this platform. */
  picture(view: FieldView, jpeg: Jpeg): Promise<RgbaImage | null> | RgbaImage | null;
}

/** The pixels around a field at the encoder's scale: the field is the middle half of `window`. */
export interface FieldView {
  /** Side of the field, px. */
  px: number;
  /** 2 px x 2 px. */
  window: RgbaImage;
  /** The field alone. */
  field: RgbaImage;
}

/** Of a window of 2 px x 2 px around a field. */
export function fieldView(window: RgbaImage): FieldView {
  const px = window.width / 2;
  return { px, window, field: resample(window, px, { ...IDENTITY, e: px / 2, f: px / 2 }) };
}

const ANGLES = Array.from({ length: 24 }, (_, i) => 15 * i);

/** Every variant of a field of `px` px; the first is the field as it is. */
export function variantsOf(px: number): Variant[] {
  return [
    ...ANGLES.map((angle) =>
      moved('rotation', `rotation-${angle}`, `${angle}°`, turn(px, angle), { angle }),
    ),
    moved('mirror', 'mirror-x', 'left to right', { ...IDENTITY, a: -1, e: px }),
    moved('mirror', 'mirror-y', 'top to bottom', { ...IDENTITY, d: -1, f: px }),
    ...stains(),
    ...SCANNERS.map((shift): Variant => {
      const picture = ({ field }: FieldView) => {
        const own = stainLook(field);
        return own && restain(field, own, shiftedLook(own, shift));
      };
      return { ...still('scanner', shift.name, `as on ${shift.name}`), picture };
    }),
    ...[0.5, 1, 2].map((sigma) =>
      onField('focus', `${sigma}`, `blurred by ${sigma} px`, (image) => blur(image, sigma)),
    ),
    ...[90, 70, 50, 30].map(
      (quality): Variant => ({
        ...still('compression', `${quality}`, `JPEG quality ${quality}`),
        picture: ({ field }, jpeg) => jpeg(field, quality / 100),
      }),
    ),
    ...[0.8, 0.9, 1.1, 1.2].map((factor) =>
      onField('light', `${factor}`, `${percent(factor)} brightness`, (i) => brighten(i, factor)),
    ),
    ...[0.9, 0.95, 1.05, 1.1].map((factor) =>
      moved(
        'scale',
        `scale-${factor}`,
        `${percent(factor)} size`,
        about(px, { a: factor, d: factor }),
      ),
    ),
    ...[
      [4, 0],
      [0, 4],
      [8, 8],
      [-8, 8],
    ].map(([x, y]) =>
      moved('position', `position-${x},${y}`, `moved by ${x}, ${y} px`, {
        ...IDENTITY,
        e: x,
        f: y,
      }),
    ),
  ];
}

function stains(): Variant[] {
  const row = (h: number, e: number, label: string) =>
    onField('stain', `${h}-${e}`, label, (image) => scaleStains(image, h, e));
  return [
    row(1.25, 1, '+25 % haematoxylin'),
    row(0.75, 1, '−25 % haematoxylin'),
    row(1, 1.25, '+25 % eosin'),
    row(1, 0.75, '−25 % eosin'),
    row(1.25, 0.75, '+25 % haematoxylin, −25 % eosin'),
    row(0.75, 1.25, '−25 % haematoxylin, +25 % eosin'),
  ];
}

function still(family: Family, id: string, label: string): Omit<Variant, 'picture'> {
  return { id: `${family}-${id}`, family, label, place: IDENTITY };
}

function onField(
  family: Family,
  id: string,
  label: string,
  change: (field: RgbaImage) => RgbaImage,
): Variant {
  return { ...still(family, id, label), picture: ({ field }) => change(field) };
}

/** `place`: field px to variant px. */
function moved(
  family: Family,
  id: string,
  label: string,
  place: Affine,
  more: { angle?: number } = {},
): Variant {
  return {
    id,
    family,
    label,
    place,
    ...more,
    picture({ window, px }) {
      const inWindow = { ...IDENTITY, e: px / 2, f: px / 2 };
      return resample(window, px, compose(inWindow, invert(place)));
    },
  };
}

function turn(px: number, degrees: number): Affine {
  const angle = (degrees * Math.PI) / 180;
  // Quarter turns exactly, or they would blend pixels.
  const round = (value: number) => (degrees % 90 === 0 ? Math.round(value) : value);
  const [cos, sin] = [round(Math.cos(angle)), round(Math.sin(angle))];
  return about(px, { a: cos, b: sin, c: -sin, d: cos });
}

/** A linear map around the middle of the field. */
function about(px: number, linear: Partial<Affine>): Affine {
  const { a, b, c, d } = { ...IDENTITY, ...linear };
  const half = px / 2;
  return { a, b, c, d, e: half - a * half - c * half, f: half - b * half - d * half };
}

function percent(factor: number): string {
  const change = Math.round(100 * (factor - 1));
  return `${change > 0 ? '+' : '−'}${Math.abs(change)} %`;
}
