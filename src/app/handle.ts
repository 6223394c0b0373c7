/**
 * `window.cytolens`: the scripting handle, documented in docs/scripting.md. It sends the same
 * commands as the panels; errors are CytolensError, thrown to the caller.
 */
import {
  type ModelEntry,
  type ModelSource,
  modelsOf,
  type RunResult,
} from '../analysis/analysis.ts';
import type { CellExplanation } from '../analysis/explain.ts';
import type { RegionScore } from '../analysis/score.ts';
import { type CellTable, sliceCells } from '../core/cells.ts';
import { CytolensError } from '../core/errors.ts';
import type { Rect } from '../core/geometry.ts';
import type { ModelStatus } from '../model/session.ts';
import type { GroundTruthCell, SlideInfo, SlideSource } from '../slide/slide.ts';
import type { ExportFormat } from '../store/export.ts';
import type { Commands } from './commands.ts';
import { resolveSource } from './slides.ts';
import { getState } from './state.ts';

export interface AnalyseOptions {
  /** Level-0 px; what is on screen when left out. */
  region?: Rect;
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
}

export interface AnalyseResult {
  fields: number;
  cells: number;
  score: RegionScore;
  ms: number;
  /** Time inside the models' calls, ms. */
  modelMs: number;
}

export interface CytolensHandle {
  open(source: string | File | SlideSource): Promise<SlideInfo>;
  slide(): (SlideInfo & { mpp: number | null }) | null;
  view(rect?: Rect): Rect;
  analyse(options?: AnalyseOptions): Promise<AnalyseResult>;
  cells(): CellTable;
  explain(index: number): Promise<CellExplanation | null>;
  groundTruth(rect: Rect): GroundTruthCell[];
  status(): HandleStatus;
  exportAs(format: ExportFormat): string;
  /** Every model at hand. */
  models(): ModelEntry[];
  chooseHead(id: string): Promise<void>;
  /** A model folder: its address, or its files. */
  addModel(source: string | ModelSource): Promise<ModelEntry>;
  removeModel(id: string): Promise<void>;
  cancel(): void;
}

export interface HandleStatus {
  version: string;
  ready: boolean;
  error: string | null;
  models: ModelStatus[];
  run: { phase: string; done: number; total: number };
  shown: string;
}

export function createHandle(commands: Commands): CytolensHandle {
  const { bench } = commands;
  return {
    async open(source) {
      await commands.open(resolveSource(source));
      const { slide } = getState();
      if (!slide) throw new CytolensError('internal', 'The slide was closed while it opened.');
      return slide.info;
    },
    slide() {
      const { slide } = getState();
      return slide && { ...slide.info, mpp: slide.mpp };
    },
    view(rect) {
      if (rect) bench.viewer.setView(rect, true);
      return bench.viewer.view();
    },
    async analyse({ region, onProgress, signal } = {}) {
      const result: RunResult = await commands.analyse(region ?? bench.viewer.view(), {
        onProgress,
        signal,
      });
      const { score, ms, modelMs } = result;
      return { fields: score.fields, cells: bench.cells.count, score, ms, modelMs };
    },
    cells: () => sliceCells(bench.cells),
    explain: (index) => bench.explain(index),
    groundTruth(rect) {
      const truth = bench.groundTruth(rect);
      if (truth) return truth;
      throw new CytolensError('unsupported', 'Only the built-in drawn slide has a ground truth.');
    },
    status() {
      const { models, kit, kitError, run, shown, preparing } = getState();
      const { phase, done, total } = run;
      return {
        version: __VERSION__,
        ready: kit !== null && preparing === null,
        error: kitError?.message ?? null,
        models: (kit ? modelsOf(kit) : models).map((model) => model.status),
        run: { phase, done, total },
        shown,
      };
    },
    exportAs: (format) => commands.exportAs(format),
    models: () => getState().entries,
    chooseHead: (id) => commands.chooseHead(id),
    addModel: (source) =>
      commands.addModel(
        typeof source === 'string'
          ? { kind: 'url', url: new URL(source, document.baseURI).href }
          : source,
      ),
    removeModel: (id) => commands.removeModel(id),
    cancel: () => commands.cancel(),
  };
}

declare global {
  interface Window {
    cytolens: CytolensHandle;
  }
}
