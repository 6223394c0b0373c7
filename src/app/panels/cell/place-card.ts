/** Where the card of a cell stands: beside its cell, over none of the boxes at the slide's edges. */
import { intersect, type Point, type Rect } from '../../../core/geometry.ts';

/** CSS px: between cell and card, and to the view's edges and the other boxes. */
const GAP = 24;
const MARGIN = 16;
const APART = 8;

export interface CardPlace {
  left: number;
  top: number;
  /** What there is room for; a taller card scrolls. */
  maxHeight: number;
}

/**
 * The place of a card of `size` beside `cell` in a view, clear of `boxes` at its upper and lower
 * edge. All CSS px of the view. Right of the cell where it fits there, else left; but on the other
 * side where only that has the height.
 */
export function placeCard(
  cell: Point,
  size: { width: number; height: number },
  view: { width: number; height: number },
  boxes: readonly Rect[],
): CardPlace {
  const most = view.width - size.width - MARGIN;
  const right = cell.x + GAP;
  const left = cell.x - GAP - size.width;
  const fitting = [right, left].filter((at) => at >= MARGIN && at <= most);
  const sides = (fitting.length > 0 ? fitting : [clamp(right, MARGIN, most)]).map((at) => ({
    at,
    ...freeBand(at, size.width, view, boxes),
  }));
  const enough = sides.find(({ top, bottom }) => bottom - top >= size.height);
  const { at, top, bottom } = enough ?? sides.reduce((a, b) => (roomOf(b) > roomOf(a) ? b : a));
  const height = Math.min(size.height, bottom - top);
  return {
    left: at,
    top: clamp(cell.y - height / 2, top, bottom - height),
    maxHeight: bottom - top,
  };
}

/** From the lowest of the upper boxes to the highest of the lower ones, over the card's width. */
function freeBand(
  left: number,
  width: number,
  view: { width: number; height: number },
  boxes: readonly Rect[],
): { top: number; bottom: number } {
  let [top, bottom] = [MARGIN, view.height - MARGIN];
  const column = { x: left - APART, y: 0, w: width + 2 * APART, h: view.height };
  for (const box of boxes) {
    if (!intersect(box, column)) continue;
    if (box.y + box.h / 2 < view.height / 2) top = Math.max(top, box.y + box.h + APART);
    else bottom = Math.min(bottom, box.y - APART);
  }
  return { top, bottom: Math.max(bottom, top) };
}

function roomOf({ top, bottom }: { top: number; bottom: number }): number {
  return bottom - top;
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(value, most));
}
