/** The analysed field at a place, and the pixels around it as the encoder sees them. */
import { fieldGeometry } from '../../analysis/field.ts';
import type { Ledger, LedgerField } from '../../analysis/ledger.ts';
import { fieldRect } from '../../analysis/plan.ts';
import { grow, type Point, type Rect } from '../../core/geometry.ts';
import type { Kit } from '../../model/kit.ts';
import { cropShrink } from '../../model/tensor.ts';
import { readRegion } from '../../slide/region.ts';
import type { Slide } from '../../slide/slide.ts';
import type { StressCells } from './stress.ts';
import { type FieldView, fieldView } from './variants.ts';

/** The analysed field nearest to a place (level-0 px); `side` of a field in level-0 px. */
export function nearestField({ fields }: Ledger, side: number, { x, y }: Point): LedgerField {
  const far = ({ place }: LedgerField) =>
    ((place.col + 0.5) * side - x) ** 2 + ((place.row + 0.5) * side - y) ** 2;
  return fields.reduce((best, field) => (far(field) < far(best) ? field : best));
}

/**
 * A field and half its side around it. Read at the segmenter's scale and shrunk as the analysis does:
 * the field as it is then holds the very pixels that were analysed.
 */
export async function readFieldView(
  slide: Slide,
  rect: Rect,
  kit: Kit,
  signal?: AbortSignal,
): Promise<FieldView> {
  const { shrink } = fieldGeometry(kit);
  const px = 2 * kit.encoder.manifest.input.px * shrink;
  const pixels = await readRegion(slide, grow(rect, rect.w / 2), px, px, signal);
  return fieldView(cropShrink(pixels, 0, shrink));
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
