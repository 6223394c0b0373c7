/** Slides made of a formula, for tests. Not part of the application. */
import type { Level, RgbaImage, Slide } from '../slide.ts';

/** Value 0..255 of a level-0 position, level-0 px. */
export type Formula = (x: number, y: number) => number;

/**
 * A slide whose grey value at each pixel is the formula at the pixel's centre (of a coarse level:
 * at the centre of the level-0 square that it covers). `calls` counts tile reads.
 */
export function formulaSlide(
  width: number,
  height: number,
  formula: Formula,
  { tile = 64, levels = 1 } = {},
): Slide & { calls: string[] } {
  const calls: string[] = [];
  const all: Level[] = Array.from({ length: levels }, (_, k) => ({
    width: Math.ceil(width / 2 ** k),
    height: Math.ceil(height / 2 ** k),
    downsample: 2 ** k,
    tileWidth: tile,
    tileHeight: tile,
  }));
  const info = {
    id: 'formula',
    name: 'formula',
    width,
    height,
    mpp: 0.25,
    objective: 40,
    stain: null,
    scanner: null,
    source: null,
    licence: null,
    levels: all,
  };
  return {
    info,
    calls,
    async tile(index, col, row, signal): Promise<RgbaImage> {
      calls.push(`${index}/${col}_${row}`);
      await new Promise((resolve) => setTimeout(resolve, 1));
      signal?.throwIfAborted();
      const level = all[index];
      const w = Math.min(tile, level.width - col * tile);
      const h = Math.min(tile, level.height - row * tile);
      const data = new Uint8ClampedArray(w * h * 4).fill(255);
      for (let j = 0; j < h; j++) {
        for (let i = 0; i < w; i++) {
          const x = (col * tile + i + 0.5) * level.downsample;
          const y = (row * tile + j + 0.5) * level.downsample;
          data.fill(formula(x, y), (j * w + i) * 4, (j * w + i) * 4 + 3);
        }
      }
      return { width: w, height: h, data };
    },
    close() {},
  };
}
