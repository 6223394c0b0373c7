/** The library of expression prototypes that a model brings: library.bin (docs/molecular.md). */
import { CytolensError } from '../core/errors.ts';
import { decodeFloat16 } from '../core/float16.ts';

/** What soft-kNN answers from: L prototypes, or samples of the user's own (own/build.ts). */
export interface Library {
  prototypes: number;
  /** Of length one each, but for rounding [L, W]. */
  r: Float32Array;
  /** Whom from; of samples of the user's own, their files. */
  patients: string[];
  /** Spots of each patient that a prototype stands for [L, P]. */
  spots: Uint16Array;
}

export interface Prototypes extends Library {
  /** log1p of counts per 10,000 [L, G]. */
  expression: Float32Array;
}

export interface LibraryShape {
  prototypes: number;
  /** W. */
  width: number;
  /** G. */
  genes: number;
  patients: string[];
}

/** Throws `model` when the file is not of the size that its manifest tells. */
export function decodeLibrary(
  bytes: Uint8Array,
  { prototypes, width, genes, patients }: LibraryShape,
): Prototypes {
  const sizes = [prototypes * width, prototypes * genes, prototypes * patients.length];
  const expected = 2 * sizes.reduce((sum, size) => sum + size, 0);
  if (bytes.byteLength !== expected) {
    throw new CytolensError(
      'model',
      'The library of expression is not of the size its manifest.json tells. Load the model again.',
      `${bytes.byteLength} bytes, expected ${expected}`,
    );
  }
  // A copy lies on an even address; every machine that runs a browser is little-endian.
  const halves = new Uint16Array(bytes.slice().buffer);
  const [rEnd, end] = [sizes[0], sizes[0] + sizes[1]];
  return {
    prototypes,
    r: decodeFloat16(halves.subarray(0, rEnd)),
    expression: decodeFloat16(halves.subarray(rEnd, end)),
    patients,
    spots: halves.slice(end),
  };
}
