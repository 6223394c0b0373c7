/** What page and analysis worker say to each other. */
import type { Rect } from '../core/geometry.ts';
import type { Call } from '../core/rpc.ts';
import type { KnownModel } from '../model/library.ts';
import type { HeadManifest, ModelManifest, ModelMetric, Provider } from '../model/manifest.ts';
import type { ModelStatus } from '../model/session.ts';
import type { SlideSource } from '../slide/slide.ts';
import type { CellExplanation } from './explain.ts';
import type { FieldUpdate } from './pipeline.ts';
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
  /** What the encoder's bank of known tissue was made from; null without one. */
  bank: { on: string; threshold: number } | null;
  /** Side of a field and of a token, um. */
  fieldUm: number;
  tokenUm: number;
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
  attention: Float32Array;
  contribution: Float32Array;
}

export interface Chosen {
  kit: LoadedKit;
  /** Null when nothing was analysed, or the region has to be analysed again for this head. */
  rescored: Rescored | null;
}

export interface RunResult {
  score: RegionScore;
  skipped: number;
  /** Inside the models' calls, and altogether, ms. */
  modelMs: number;
  ms: number;
}

export interface AnalysisApi {
  /** Start the models; `head` asks for another one than the first. */
  load: Call<
    { base: string; forced?: Provider; head?: string },
    { kit: LoadedKit; entries: ModelEntry[] },
    LoadedModel
  >;
  /** Run another head from now on; what is analysed is asked again where its tokens are kept. */
  choose: Call<{ head: string }, Chosen, LoadedModel>;
  /** Check a model folder of the user's and take it in; answers with all models. */
  addModel: Call<{ source: ModelSource }, { added: ModelEntry; entries: ModelEntry[] }>;
  removeModel: Call<{ id: string }, ModelEntry[]>;
  /** The text of a model's card. */
  card: Call<{ id: string }, string>;
  open: Call<{ source: SlideSource }, null>;
  analyse: Call<{ region: Rect; mpp: number }, RunResult, FieldUpdate>;
  explain: Call<{ index: number }, CellExplanation | null>;
}
