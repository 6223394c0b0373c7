/** Pictures put together from tiles. */
import type { RgbaImage } from './slide.ts';

/** White glass, where nothing was scanned. Px. */
export function whiteImage(width: number, height: number): RgbaImage {
  return { width, height, data: new Uint8ClampedArray(width * height * 4).fill(255) };
}

/** Copy `tile` into a picture that holds it whole, its upper left corner at x, y (px). */
export function pasteImage(into: RgbaImage, tile: RgbaImage, x: number, y: number): void {
  for (let row = 0; row < tile.height; row++) {
    const from = row * tile.width * 4;
    const line = tile.data.subarray(from, from + tile.width * 4);
    into.data.set(line, ((y + row) * into.width + x) * 4);
  }
}
