/**
 * `window.cytolens`: the scripting handle, documented in docs/scripting.md. It sends the same
 * commands as the panels; errors are CytolensError, thrown to the caller.
 */
import { type ModelEntry, type ModelSource, modelsOf } from '../analysis/analysis.ts';
import type {
  CellExplanation,
  CellWhatIf,
  HeadComparison,
  RegionExplanation,
  SimilarCells,
} from '../analysis/explain.ts';
import type { Pooling, RegionScore } from '../analysis/score.ts';
import { type Annotation, type AnnotationInput, annotationOf } from '../annotation/annotation.ts';
import { cornersOf } from '../annotation/geometry.ts';
import type { FieldOfView, FieldStress } from '../audit/audit.ts';
import type { EncoderAudit } from '../audit/encoder/encoder-audit.ts';
import type { SimilarRegions } from '../audit/similar-regions.ts';
import type { ScreenTransform } from '../core/affine.ts';
import { type CellTable, sliceCells } from '../core/cells.ts';
import { CytolensError } from '../core/errors.ts';
import type { Point, Rect } from '../core/geometry.ts';
import type { RunResult } from '../engine/engine.ts';
import type { ModelStatus } from '../model/session.ts';
import type { LibraryFacts } from '../molecular/own/facts.ts';
import type { GroundTruthCell, SlideInfo } from '../slide/slide.ts';
import type { ExportFormat } from '../store/export/formats.ts';
import type { ImportReport } from '../store/import/builder.ts';
import type { LengthUnit } from '../store/import/columns.ts';
import type { Look } from '../viewer/colour/look.ts';
import type { Pose } from '../viewer/pose.ts';
import type { ImportedAnnotations } from './annotate/files.ts';
import { filesOf } from './cases/folder.ts';
import type { Commands } from './commands.ts';
import type { ExplainOptions } from './explaining.ts';
import type { FieldFormat } from './molecular/field-exports.ts';
import type { AskedAnswer, PromptOptions } from './molecular/prompting.ts';
import { type PanesHandle, panesHandle } from './panes/handle.ts';
import type { SimilarOptions } from './retrieval/finding.ts';
import { type Opened, resolveSource } from './slides.ts';
import { type SpotsHandle, spotsHandle } from './spots/handle.ts';
import { getState } from './state.ts';
import type { ExportOptions } from './transfer.ts';

export interface AnalyseOptions {
  /** Level-0 px; what is on screen when left out. */
  region?: Rect;
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
}

export interface SlideOptions extends Omit<AnalyseOptions, 'region'> {
  /** Level-0 px; the whole slide when left out. */
  within?: Rect;
}

export interface AnalyseResult {
  fields: number;
  /** Fields left out for want of focus. */
  blurred: number;
  cells: number;
  score: RegionScore;
  ms: number;
  /** Time inside the models' calls, over all lanes, ms. */
  modelMs: number;
  /** Why a slide's results are not kept on disk; null when they are, or were not to be. */
  notKept: string | null;
}

export interface CytolensHandle {
  /** An address, a file, several files that are one slide, or a source. */
  open(source: Opened): Promise<SlideInfo>;
  slide(): (SlideInfo & { mpp: number | null }) | null;
  view(rect?: Rect): Rect;
  /** Turned clockwise by `turn` degrees, then mirrored; changed at once where told. */
  pose(change?: Partial<Pose>): Pose;
  /** Where level-0 px lie on the slide's element, CSS px. */
  screen(): ScreenTransform;
  /** The view as a PNG with overlay, scale bar and legend, at `times` the screen's resolution. */
  picture(times?: number): Promise<Blob>;
  /** The tissue in view alone as a PNG, in the colours shown. */
  regionPicture(umPerPx: number): Promise<Blob>;
  /** How the pixels are shown; models see them as they are stored. */
  shownAs(change?: Partial<Look>): Look;
  analyse(options?: AnalyseOptions): Promise<AnalyseResult>;
  /** All tissue of the slide, or of `within` (level-0 px); kept on disk as it goes. */
  analyseSlide(options?: SlideOptions): Promise<AnalyseResult>;
  /** Stop for now; `goOn` takes up a paused, restored or cancelled analysis. */
  pause(): void;
  goOn(options?: Omit<AnalyseOptions, 'region'>): Promise<AnalyseResult>;
  /** Weigh fields alike ('mean') or by the head's attention. */
  pool(pooling: Pooling): Promise<void>;
  cells(): CellTable;
  explain(index: number): Promise<CellExplanation | null>;
  /** The head asked again without a cell. */
  whatIf(index: number): Promise<CellWhatIf | null>;
  /** The cells most like a cell; `count` defaults to 12. */
  similarCells(
    index: number,
    options?: ExplainOptions & { count?: number },
  ): Promise<SimilarCells | null>;
  /** The fields most like `region` (level-0 px; what is on screen, when left out). */
  similar(options?: SimilarOptions & { region?: Rect }): Promise<SimilarRegions>;
  /** Deletion curves and composition of the fields that meet `region`, or of all. */
  explainRegion(options?: ExplainOptions & { region?: Rect }): Promise<RegionExplanation>;
  /** Another head against the one in use, on every analysed field. */
  compareHeads(id: string, options?: ExplainOptions): Promise<HeadComparison | null>;
  /**
   * The analysed field nearest to `at` (level-0 px) in every look; without it, of the selected cell,
   * else in the middle of the view. `onProgress` counts looks.
   */
  stress(options?: ExplainOptions & { at?: Point }): Promise<FieldStress>;
  /**
   * An encoder on trial, the one in use when left out: on labelled tiles (a table, pictures or slides;
   * or pictures whose names tell). `turned`: tiles that are turned and resized.
   */
  auditEncoder(
    files: readonly File[],
    options?: { encoder?: string; turned?: number; signal?: AbortSignal },
  ): Promise<EncoderAudit>;
  /** The tissue around such a field in fields of three sizes. */
  fieldOfView(options?: ExplainOptions & { at?: Point }): Promise<FieldOfView>;
  /** A gene set by its name, or genes: scores of every analysed field. */
  prompt(genes: string | readonly string[], options?: PromptOptions): Promise<AskedAnswer>;
  /** The fields' scores of the last prompt, with their provenance. */
  exportScores(format: FieldFormat): Blob;
  /** Let soft-kNN answer from counts of your own; null: from the model's prototypes again. */
  useLibrary(files: readonly File[] | null, signal?: AbortSignal): Promise<LibraryFacts | null>;
  groundTruth(rect: Rect): GroundTruthCell[];
  status(): HandleStatus;
  /** The analysed cells as a file, with their provenance. */
  exportAs(format: ExportFormat, options?: ExportOptions): Promise<Blob>;
  /** Show the cells of a file; `unit` of its x and y where its header does not say. */
  importCells(file: File, unit?: LengthUnit): Promise<ImportReport>;
  /** Back from imported cells to the analysed ones. */
  closeImported(): void;
  /** Every model at hand. */
  models(): ModelEntry[];
  chooseHead(id: string): Promise<void>;
  /** A model folder: its address, or its files. */
  addModel(source: string | ModelSource): Promise<ModelEntry>;
  removeModel(id: string): Promise<void>;
  /** What is drawn on the slide, in level-0 px. */
  annotations(): readonly Annotation[];
  /** Replace all of it (undo takes it back), or with `add` put more to it. Gives what was made. */
  annotate(list: readonly AnnotationInput[], how?: 'replace' | 'add'): readonly Annotation[];
  /** The annotations as GeoJSON, and those of a file (GeoJSON, ImageScope XML) added. */
  exportAnnotations(): Promise<Blob>;
  importAnnotations(file: File): Promise<ImportedAnnotations>;
  /** Slides beside the main one. */
  panes(): PanesHandle;
  /** Spatial transcriptomics over the slide. */
  spots(): SpotsHandle;
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
  const { bench, explaining } = commands;
  const resultOf = ({ score, blurred, ms, modelMs, notKept }: RunResult): AnalyseResult => {
    const cells = bench.cells.count;
    return { fields: score.fields, blurred, cells, score, ms, modelMs, notKept };
  };
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
    pose(change) {
      const { viewer } = bench;
      if (change?.turn !== undefined) viewer.setTurn(change.turn, true);
      if (change?.flipped !== undefined) viewer.setFlipped(change.flipped);
      return { turn: viewer.turn(), flipped: viewer.flipped() };
    },
    screen: () => bench.viewer.transform(),
    picture: (times) => commands.pictures.view(times),
    regionPicture: (umPerPx) => commands.pictures.region(umPerPx),
    shownAs(change) {
      if (change) commands.developing.set(change);
      return getState().shownAs;
    },
    async analyse({ region, onProgress, signal } = {}) {
      const scope = { kind: 'region', region: region ?? bench.viewer.view() } as const;
      return resultOf(await commands.running.analyse(scope, { onProgress, signal }));
    },
    analyseSlide: async ({ within, onProgress, signal } = {}) =>
      resultOf(await commands.running.analyseTissue(within, { onProgress, signal })),
    pause: () => commands.running.pause(),
    goOn: async (options) => resultOf(await commands.running.goOn(options)),
    pool: (pooling) => commands.running.pool(pooling),
    cells: () => sliceCells(bench.cells),
    explain: (index) => bench.explain(index),
    whatIf: (index) => explaining.whatIf(index),
    similarCells: (index, options) => explaining.similarCells(index, options?.count, options),
    similar: ({ region, ...options } = {}) =>
      commands.finding.similar([cornersOf(region ?? bench.viewer.view())], options),
    explainRegion: (options) => explaining.explainRegion(options?.region ?? null, options),
    compareHeads: (id, options) => explaining.compareHeads(id, options),
    stress: (options) => commands.trusting.stress(options?.at, options),
    auditEncoder: (files, options) => commands.auditing.audit(filesOf(files), options),
    fieldOfView: (options) => commands.trusting.fieldOfView(options?.at, options),
    prompt: (genes, options) => commands.prompting.ask(genes, options),
    exportScores: (format) => commands.fieldExports.exportAs(format),
    async useLibrary(files, signal) {
      if (files) return commands.ownLibrary.load(filesOf(files), signal);
      await commands.ownLibrary.drop();
      return null;
    },
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
    exportAs: (format, options) => commands.transfers.exportAs(format, options),
    importCells: (file, unit) => commands.transfers.importCells(file, unit),
    closeImported: () => commands.transfers.closeImported(),
    models: () => getState().entries,
    chooseHead: (id) => commands.chooseHead(id),
    addModel: (source) =>
      commands.addModel(
        typeof source === 'string'
          ? { kind: 'url', url: new URL(source, document.baseURI).href }
          : source,
      ),
    removeModel: (id) => commands.removeModel(id),
    annotations: () => commands.annotating.annotator.list,
    annotate(list, how = 'replace') {
      const made = list.map(annotationOf);
      commands.annotating.annotator[how](made);
      return made;
    },
    exportAnnotations: () => commands.annotating.files.toGeoJson(),
    importAnnotations: (file) => commands.annotating.files.read(file),
    panes: () => panesHandle(commands),
    spots: () => spotsHandle(commands),
    cancel: () => commands.running.cancel(),
  };
}

declare global {
  interface Window {
    cytolens: CytolensHandle;
  }
}
