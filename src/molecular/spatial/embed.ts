/** Fields centred on spots, as the encoder sees them: what a prediction for a spot rests on. */
import { type Eyes, fieldGeometry, readField } from '../../analysis/field.ts';
import { throwIfAborted } from '../../core/errors.ts';
import { decodeFloat16, encodeFloat16 } from '../../core/float16.ts';
import { cropShrink, toTensor } from '../../model/tensor.ts';
import type { Slide } from '../../slide/slide.ts';
import { embeddingOf } from '../answer.ts';

/** Centres, level-0 px; N. */
export interface Centres {
  x: Float64Array;
  y: Float64Array;
}

/** The spots whose whole field lies on the slide: the others cannot be predicted. */
export function wholeFields(
  { x, y }: Centres,
  { width, height }: { width: number; height: number },
  fieldPx: number,
): Uint32Array {
  const half = fieldPx / 2;
  const rows: number[] = [];
  for (let i = 0; i < x.length; i++) {
    const inside = x[i] > half && y[i] > half && x[i] < width - half && y[i] < height - half;
    if (inside) rows.push(i);
  }
  return Uint32Array.from(rows);
}

/**
 * Embeddings [N, 2 dim] of the fields around the spots. Pixels are read and shrunk, and tokens
 * rounded to half precision, as in an analysis (analysis/field.ts), so that a spot's field answers
 * as a field of the map would. `mpp` in um per level-0 px. Throws `cancelled`, and what slides and
 * models throw.
 */
export async function embedSpots(
  slide: Slide,
  { x, y }: Centres,
  mpp: number,
  eyes: Eyes,
  onProgress?: (done: number, total: number) => void,
  signal?: AbortSignal,
): Promise<Float32Array<ArrayBuffer>> {
  const { encoder } = eyes;
  const { input, outputs } = encoder.manifest;
  const { dim, grid } = encoder.manifest.encoder;
  const geometry = fieldGeometry(eyes);
  const side = geometry.fieldUm / mpp;
  // From above to below: large pictures are decoded in bands of rows.
  const order = Array.from(y.keys()).sort((i, j) => y[i] - y[j]);
  const read = (at: number) => {
    const i = order[at];
    const rect = { x: x[i] - side / 2, y: y[i] - side / 2, w: side, h: side };
    const pixels = readField(slide, rect, mpp, eyes, geometry, signal);
    // A failed reading is reported when its turn comes, not as an unhandled rejection.
    pixels.catch(() => undefined);
    return pixels;
  };
  const embeddings = new Float32Array(x.length * 2 * dim);
  let next = x.length > 0 ? read(0) : null;
  for (let at = 0; next; at++) {
    throwIfAborted(signal);
    const pixels = await next;
    next = at + 1 < x.length ? read(at + 1) : null;
    const small = cropShrink(pixels, geometry.marginPx, geometry.shrink);
    const seen = await encoder.run({ [input.name]: toTensor(small, input.mean, input.std) });
    const half = (name: string) => decodeFloat16(encodeFloat16(seen[name].data));
    const tokens = {
      classToken: half(outputs.class_token),
      patchTokens: half(outputs.patch_tokens),
    };
    embeddings.set(embeddingOf(tokens, dim, grid[0] * grid[1]), order[at] * 2 * dim);
    onProgress?.(at + 1, x.length);
  }
  return embeddings;
}
