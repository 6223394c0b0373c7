/** Analysing: the view or the whole slide; pause, go on, cancel, read back, watch another tab. */

import { radiusUnitOf } from '../analysis/ledger.ts';
import { cutMask, planSlide } from '../analysis/mask.ts';
import type { FieldUpdate } from '../analysis/pipeline.ts';
import { fieldSideOf, planFields } from '../analysis/plan.ts';
import type { Pooling } from '../analysis/score.ts';
import { CytolensError, isCytolensError, toCytolensError } from '../core/errors.ts';
import type { Rect } from '../core/geometry.ts';
import type { RestoredRun, ResultsSource, RunResult, Scope } from '../engine/engine.ts';
import { ResultCatalog } from '../store/results/catalog.ts';
import type { Reviving } from './reviving.ts';
import { NO_RUN, type Run } from './run-state.ts';
import { getState, report, setState } from './state.ts';
import { TissueFinder } from './tissue-finder.ts';
import type { Workbench } from './workbench.ts';

/** Above this many fields (5 mm2, minutes on a laptop) the user is asked first. */
const ASK_ABOVE_FIELDS = 400;

export interface AnalyseOptions {
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
}

export class Running {
  /** Called before cells are added to what is shown: it must be the analysed ones. */
  onGoOn: () => void = () => undefined;
  private stop: AbortController | null = null;
  /** What is analysed, or was last; null for what was read back. */
  private scope: Scope | null = null;
  /** Settled when the engine works again after a model of it stopped. */
  private revival: Promise<void> = Promise.resolve();

  readonly tissue: TissueFinder;

  constructor(
    private readonly bench: Workbench,
    private readonly reviving: Reviving,
  ) {
    this.tissue = new TissueFinder(bench);
    bench.onStopped = () => {
      this.revival = this.revive();
    };
  }

  /** The user pressed A: ask for what is missing, then analyse what is on screen. */
  async analyseView(): Promise<void> {
    const ready = await this.ready('analyse');
    if (!ready) return;
    const region = this.bench.viewer.view();
    const { slide, mpp, side } = ready;
    const fields = planFields(region, side, slide.info).length;
    if (fields > ASK_ABOVE_FIELDS) {
      const um = { w: region.w * mpp, h: region.h * mpp };
      setState({ dialog: { kind: 'large', region, fields, um } });
      return;
    }
    await this.analyseShown(region);
  }

  async analyseShown(region: Rect): Promise<void> {
    setState({ dialog: null });
    await this.analyse({ kind: 'region', region, fine: getState().fine }).catch((error) =>
      report(toCytolensError(error)),
    );
  }

  /** The user wants the whole slide: find its tissue and show it, to be corrected or started. */
  async prepareSlide(): Promise<void> {
    const ready = await this.ready('analyse slide');
    if (ready) await this.tissue.find(ready.mpp);
  }

  /** Analyse all tissue of the mask shown. */
  async analyseSlide(): Promise<void> {
    const mask = this.tissue.leave();
    if (!mask) return;
    const view = this.bench.viewer.view();
    await askToPersist();
    await this.analyse({ kind: 'slide', mask, view }).catch((error) =>
      report(toCytolensError(error)),
    );
  }

  /**
   * Analyse anew. One run at a time: a run under way is stopped first. Throws what the engine
   * throws, and `no-scale`.
   */
  async analyse(scope: Scope, options: AnalyseOptions = {}): Promise<RunResult> {
    this.cancel();
    await this.revival;
    await this.bench.models;
    const { slide, kitError } = getState();
    if (!slide) throw new CytolensError('internal', 'Open a slide first.');
    if (kitError) throw kitError;
    const mpp = this.mppOrThrow();
    this.scope = scope;
    this.bench.startCells(radiusUnitOf(mpp));
    const { width: w, height: h } = slide.info;
    const region = scope.kind === 'region' ? scope.region : { x: 0, y: 0, w, h };
    setState({ run: { ...NO_RUN, phase: 'running', scope: scope.kind, region } });
    return this.follow(options, (call) => this.bench.engine.call('analyse', { scope, mpp }, call));
  }

  /**
   * Find the tissue of the slide, or of `within` (level-0 px), and analyse all of it without asking.
   * Throws like `analyse`, and `no-tissue`.
   */
  async analyseTissue(within?: Rect, options: AnalyseOptions = {}): Promise<RunResult> {
    await this.bench.models;
    const mpp = this.mppOrThrow();
    const { signal } = options;
    const mask = await this.bench.engine.call('findTissue', { mpp, within }, { signal });
    const view = within ?? this.bench.viewer.view();
    return this.analyse({ kind: 'slide', mask, view }, options);
  }

  /**
   * Analyse the tissue inside of an area, of which `box` is the bounding box (level-0 px). The fields
   * that hold it are analysed as wholes, and results are not kept on disk: they would take the place
   * of the whole slide's. An area too small for a field of its own is analysed with its box. Gives
   * which of both it was. Throws like `analyseTissue`.
   */
  async analyseInside(
    box: Rect,
    inside: (x: number, y: number) => boolean,
    options: AnalyseOptions = {},
  ): Promise<'area' | 'box'> {
    await this.bench.models;
    const mpp = this.mppOrThrow();
    const { slide, kit } = getState();
    const { signal } = options;
    const mask = await this.bench.engine.call('findTissue', { mpp, within: box }, { signal });
    cutMask(mask, inside);
    const side = slide && kit ? fieldSideOf(kit.fieldUm, mpp) : 1;
    if (planSlide(mask, side, box).length > 0) {
      await this.analyse({ kind: 'slide', mask, view: box, keep: false }, options);
      return 'area';
    }
    await this.analyse({ kind: 'region', region: box }, options);
    return 'box';
  }

  /** Stop for now; `goOn` takes up where it stopped. */
  pause(): void {
    this.halt('paused');
  }

  /** Go on with a paused, restored or cancelled run. */
  async goOn(options: AnalyseOptions = {}): Promise<RunResult> {
    this.onGoOn();
    await this.revival;
    const { run } = getState();
    // Nothing of it is left, on screen or on disk.
    if (run.done === 0 && this.scope) return this.analyse(this.scope, options);
    setState({ run: { ...run, phase: 'running', before: run.done, ms: 0 }, notice: null });
    return this.follow(options, (call) => this.bench.engine.call('goOn', null, call));
  }

  async goOnShown(): Promise<void> {
    await this.goOn().catch((error) => report(toCytolensError(error)));
  }

  /** A paused run is taken as it is; what is kept on disk can still be gone on with later. */
  end(): void {
    setState(({ run }) => ({ run: { ...run, phase: 'cancelled' } }));
  }

  /** Stop the run under way; cells found so far stay. */
  cancel(): void {
    this.halt('cancelled');
  }

  /**
   * Read back what is kept of the open slide, if anything; an unfinished run can then be gone on
   * with, and one of another tab is watched.
   */
  async restore(): Promise<void> {
    await this.bench.models;
    const { slide, kit } = getState();
    if (!slide?.mpp || !kit) return;
    const { mpp } = slide;
    await this.readBack((call) => this.bench.engine.call('restore', { mpp }, call));
  }

  /** Show results that someone sent over the open slide. Throws `format`, `model`. */
  async openResults(source: ResultsSource): Promise<void> {
    await this.bench.models;
    this.mppOrThrow();
    await this.readBack((call) => this.bench.engine.call('openResults', { source }, call));
  }

  /** Fine mode or not, from the next view on; the view that is shown is analysed again. */
  async setFine(fine: boolean): Promise<void> {
    setState({ fine });
    const { region, scope, phase } = getState().run;
    if (region && scope === 'region' && phase === 'done') await this.analyseShown(region);
  }

  /** Weigh fields alike or by attention. */
  async pool(pooling: Pooling): Promise<void> {
    const pooled = await this.bench.engine.call('pool', { pooling });
    if (pooled) this.bench.pooled(pooled);
  }

  private async readBack(
    read: (call: {
      signal: AbortSignal;
      onProgress: (update: FieldUpdate) => void;
    }) => Promise<RestoredRun | null>,
  ): Promise<void> {
    const { slide } = getState();
    if (!slide) return;
    const mpp = this.mppOrThrow();
    const abort = this.begin();
    let started = false;
    const onProgress = (update: FieldUpdate) => {
      if (abort.signal.aborted) return;
      if (!started) this.bench.startCells(radiusUnitOf(mpp));
      started = true;
      this.bench.receive(update);
      setState({ restoring: { done: update.done, total: update.total } });
    };
    try {
      const found = await read({ signal: abort.signal, onProgress });
      if (!found || abort.signal.aborted) return;
      if (!started) this.bench.startCells(radiusUnitOf(mpp));
      this.restored(found);
      if (found.watching) void this.watch(abort);
    } catch (error) {
      if (!isCytolensError(error, 'cancelled')) throw error;
    } finally {
      setState({ restoring: null });
    }
  }

  private restored({ done, total, blurred, finished, watching, pooled, evidence }: RestoredRun) {
    const { slide } = getState();
    const { width: w, height: h } = slide?.info ?? { width: 0, height: 0 };
    const phase = finished ? 'done' : watching ? 'watching' : 'paused';
    const region = { x: 0, y: 0, w, h };
    this.scope = null;
    const run: Run = { ...NO_RUN, phase, scope: 'slide', region, done, total, blurred };
    setState({ run });
    if (pooled && evidence) this.bench.recolour({ ...pooled, ...evidence });
    else if (pooled) this.bench.pooled(pooled);
  }

  private async watch(abort: AbortController): Promise<void> {
    try {
      const pooled = await this.bench.engine.call('watch', null, {
        signal: abort.signal,
        onProgress: (update) => {
          this.bench.receive(update);
          const { done, total, blurred } = update;
          setState(({ run }) => ({ run: { ...run, done, total, blurred } }));
        },
      });
      if (pooled) this.bench.pooled(pooled);
      setState(({ run }) => ({ run: { ...run, phase: 'done' } }));
    } catch (error) {
      report(toCytolensError(error));
    }
  }

  private async follow(
    { onProgress, signal }: AnalyseOptions,
    start: (call: {
      signal: AbortSignal;
      onProgress: (update: FieldUpdate) => void;
    }) => Promise<RunResult>,
  ): Promise<RunResult> {
    const abort = this.begin();
    const both = signal ? AbortSignal.any([abort.signal, signal]) : abort.signal;
    const began = performance.now();
    const change = (to: Partial<Run>) => setState(({ run }) => ({ run: { ...run, ...to } }));
    try {
      const result = await start({
        signal: both,
        onProgress: (update) => {
          if (both.aborted) return;
          this.bench.receive(update);
          const { done, total, skipped, blurred } = update;
          change({ done, total, skipped, blurred, ms: performance.now() - began });
          onProgress?.(done, total);
        },
      });
      const { kit, skipped, blurred, modelMs, notKept, score } = result;
      const ms = performance.now() - began;
      change({ phase: 'done', skipped, blurred, modelMs, notKept, ms });
      setState({ score, kit });
      return { ...result, ms };
    } catch (error) {
      // A run that was replaced must not speak for the one that replaced it.
      if (this.stop === abort) {
        const { run } = getState();
        // What stopped by itself (a server that went away) can be gone on with.
        if (run.phase === 'running') change({ phase: run.done > 0 ? 'paused' : 'idle' });
      }
      throw error;
    } finally {
      if (this.stop === abort) this.stop = null;
    }
  }

  /** Start the engine again where it hangs, and read back what it had kept. */
  private async revive(): Promise<void> {
    if (!(await this.reviving.revive())) return;
    const { slide, run } = getState();
    if (!slide?.mpp) return;
    // The cells on screen are no longer known to any engine that could explain them.
    this.bench.startCells(radiusUnitOf(slide.mpp));
    setState({ run: { ...run, phase: 'paused', done: 0 } });
    const { scope } = this;
    const kept = scope === null || (scope.kind === 'slide' && scope.keep !== false);
    if (kept) await this.restore().catch((error) => report(toCytolensError(error)));
  }

  /** Stop whatever is under way and be what can be stopped now. */
  private begin(): AbortController {
    this.stop?.abort();
    const abort = new AbortController();
    this.stop = abort;
    return abort;
  }

  private halt(phase: 'paused' | 'cancelled'): void {
    this.stop?.abort();
    const { run } = getState();
    if (run.phase !== 'running' && run.phase !== 'watching') return;
    setState({ run: { ...run, phase: run.done > 0 ? phase : 'idle' } });
  }

  /** The slide, its scale and the models; null, and the user is asked or told, when one lacks. */
  private async ready(next: 'analyse' | 'analyse slide') {
    const { slide, run } = getState();
    if (!slide || run.phase === 'running') return null;
    const { mpp } = slide;
    if (mpp === null) {
      setState({ dialog: { kind: 'scale', next } });
      return null;
    }
    await this.bench.models;
    const { kit, kitError } = getState();
    if (!kit) {
      if (kitError) report(kitError);
      return null;
    }
    return { slide, mpp, side: fieldSideOf(kit.fieldUm, mpp) };
  }

  private mppOrThrow(): number {
    const { slide } = getState();
    if (slide?.mpp) return slide.mpp;
    throw new CytolensError(
      'no-scale',
      'This slide does not say its scale. Enter its um per pixel first.',
    );
  }
}

/** Ask that the browser never clears results on its own; only a page may, not a worker. */
async function askToPersist(): Promise<void> {
  try {
    await (await ResultCatalog.ofBrowser(navigator.storage)).persist();
  } catch {
    // No storage at all: the run says itself that it is not kept.
  }
}
