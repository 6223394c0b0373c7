/** The analysed field at a place, and the pixels around it as the encoder sees them. */
import { fieldGeometry } from '../../analysis/field.ts';
import type { Ledger, LedgerField } from '../../analysis/ledger.ts';
import { fieldRect } from '../../analysis/plan.ts';
import { grow, type Point, type Rect } from '../../core/geometry.ts';
import type { Kit } from '../../model/kit.ts';
import { cropShrink } from '../../model/tensor.ts';
import { readRegion } from '../../slide/region.ts';
import type { RgbaImage, Slide } from '../../slide/slide.ts';
import type { StressCells } from './stress.ts';
import { type FieldView, fieldView } from './variants.ts';

/** The analysed field nearest to a place (level-0 px); `side` of a field in level-0 px. */
export function nearestField({ fields }: Ledger, side: number, { x, y }: Point): LedgerField {
  const far = ({ place }: LedgerField) =>
    ((place.col + 0.5) * side - x) ** 2 + ((place.row + 0.5) * side - y) ** 2;
  return fields.reduce((best, field) => (far(field) < far(best) ? field : best));
}

/**
 * A square of the slide as the encoder reads it, `times` its input's side in px. Read at the segmenter's
 * scale and shrunk as the analysis does: a field is then the very pixels that were analysed.
 */
export async function readFieldPixels(
  slide: Slide,
  rect: Rect,
  kit: Kit,
  times = 1,
  signal?: AbortSignal,
): Promise<RgbaImage> {
  const { shrink } = fieldGeometry(kit);
  const px = times * kit.encoder.manifest.input.px * shrink;
  return cropShrink(await readRegion(slide, rect, px, px, signal), 0, shrink);
}

/** A field and half its side around it. */
export async function readFieldView(
  slide: Slide,
  rect: Rect,
  kit: Kit,
  signal?: AbortSignal,
): Promise<FieldView> {
  return fieldView(await readFieldPixels(slide, grow(rect, rect.w / 2), kit, 2, signal));
}

/** The cells of a field, and where they lie in its picture of `px` px. */
export function cellsOfField(
  ledger: Ledger,
  field: LedgerField,
  rect: Rect,
  px: number,
): StressCells {
  const scale = px / rect.w;
  return {
    table: ledger.cells,
    rows: field.cells,
    place: (x, y) => ({ x: (x - rect.x) * scale, y: (y - rect.y) * scale }),
  };
}

/** The square of a field, level-0 px. */
export function rectOf(field: LedgerField, side: number): Rect {
  return fieldRect(field.place, side);
}
