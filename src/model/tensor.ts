/** Pixels to network input. */
import type { RgbaImage } from '../slide/slide.ts';

/** A dense float tensor, row-major. */
export interface Tensor {
  dims: readonly number[];
  data: Float32Array;
}

type Rgb = readonly [number, number, number];

/**
 * (rgb / 255 - mean) / std as NCHW float32 [1, 3, height, width]. A table of 256 values a channel
 * does the arithmetic once.
 */
export function toTensor(image: RgbaImage, mean: Rgb, std: Rgb): Tensor {
  const { width, height, data } = image;
  const plane = width * height;
  const out = new Float32Array(3 * plane);
  const [red, green, blue] = [0, 1, 2].map((c) =>
    Float32Array.from({ length: 256 }, (_, v) => (v / 255 - mean[c]) / std[c]),
  );
  for (let i = 0, p = 0; i < plane; i++, p += 4) {
    out[i] = red[data[p]];
    out[plane + i] = green[data[p + 1]];
    out[2 * plane + i] = blue[data[p + 2]];
  }
  return { dims: [1, 3, height, width], data: out };
}

/** Packed RGB bytes (a stored parity picture) as an opaque RGBA image. */
export function rgbToImage(rgb: Uint8Array, width: number, height: number): RgbaImage {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let i = 0, p = 0, q = 0; i < width * height; i++, p += 3, q += 4) {
    data[q] = rgb[p];
    data[q + 1] = rgb[p + 1];
    data[q + 2] = rgb[p + 2];
    data[q + 3] = 255;
  }
  return { width, height, data };
}

/**
 * The centre of an image without `margin` pixels on each side, shrunk by an integer factor with a
 * box average: the encoder's view of the segmenter's pixels, so that a field is read once. `shift`
 * (px, at most the margin) looks beside the centre.
 */
export function cropShrink(
  image: RgbaImage,
  margin: number,
  factor: number,
  shift = { x: 0, y: 0 },
): RgbaImage {
  const width = Math.floor((image.width - 2 * margin) / factor);
  const height = Math.floor((image.height - 2 * margin) / factor);
  const data = new Uint8ClampedArray(width * height * 4);
  const source = image.data;
  const stride = image.width * 4;
  const weight = 1 / (factor * factor);
  for (let y = 0, q = 0; y < height; y++) {
    const top = (margin + shift.y + y * factor) * stride + (margin + shift.x) * 4;
    for (let x = 0; x < width; x++, q += 4) {
      let [r, g, b] = [0, 0, 0];
      for (let dy = 0; dy < factor; dy++) {
        let p = top + dy * stride + x * factor * 4;
        for (let dx = 0; dx < factor; dx++, p += 4) {
          r += source[p];
          g += source[p + 1];
          b += source[p + 2];
        }
      }
      data[q] = r * weight;
      data[q + 1] = g * weight;
      data[q + 2] = b * weight;
      data[q + 3] = 255;
    }
  }
  return { width, height, data };
}
