/**
 * A change too small to see that moves an encoder's tokens as far as such a change can, the same for
 * all tissue (training/audit/pattern.py). For stress tests alone.
 */
import { CytolensError } from '../core/errors.ts';
import { type ModelFolder, readVerified } from './folder.ts';
import type { EncoderManifest } from './manifest.ts';

export interface Pattern {
  /** What to add to red, green, blue of each px of the input, row by row; at most `level` of 255. */
  values: Int8Array;
  level: number;
}

/** The pattern of an encoder; null when it has none. Throws `model` when its file is not right. */
export async function openPattern(
  folder: ModelFolder<EncoderManifest>,
  signal?: AbortSignal,
): Promise<Pattern | null> {
  const { encoder, input, name } = folder.manifest;
  const { pattern } = encoder;
  if (!pattern) return null;
  const bytes = await readVerified(folder, pattern.path, pattern.sha256, signal);
  if (bytes.byteLength !== 3 * input.px ** 2) {
    throw new CytolensError(
      'model',
      `The stress pattern of "${name}" is not of the size of its input. Load the model again.`,
      `${bytes.byteLength} bytes for ${input.px} px`,
    );
  }
  return {
    values: new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length),
    level: pattern.level,
  };
}
