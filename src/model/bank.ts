/**
 * How familiar a field is to its encoder: the mean cosine distance of its class token to the k
 * nearest class tokens of a stored bank of known tissue (methods sheet, section 5).
 */
import { CytolensError } from '../core/errors.ts';
import { type ModelFolder, readVerified } from './folder.ts';
import type { EncoderManifest } from './manifest.ts';

type BankEntry = NonNullable<EncoderManifest['encoder']['bank']>;

export class Bank {
  constructor(
    /** `count` rows of `dim` numbers, each of length 1. */
    private readonly rows: Float32Array,
    readonly facts: BankEntry,
  ) {}

  /** Mean cosine distance (0..2) of a class token to its k nearest rows. */
  distance(classToken: Float32Array): number {
    const { dim, count, k } = this.facts;
    let length = 0;
    for (let d = 0; d < dim; d++) length += classToken[d] * classToken[d];
    const scale = 1 / Math.max(Math.sqrt(length), 1e-12);
    const distances = new Float32Array(count);
    for (let row = 0, at = 0; row < count; row++) {
      let dot = 0;
      for (let d = 0; d < dim; d++, at++) dot += this.rows[at] * classToken[d];
      distances[row] = 1 - dot * scale;
    }
    distances.sort();
    return distances.subarray(0, k).reduce((sum, d) => sum + d, 0) / Math.min(k, count);
  }

  /** Where a distance lies among those of held-out familiar tissue, 0..100. */
  percentile(distance: number): number {
    const above = this.facts.quantiles.findIndex((q) => q > distance);
    return above < 0 ? 100 : Math.max(0, above - 1);
  }

  isUnfamiliar(distance: number): boolean {
    return distance > this.facts.threshold;
  }
}

/** The bank of an encoder, or null when it has none. Throws `model` when its file is not right. */
export async function openBank(
  folder: ModelFolder<EncoderManifest>,
  signal?: AbortSignal,
): Promise<Bank | null> {
  const { bank, dim } = folder.manifest.encoder;
  if (!bank) return null;
  const bytes = await readVerified(folder, bank.path, bank.sha256, signal);
  if (bank.dim !== dim || bytes.byteLength !== bank.count * dim * 4) {
    throw new CytolensError(
      'model',
      `The bank of known tissue of "${folder.manifest.name}" is not of the size its description says. Load the model again.`,
      `${bytes.byteLength} bytes for ${bank.count} x ${bank.dim}`,
    );
  }
  return new Bank(new Float32Array(bytes.buffer), bank);
}
