/** Pixels under an affine map, by cubic interpolation (Keys 1981, a = -0.5). */
import type { Affine } from '../../core/affine.ts';
import type { RgbaImage } from '../../slide/slide.ts';

/**
 * A picture of `size` x `size` px; `from` takes its places to places of `image`. Pixel i covers
 * [i, i + 1) in both. Beyond the edge of `image` its last pixels go on.
 */
export function resample(image: RgbaImage, size: number, from: Affine): RgbaImage {
  const { width, height, data } = image;
  const out = new Uint8ClampedArray(4 * size * size);
  const [across, down] = [new Float64Array(4), new Float64Array(4)];
  for (let row = 0, at = 0; row < size; row++) {
    for (let col = 0; col < size; col++, at += 4) {
      const x = from.a * (col + 0.5) + from.c * (row + 0.5) + from.e - 0.5;
      const y = from.b * (col + 0.5) + from.d * (row + 0.5) + from.f - 0.5;
      const [left, top] = [Math.floor(x), Math.floor(y)];
      weigh(x - left, across);
      weigh(y - top, down);
      let [r, g, b] = [0, 0, 0];
      for (let j = 0; j < 4; j++) {
        if (down[j] === 0) continue;
        const line = width * clamp(top - 1 + j, height);
        for (let i = 0; i < 4; i++) {
          const weight = across[i] * down[j];
          if (weight === 0) continue;
          const p = 4 * (line + clamp(left - 1 + i, width));
          r += weight * data[p];
          g += weight * data[p + 1];
          b += weight * data[p + 2];
        }
      }
      out[at] = r;
      out[at + 1] = g;
      out[at + 2] = b;
      out[at + 3] = 255;
    }
  }
  return { width: size, height: size, data: out };
}

function clamp(value: number, size: number): number {
  return Math.max(0, Math.min(size - 1, value));
}

/** Weights of the four pixels around a place `t` behind the second of them. */
function weigh(t: number, out: Float64Array): void {
  // Places a hair off a pixel are on it: quarter turns then move pixels and blend none.
  if (t < 1e-9 || t > 1 - 1e-9) {
    out.fill(0);
    out[t < 0.5 ? 1 : 2] = 1;
    return;
  }
  for (let k = 0; k < 4; k++) {
    const d = Math.abs(t + 1 - k);
    out[k] = d < 1 ? 1.5 * d ** 3 - 2.5 * d ** 2 + 1 : -0.5 * d ** 3 + 2.5 * d ** 2 - 4 * d + 2;
  }
}
