/** Models and answers as the page knows them: without weights, without sessions. */
import type { KnownModel } from '../model/library.ts';
import type { HeadManifest, ModelManifest, ModelMetric } from '../model/manifest.ts';
import type { ModelStatus } from '../model/session.ts';
import type { RegionScore } from './score.ts';

/** A model as the page knows it: its status and what its manifest says, without its weights. */
export interface LoadedModel {
  status: ModelStatus;
  licence: string;
  metrics: ModelMetric[];
}

/** Any model at hand, running or not. */
export interface ModelEntry {
  id: string;
  name: string;
  role: ModelManifest['role'];
  version: string;
  licence: string;
  origin: KnownModel['origin'];
  where: string;
  /** Bytes of the largest of its files. */
  bytes: number;
  metrics: ModelMetric[];
  /** What a head predicts; null for other roles. */
  head: HeadManifest['head'] | null;
}

export interface LoadedKit {
  segmenter: LoadedModel;
  encoder: LoadedModel;
  head: LoadedModel;
  partner: LoadedModel | null;
  /** Names of cell types; a cell's type is an index into it. */
  types: string[];
  target: HeadManifest['head'];
  partnerTarget: HeadManifest['head'] | null;
  /** The head tells how much attention a field draws, so that fields can be weighed by it. */
  gated: boolean;
  /** What the encoder's bank of known tissue was made from; null without one. */
  bank: { on: string; threshold: number } | null;
  /** Side of a field and of a token, um. */
  fieldUm: number;
  tokenUm: number;
  /** um per px of what the encoder reads. */
  encoderMpp: number;
}

/** The models of a kit in the order they run. */
export function modelsOf({ segmenter, encoder, head, partner }: LoadedKit): LoadedModel[] {
  return [segmenter, encoder, head, ...(partner ? [partner] : [])];
}

/** Where the user's own model lies. */
export type ModelSource =
  | { kind: 'url'; url: string }
  | { kind: 'folder'; name: string; files: File[] };

/** The same cells with another head's evidence: whole columns, in the rows' order. */
export interface Rescored {
  score: RegionScore;
  /** Each field's weight times their number. */
  weights: Float32Array;
  attention: Float32Array;
  contribution: Float32Array;
}

export interface Chosen {
  kit: LoadedKit;
  /** Null when nothing was analysed, or the region has to be analysed again for this head. */
  rescored: Rescored | null;
}
