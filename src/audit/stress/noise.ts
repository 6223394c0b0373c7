/** Changes too small to see: a pattern made to mislead the encoder, and noise of the same strength. */
import { IDENTITY } from '../../core/affine.ts';
import { mulberry32 } from '../../core/random.ts';
import type { Pattern } from '../../model/pattern.ts';
import type { RgbaImage } from '../../slide/slide.ts';
import type { Variant } from './variants.ts';

const SEED = 0x9015e;

/** Each at half and full strength. The noise is the pattern's own values, dealt out anew. */
export function noiseVariants({ values, level }: Pattern): Variant[] {
  const dealt = shuffled(values);
  return (['pattern', 'noise'] as const).flatMap((family) =>
    [level / 2, level].map(
      (strength): Variant => ({
        id: `${family}-${strength}`,
        family,
        label: `${family === 'pattern' ? 'made to mislead' : 'at random'}, at most ${strength} of 255`,
        place: IDENTITY,
        picture: ({ field }) =>
          added(field, family === 'pattern' ? values : dealt, strength / level),
      }),
    ),
  );
}

function added(image: RgbaImage, values: Int8Array, factor: number): RgbaImage {
  const data = new Uint8ClampedArray(image.data.length);
  for (let at = 0, v = 0; at < data.length; at += 4) {
    for (let c = 0; c < 3; c++, v++)
      data[at + c] = image.data[at + c] + Math.round(factor * values[v]);
    data[at + 3] = 255;
  }
  return { width: image.width, height: image.height, data };
}

/** Fisher and Yates, seeded. */
function shuffled(values: Int8Array): Int8Array {
  const random = mulberry32(SEED);
  const out = values.slice();
  for (let i = out.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [out[i], out[j]] = [out[j], out[i]];
  }
  return out;
}
