/**
 * The encoder under audit, as the runner sees it: a picture in, tokens out. The page's worker and the
 * command line make one of a session each, and everything else is shared.
 */
import type { EncoderManifest, Provider } from '../../model/manifest.ts';
import type { ModelSession } from '../../model/session.ts';
import { toTensor } from '../../model/tensor.ts';
import type { RgbaImage } from '../../slide/slide.ts';
import { type Rows, unitRows } from '../rows.ts';

/** What an encoder says of one picture. */
export interface FieldTokens {
  /** dim numbers. */
  classToken: Float32Array;
  /** rows x columns x dim, row by row. */
  patchTokens: Float32Array;
}

/** Who is audited: printed in every report. */
export interface EncoderFacts {
  id: string;
  name: string;
  version: string;
  provider: Provider;
  dtype: string;
  runtime: string;
  sha256: string;
  /** Input side, px, and its scale, um per px. */
  px: number;
  mpp: number;
  /** Width of a token, and the patch tokens' rows and columns. */
  dim: number;
  grid: readonly [rows: number, columns: number];
  /** Size of the weights. */
  bytes: number;
}

export interface Embedder {
  facts: EncoderFacts;
  /** Pictures that can be seen at once. */
  readonly lanes: number;
  /** Of a picture of px x px; may be called again before it has answered. Throws `model`. */
  embed(picture: RgbaImage): Promise<FieldTokens>;
}

/** The embedder of a session; its owner releases the session. */
export function embedderOf({ manifest, status, run }: ModelSession<EncoderManifest>): Embedder {
  const { input, outputs, encoder, files } = manifest;
  const { provider, dtype, sha256, runtime } = status;
  return {
    facts: {
      ...{ id: manifest.id, name: manifest.name, version: manifest.version },
      ...{ provider, dtype, sha256, runtime },
      ...{ px: input.px, mpp: input.mpp, dim: encoder.dim, grid: encoder.grid },
      bytes: files.find((file) => file.sha256 === sha256)?.bytes ?? 0,
    },
    lanes: 1,
    async embed(picture) {
      const seen = await run({ [input.name]: toTensor(picture, input.mean, input.std) });
      return {
        classToken: seen[outputs.class_token].data,
        patchTokens: seen[outputs.patch_tokens].data,
      };
    },
  };
}

/**
 * The embedding that is audited: the class token beside the mean of the patch tokens, 2 dim numbers.
 * It is what heads and alignments read of a field, less the attention that only they have.
 */
export function embeddingOf({ classToken, patchTokens }: FieldTokens): Float32Array {
  const dim = classToken.length;
  const out = new Float32Array(2 * dim);
  out.set(classToken);
  const count = patchTokens.length / dim;
  for (let at = 0; at < patchTokens.length; at++) out[dim + (at % dim)] += patchTokens[at] / count;
  return out;
}

/**
 * Patch tokens averaged over squares of 2 x 2 and scaled to length 1, for retrieval by many vectors:
 * a quarter of the tokens is a sixteenth of the comparisons. An odd last row or column is left out.
 */
export function pooledTokens(
  { patchTokens }: FieldTokens,
  { dim, grid }: Pick<EncoderFacts, 'dim' | 'grid'>,
): Rows {
  const [rows, columns] = [Math.max(1, grid[0] >> 1), Math.max(1, grid[1] >> 1)];
  const out = new Float32Array(rows * columns * dim);
  for (let row = 0; row < Math.min(2 * rows, grid[0]); row++) {
    for (let column = 0; column < Math.min(2 * columns, grid[1]); column++) {
      const to = ((row >> 1) * columns + (column >> 1)) * dim;
      const from = (row * grid[1] + column) * dim;
      for (let d = 0; d < dim; d++) out[to + d] += patchTokens[from + d];
    }
  }
  return unitRows(out, dim);
}
