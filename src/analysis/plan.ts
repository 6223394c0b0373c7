/**
 * Which fields to analyse. Fields are squares on a grid that starts at the slide's origin, so the
 * same tissue is always cut the same way, whatever the view was.
 */
import type { Point, Rect } from '../core/geometry.ts';
import { intersect } from '../core/geometry.ts';

export interface FieldPlace {
  col: number;
  row: number;
}

/** A field that the view only grazes is left out below this share of its area. */
const MIN_SHARE = 1 / 8;

/** Side of a field in level-0 px of a slide with this scale (um/px). */
export function fieldSideOf(fieldUm: number, mpp: number): number {
  return fieldUm / mpp;
}

/** The square of a field in level-0 px; `side` is the field's side in level-0 px. */
export function fieldRect(place: FieldPlace, side: number): Rect {
  return { x: place.col * side, y: place.row * side, w: side, h: side };
}

/** One number a grid place; rows and columns stay below 2^24 on any slide. */
export function placeKey(col: number, row: number): number {
  return row * 0x1000000 + col;
}

/**
 * Fields of side `side` (level-0 px) that meet `region` by at least an eighth of their area, in
 * the order in which they are analysed: outward from the region's centre.
 */
export function planFields(
  region: Rect,
  side: number,
  slide: { width: number; height: number },
): FieldPlace[] {
  const inside = intersect(region, { x: 0, y: 0, w: slide.width, h: slide.height });
  if (!inside) return [];
  const places: FieldPlace[] = [];
  const lastCol = Math.ceil((inside.x + inside.w) / side) - 1;
  const lastRow = Math.ceil((inside.y + inside.h) / side) - 1;
  for (let row = Math.floor(inside.y / side); row <= lastRow; row++) {
    for (let col = Math.floor(inside.x / side); col <= lastCol; col++) {
      const shared = intersect(fieldRect({ col, row }, side), inside);
      if (shared && shared.w * shared.h >= MIN_SHARE * side * side) places.push({ col, row });
    }
  }
  // A view inside a single field, or on the corner of four, still asks for an answer.
  if (places.length === 0) {
    const centre = { x: inside.x + inside.w / 2, y: inside.y + inside.h / 2 };
    places.push({ col: Math.floor(centre.x / side), row: Math.floor(centre.y / side) });
  }
  return outward(places, inside, side);
}

/** Sort places by how far their fields (side `side`) lie from the centre of `view`; in place. */
export function outward(places: FieldPlace[], view: Rect, side: number): FieldPlace[] {
  const centre: Point = {
    x: (view.x + view.w / 2) / side - 0.5,
    y: (view.y + view.h / 2) / side - 0.5,
  };
  const distance = (p: FieldPlace) => (p.col - centre.x) ** 2 + (p.row - centre.y) ** 2;
  return places.sort((a, b) => distance(a) - distance(b) || a.row - b.row || a.col - b.col);
}
