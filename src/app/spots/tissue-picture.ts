/** The tissue under all spots as one picture, and where it lies. */
import { useEffect, useState } from 'react';
import type { Affine } from '../../core/affine.ts';
import type { Rect } from '../../core/geometry.ts';
import { readRegion } from '../../slide/region.ts';
import type { Slide } from '../../slide/slide.ts';

/** Glass left around the spots, as a share of their extent. */
const MARGIN = 0.05;

/** The level-0 rectangle of a shape (width by height) that holds all spots in its middle. */
export function frameOf(
  spots: { x: ArrayLike<number>; y: ArrayLike<number> },
  radius: number,
  shape: { width: number; height: number },
): Rect {
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i < spots.x.length; i++) {
    left = Math.min(left, spots.x[i] - radius);
    right = Math.max(right, spots.x[i] + radius);
    top = Math.min(top, spots.y[i] - radius);
    bottom = Math.max(bottom, spots.y[i] + radius);
  }
  const scale =
    Math.max((right - left) / shape.width, (bottom - top) / shape.height) * (1 + 2 * MARGIN);
  const [w, h] = [shape.width * scale, shape.height * scale];
  return { x: (left + right - w) / 2, y: (top + bottom - h) / 2, w, h };
}

/** Level-0 px to the px of a canvas that shows `rect`. */
export function viewOf(rect: Rect, width: number): Affine {
  const scale = width / rect.w;
  return { a: scale, b: 0, c: 0, d: scale, e: -rect.x * scale, f: -rect.y * scale };
}

/** Read a rectangle of a slide; null until it is there. */
export function usePicture(
  slide: Slide | null,
  { x, y, w, h }: Rect,
  px: { width: number; height: number },
): ImageBitmap | null {
  const [picture, setPicture] = useState<ImageBitmap | null>(null);
  const { width, height } = px;
  useEffect(() => {
    if (!slide || !(w > 0)) return;
    const abort = new AbortController();
    readRegion(slide, { x, y, w, h }, width, height, abort.signal)
      .then(({ data }) => createImageBitmap(new ImageData(data, width, height)))
      .then(
        (bitmap) => (abort.signal.aborted ? bitmap.close() : setPicture(bitmap)),
        // The viewer reports tiles that cannot be had; the spots are drawn on bare glass.
        () => undefined,
      );
    return () => abort.abort();
  }, [slide, x, y, w, h, width, height]);
  return picture;
}
