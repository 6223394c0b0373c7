/** What the page and the worker behind it say to each other. */
import type {
  Chosen,
  LoadedKit,
  LoadedModel,
  ModelEntry,
  ModelSource,
} from '../analysis/analysis.ts';
import type { ExplainApi } from '../analysis/explain.ts';
import type { TissueMask } from '../analysis/mask.ts';
import type { FieldUpdate } from '../analysis/pipeline.ts';
import type { Pooling, RegionScore } from '../analysis/score.ts';
import type { AuditApi } from '../audit/audit.ts';
import type { SimilarRegionsApi } from '../audit/similar-regions.ts';
import type { Rect } from '../core/geometry.ts';
import type { Call } from '../core/rpc.ts';
import type { Provider } from '../model/manifest.ts';
import type { MolecularApi } from '../molecular/molecular.ts';
import type { PredictApi } from '../molecular/spatial/predict.ts';
import type { Bytes } from '../slide/bytes.ts';
import type { SlideSource } from '../slide/slide.ts';
import type { CatalogEntry } from '../store/results/catalog.ts';

/** What to analyse. Level-0 px. */
export type Scope =
  /** `fine`: token grids moved by half a token, averaged. */
  | { kind: 'region'; region: Rect; fine?: boolean }
  /** All tissue of the mask, what lies in `view` first; kept on disk unless `keep` is false. */
  | { kind: 'slide'; mask: TissueMask; view: Rect; keep?: boolean };

export interface RunResult {
  /** The models that ran: a model that stopped may have been started again elsewhere. */
  kit: LoadedKit;
  score: RegionScore;
  skipped: number;
  blurred: number;
  /** Inside the models' calls (over all lanes), and altogether, ms. */
  modelMs: number;
  ms: number;
  /** Why the results are not kept on disk; null when they are, or were not to be. */
  notKept: string | null;
}

export interface PooledScore {
  score: RegionScore;
  weights: Float32Array;
}

/** What was read back from disk. */
export interface RestoredRun {
  /** Fields settled, and planned. */
  done: number;
  total: number;
  blurred: number;
  finished: boolean;
  /** Another tab is writing: it can be watched, not gone on with. */
  watching: boolean;
  mask: TissueMask | null;
  /** Null without a single field. */
  pooled: PooledScore | null;
  /** Present when the head in use had not answered yet: whole columns, in the rows' order. */
  evidence: { attention: Float32Array; contribution: Float32Array } | null;
}

export interface ModelsApi {
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
  /** Answers as long as the worker is alive. */
  ping: Call<null, null>;
  /** The text of a model's card. */
  card: Call<{ id: string }, string>;
}

/** `mpp` is um per level-0 px. */
export interface RunApi {
  open: Call<{ source: SlideSource }, null>;
  /** Where tissue is, on the slide or `within` (level-0 px); progress is the share read. */
  findTissue: Call<{ mpp: number; within?: Rect }, TissueMask, number>;
  /** Analyse anew. A call that is aborted can be gone on with. */
  analyse: Call<{ scope: Scope; mpp: number }, RunResult, FieldUpdate>;
  /** Go on with what was stopped or restored. */
  goOn: Call<null, RunResult, FieldUpdate>;
  /** Read back what is kept of this slide by these models; null when there is nothing. */
  restore: Call<{ mpp: number }, RestoredRun | null, FieldUpdate>;
  /** Follow another tab's run to its end. */
  watch: Call<null, PooledScore | null, FieldUpdate>;
  /** Whether fields count alike or by attention; null when nothing is analysed. */
  pool: Call<{ pooling: Pooling }, PooledScore | null>;
}

/** Results on disk, of all slides. */
export interface ResultsApi {
  results: Call<null, { entries: CatalogEntry[]; used: number; quota: number }>;
  removeResults: Call<{ path: string }, null>;
  removeAllResults: Call<null, null>;
  /** The archive in pieces. */
  exportResults: Call<{ path: string }, null, { share: number; bytes: Bytes }>;
  /** Show results that someone sent over the open slide. */
  openResults: Call<{ source: ResultsSource }, RestoredRun, FieldUpdate>;
}

/** An exported archive, or the files of its folder. */
export type ResultsSource = { kind: 'archive'; file: File } | { kind: 'folder'; files: File[] };

export interface EngineApi
  extends ModelsApi,
    RunApi,
    ResultsApi,
    ExplainApi,
    AuditApi,
    SimilarRegionsApi,
    MolecularApi,
    PredictApi {}
