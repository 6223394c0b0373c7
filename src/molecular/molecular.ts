/**
 * Asking analysed fields for a gene set. What page and worker say to each other;
 * molecular.worker.ts answers.
 */
import type { Call } from '../core/rpc.ts';
import type { ModelStatus } from '../model/session.ts';
import type { LocalFile } from '../slide/slide.ts';
import type { Spectrum } from './alignment.ts';
import type { RowScores } from './answer.ts';
import type { LibraryFacts } from './own/facts.ts';

export type { SetFigures, Spectrum } from './alignment.ts';
export type { RowScores } from './answer.ts';

/** What is told of the model that answers. */
export interface AlignmentInfo {
  status: ModelStatus;
  /** Symbols of the vocabulary: places in it are what is asked for. */
  symbols: string[];
  trained: string[];
  tested: string[];
  tissue: string;
  note: string;
  /** Similarity of the nearest prototype below which a field is far from the library. */
  far: number;
  /** The prototypes that come with the model. */
  library: { prototypes: number; spots: number; patients: string[]; k: number };
  /** The library of the user's own that soft-kNN answers from in their place; null for none. */
  ownLibrary: LibraryFacts | null;
  spectrum: Spectrum;
}

/** A mean over fields, in ranks, with its 95 % interval by bootstrap over fields (null below 5). */
export interface SlideScore {
  mean: number;
  interval: [number, number] | null;
}

export interface PromptAnswer {
  /** Fields that answered, by their numbers, with corner and side in level-0 px. */
  fields: Uint32Array;
  x: Float32Array;
  y: Float32Array;
  side: number;
  /** One row a field. */
  rows: RowScores;
  predictor: SlideScore;
  knn: SlideScore;
  /** Means over fields: effective neighbours, similarity of the nearest, weighted SD in ranks. */
  effective: number;
  nearest: number;
  spread: number;
  /** Share of fields far from the library. */
  far: number;
  /** Genes of the set by what the mean predicted score loses without each, in ranks. */
  driving: { symbol: string; drop: number }[];
  /** Share of the weight on prototypes of each patient, or on samples of each file. */
  patients: { patient: string; share: number }[];
  /** The library of the user's own that soft-kNN answered from; null for the model's prototypes. */
  library: string | null;
  /** Fields analysed; those beyond the ones that answered have no tokens kept, or are too many. */
  of: number;
  /** Time in the worker, ms. */
  ms: number;
}

export interface MolecularProgress {
  done: number;
  total: number;
}

/** Calls throw `cancelled`, `model` where the model is changed or stops, `parity`. */
export interface MolecularApi {
  /** Starts the alignment of the encoder in use; null when there is none. */
  alignmentInfo: Call<null, AlignmentInfo | null>;
  /**
   * Scores of a set for every analysed field; `places` in the vocabulary, ascending, each once.
   * Throws `no-tissue` when nothing is analysed or no tokens are kept.
   */
  promptFields: Call<{ places: Uint32Array }, PromptAnswer, MolecularProgress>;
  /**
   * Read counts of the user's own and let soft-kNN answer from them; progress is the share done.
   * `names`: further names of genes -> symbol. Throws what `buildLibrary` throws; the former
   * library stays then.
   */
  readLibrary: Call<
    { files: LocalFile[]; names: ReadonlyMap<string, string> },
    LibraryFacts,
    number
  >;
  /** Answer from the model's prototypes again. */
  dropLibrary: Call<null, null>;
}
