/** Changes of a picture that leave everything in its place. Each returns a new picture. */
import type { RgbaImage } from '../../slide/slide.ts';
import { DAB, EOSIN, HAEMATOXYLIN, unit, unmixing } from '../../slide/stain.ts';

type Three = readonly [number, number, number];

/**
 * Haematoxylin and eosin made stronger or weaker: s' = alpha s for densities unmixed by the HED
 * matrix (methods sheet, section 2).
 */
export function scaleStains(image: RgbaImage, haematoxylin: number, eosin: number): RgbaImage {
  const stains = [unit(HAEMATOXYLIN), unit(EOSIN), unit(DAB)] as const;
  const mix = unmixing(...stains);
  const alpha = [haematoxylin, eosin, 1];
  // One matrix from density to density: unmix, scale, mix.
  const change = [0, 1, 2].map((to) =>
    [0, 1, 2].map((from) =>
      stains.reduce((sum, stain, s) => sum + stain[to] * alpha[s] * mix[3 * s + from], 0),
    ),
  );
  const density = Float64Array.from({ length: 256 }, (_, v) => -Math.log(Math.max(1, v) / 255));
  return mapped(image, ([r, g, b]) => {
    const [x, y, z] = [density[r], density[g], density[b]];
    const light = (row: number[]) => 255 * Math.exp(-(row[0] * x + row[1] * y + row[2] * z));
    return [light(change[0]), light(change[1]), light(change[2])];
  });
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
