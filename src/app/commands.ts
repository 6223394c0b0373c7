/** What a person or a script can ask for. Every command ends in the state or in a tagged error. */
import type { LoadedKit, ModelEntry, ModelSource, RunResult } from '../analysis/analysis.ts';
import { radiusUnitOf } from '../analysis/ledger.ts';
import { fieldSideOf, planFields } from '../analysis/plan.ts';
import { CytolensError, toCytolensError } from '../core/errors.ts';
import type { Rect } from '../core/geometry.ts';
import { mppOf } from '../core/units.ts';
import { openSlideForView } from '../slide/slide.client.ts';
import type { SlideSource } from '../slide/slide.ts';
import { type ExportFormat, toCsv, toGeoJson } from '../store/export.ts';
import { provenanceOf } from '../store/provenance.ts';
import { getState, report, setState } from './state.ts';
import { nameOf, readUrl, writeUrl } from './url.ts';
import type { Workbench } from './workbench.ts';

/** Above this many fields (5 mm2, minutes on a laptop) the user is asked first. */
export const ASK_ABOVE_FIELDS = 400;

export class Commands {
  private running: AbortController | null = null;
  private openingSlide: AbortController | null = null;

  constructor(readonly bench: Workbench) {
    bench.onRest = (view) => this.writeAddress(view);
  }

  /**
   * Open a slide. Until the new one is known to be good, the old one and its results stay.
   * Throws what openSlide throws.
   */
  async open(source: SlideSource, view?: Rect, enteredMpp?: number): Promise<void> {
    this.openingSlide?.abort();
    const abort = new AbortController();
    this.openingSlide = abort;
    setState({ opening: nameForHumans(source) });
    try {
      const slide = await openSlideForView(source, { signal: abort.signal });
      this.cancel();
      try {
        await this.bench.analysis.call('open', { source }, { signal: abort.signal });
      } catch (error) {
        slide.close();
        throw error;
      }
      const mpp = slide.info.mpp ?? enteredMpp ?? null;
      const mppFrom = slide.info.mpp ? 'slide' : mpp ? 'user' : null;
      setState({ slide: { info: slide.info, source, mpp, mppFrom }, dialog: null, notice: null });
      await this.bench.show(slide, view);
      if (mpp === null) setState({ dialog: { kind: 'scale', next: 'nothing' } });
    } finally {
      if (this.openingSlide === abort) {
        this.openingSlide = null;
        setState({ opening: null });
      }
    }
  }

  /** As `open`, for a person: an error becomes a sentence on screen. */
  async openShown(source: SlideSource, view?: Rect, enteredMpp?: number): Promise<void> {
    await this.open(source, view, enteredMpp).catch((error) => report(toCytolensError(error)));
  }

  /** The um/px of a slide that does not say its own. */
  setMpp(mpp: number): void {
    const { slide } = getState();
    if (!slide) return;
    setState({ slide: { ...slide, mpp, mppFrom: 'user' } });
    this.bench.clear();
    this.writeAddress(this.bench.viewer.view());
  }

  /** The user pressed A: ask for what is missing, then analyse what is on screen. */
  async analyseView(): Promise<void> {
    const { slide, run } = getState();
    if (!slide || run.phase === 'running') return;
    if (slide.mpp === null) {
      setState({ dialog: { kind: 'scale', next: 'analyse' } });
      return;
    }
    await this.bench.models;
    const { kit, kitError } = getState();
    if (!kit) {
      if (kitError) report(kitError);
      return;
    }
    const region = this.bench.viewer.view();
    const side = fieldSideOf(kit.fieldUm, slide.mpp);
    const fields = planFields(region, side, slide.info).length;
    if (fields > ASK_ABOVE_FIELDS) {
      const um = { w: region.w * slide.mpp, h: region.h * slide.mpp };
      setState({ dialog: { kind: 'large', region, fields, um } });
      return;
    }
    await this.analyseShown(region);
  }

  async analyseShown(region: Rect): Promise<void> {
    setState({ dialog: null });
    await this.analyse(region).catch((error) => report(toCytolensError(error)));
  }

  /** Analyse `region` (level-0 px). One run at a time: a run under way is cancelled first. */
  async analyse(
    region: Rect,
    options: { onProgress?: (done: number, total: number) => void; signal?: AbortSignal } = {},
  ): Promise<RunResult> {
    this.cancel();
    await this.bench.models;
    const { slide, kitError } = getState();
    if (!slide) throw new CytolensError('internal', 'Open a slide first.');
    if (kitError) throw kitError;
    const { mpp } = slide;
    if (mpp === null) {
      throw new CytolensError(
        'no-scale',
        'This slide does not say its scale. Enter its um per pixel first.',
      );
    }
    const abort = new AbortController();
    this.running = abort;
    const signal = options.signal ? AbortSignal.any([abort.signal, options.signal]) : abort.signal;
    const start = performance.now();
    this.bench.startCells(radiusUnitOf(mpp));
    setState(({ run }) => ({ run: { ...run, phase: 'running', region } }));
    try {
      const result = await this.bench.analysis.call(
        'analyse',
        { region, mpp },
        {
          signal,
          onProgress: (update) => {
            if (signal.aborted) return;
            this.bench.receive(update);
            const { done, total, skipped } = update;
            const ms = performance.now() - start;
            setState(({ run }) => ({ run: { ...run, done, total, skipped, ms } }));
            options.onProgress?.(done, total);
          },
        },
      );
      const { skipped, modelMs, score } = result;
      const ms = performance.now() - start;
      setState(({ run }) => ({ run: { ...run, phase: 'done', skipped, modelMs, ms }, score }));
      return { ...result, ms };
    } catch (error) {
      // A run that was replaced must not speak for the one that replaced it.
      if (this.running === abort) {
        setState(({ run }) => ({ run: { ...run, phase: run.done > 0 ? 'cancelled' : 'idle' } }));
      }
      throw error;
    } finally {
      if (this.running === abort) this.running = null;
    }
  }

  /**
   * Ask another head. Cells already found are coloured anew from the tokens kept; where those are
   * another encoder's or too many to keep, the region is analysed again. Throws `model`.
   */
  async chooseHead(id: string): Promise<void> {
    await this.bench.models;
    const { run, kit } = getState();
    if (kit?.head.status.id === id) return;
    const again = run.phase === 'running';
    this.cancel();
    setState({ preparing: id, notice: null });
    try {
      const chosen = await this.bench.analysis.call('choose', { head: id });
      setState({ kit: chosen.kit, kitError: null });
      if (chosen.rescored) this.bench.recolour(chosen.rescored);
      this.writeAddress(this.bench.viewer.view());
      const { region } = getState().run;
      if (region && (again || !chosen.rescored)) await this.analyse(region);
    } finally {
      setState({ preparing: null });
    }
  }

  /** As `chooseHead`, for a person: an error becomes a sentence on screen. */
  async chooseHeadShown(id: string): Promise<void> {
    await this.chooseHead(id).catch((error) => report(toCytolensError(error)));
  }

  /** Check a model folder of the user's and list it. Throws `model`, `parity`, `network`. */
  async addModel(source: ModelSource): Promise<ModelEntry> {
    await this.bench.models;
    this.cancel();
    setState({ preparing: source.kind === 'url' ? source.url : source.name, notice: null });
    try {
      const { added, entries } = await this.bench.analysis.call('addModel', { source });
      setState({ entries });
      return added;
    } finally {
      setState({ preparing: null });
    }
  }

  /** Forget an added model that is not in use. Throws `model`. */
  async removeModel(id: string): Promise<void> {
    setState({ entries: await this.bench.analysis.call('removeModel', { id }) });
  }

  /** The text of a model's card. */
  cardOf(id: string): Promise<string> {
    return this.bench.analysis.call('card', { id });
  }

  /** Stop the run under way; cells found so far stay. */
  cancel(): void {
    this.running?.abort();
    this.running = null;
    setState(({ run }) => (run.phase === 'running' ? { run: { ...run, phase: 'cancelled' } } : {}));
  }

  /** Show the slide at an objective power (40 is 0.25 um per screen px). */
  setObjective(objective: number): void {
    const { slide } = getState();
    if (slide?.mpp) this.bench.viewer.setScale(mppOf(objective) / slide.mpp);
  }

  /** The cells and where they come from, as the text of a file. */
  exportAs(format: ExportFormat): string {
    const { slide, kit, score, run } = getState();
    if (!slide?.mpp || !kit || !score || !run.region) {
      throw new CytolensError('no-tissue', 'There is nothing to export yet. Analyse a view first.');
    }
    const facts = { id: slide.info.id, name: slide.info.name, mpp: slide.mpp };
    const provenance = provenanceOf(__VERSION__, facts, run.region, kit, score, new Date());
    const write = format === 'csv' ? toCsv : toGeoJson;
    return write(this.bench.cells, kit.types, provenance);
  }

  /** Link to this slide and view. */
  shareLink(): string {
    return location.href;
  }

  private writeAddress(view: Rect): void {
    const { slide, kit, entries } = getState();
    if (!slide) return;
    const { provider, head } = readUrl(location.search);
    const name = nameOf(slide.source, document.baseURI);
    // No address can name a file of this disk; its view alone would show another slide's glass.
    const query = writeUrl({
      slide: name,
      view: name ? view : null,
      mpp: name && slide.mppFrom === 'user' ? slide.mpp : null,
      provider,
      head: kit ? linkedHead(kit, entries) : head,
    });
    history.replaceState(null, '', query);
  }
}

/** The head as a link names it: none for the first, and none for the user's own. */
function linkedHead(kit: LoadedKit, entries: readonly ModelEntry[]): string | null {
  const heads = entries.filter((entry) => entry.role === 'head');
  const used = heads.find((entry) => entry.id === kit.head.status.id);
  return used?.origin === 'built-in' && used !== heads[0] ? used.id : null;
}

function nameForHumans(source: SlideSource): string {
  if (source.kind === 'file') return source.file.name;
  if (source.kind === 'synthetic') return 'the built-in slide';
  return source.facts?.name ?? source.url;
}
