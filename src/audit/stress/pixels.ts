/** Changes of a picture that leave everything in its place. Each returns a new picture. */
import type { RgbaImage } from '../../slide/slide.ts';
import { RUIFROK_HE, restain } from '../../slide/stain.ts';

type Three = readonly [number, number, number];

/**
 * Haematoxylin and eosin made stronger or weaker: s' = alpha s for densities unmixed by published
 * vectors (methods sheet, section 2); what neither explains stays.
 */
export function scaleStains(image: RgbaImage, haematoxylin: number, eosin: number): RgbaImage {
  const look = { stains: RUIFROK_HE, strength: [1, 1] } as const;
  return restain(image, look, { ...look, strength: [haematoxylin, eosin] });
}

/** All channels times `factor`. */
export function brighten(image: RgbaImage, factor: number): RgbaImage {
  return mapped(image, ([r, g, b]) => [r * factor, g * factor, b * factor]);
}

/** Gaussian blur, `sigma` in px; beyond the edge the last pixels go on. */
export function blur(image: RgbaImage, sigma: number): RgbaImage {
  const reach = Math.max(1, Math.ceil(3 * sigma));
  const kernel = Float64Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-((i - reach) ** 2) / (2 * sigma ** 2)),
  );
  const total = kernel.reduce((a, b) => a + b, 0);
  const weights = kernel.map((w) => w / total);
  return alongColumns(alongRows(image, weights, reach), weights, reach);
}

function alongRows({ width, height, data }: RgbaImage, weights: Float64Array, reach: number) {
  const out = new Uint8ClampedArray(data.length);
  for (let row = 0; row < height; row++) {
    for (let col = 0; col < width; col++) {
      const at = 4 * (row * width + col);
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (let k = -reach; k <= reach; k++) {
          const beside = Math.max(0, Math.min(width - 1, col + k));
          sum += weights[k + reach] * data[4 * (row * width + beside) + c];
        }
        out[at + c] = sum;
      }
      out[at + 3] = 255;
    }
  }
  return { width, height, data: out };
}

function alongColumns(image: RgbaImage, weights: Float64Array, reach: number): RgbaImage {
  return turned(alongRows(turned(image), weights, reach));
}

/** Rows become columns. */
function turned({ width, height, data }: RgbaImage): RgbaImage {
  const out = new Uint32Array(width * height);
  const words = new Uint32Array(data.buffer, data.byteOffset, width * height);
  for (let row = 0; row < height; row++) {
    for (let col = 0; col < width; col++) out[col * height + row] = words[row * width + col];
  }
  return { width: height, height: width, data: new Uint8ClampedArray(out.buffer) };
}

function mapped({ width, height, data }: RgbaImage, change: (rgb: Three) => Three): RgbaImage {
  const out = new Uint8ClampedArray(data.length);
  for (let at = 0; at < data.length; at += 4) {
    out.set(change([data[at], data[at + 1], data[at + 2]]), at);
    out[at + 3] = 255;
  }
  return { width, height, data: out };
}
