/** What page and analysis worker say to each other. */
import type { Rect } from '../core/geometry.ts';
import type { Call } from '../core/rpc.ts';
import type { HeadManifest, ModelMetric, Provider } from '../model/manifest.ts';
import type { ModelStatus } from '../model/session.ts';
import type { SlideSource } from '../slide/slide.ts';
import type { CellExplanation } from './explain.ts';
import type { FieldUpdate } from './pipeline.ts';
import type { RegionScore } from './score.ts';

/** A model as the page knows it: its status and what its card says, without its weights. */
export interface LoadedModel {
  status: ModelStatus;
  licence: string;
  metrics: ModelMetric[];
  /** Address of card.md. */
  cardUrl: string;
}

export interface LoadedKit {
  segmenter: LoadedModel;
  encoder: LoadedModel;
  head: LoadedModel;
  /** Names of cell types; a cell's type is an index into it. */
  types: string[];
  target: HeadManifest['head'];
  /** Side of a field and of a token, um. */
  fieldUm: number;
  tokenUm: number;
}

export interface RunResult {
  score: RegionScore;
  skipped: number;
  /** Inside the models' calls, and altogether, ms. */
  modelMs: number;
  ms: number;
}

export interface AnalysisApi {
  load: Call<{ base: string; forced?: Provider }, LoadedKit, LoadedModel>;
  open: Call<{ source: SlideSource }, null>;
  analyse: Call<{ region: Rect; mpp: number }, RunResult, FieldUpdate>;
  explain: Call<{ index: number }, CellExplanation | null>;
}
