/** What a person or a script can ask for. Every command ends in the state or in a tagged error. */
import type { LoadedKit, ModelEntry, ModelSource } from '../analysis/analysis.ts';
import { toCytolensError } from '../core/errors.ts';
import type { Rect } from '../core/geometry.ts';
import { mppOf } from '../core/units.ts';
import { openSlideForView } from '../slide/slide.client.ts';
import type { SlideSource } from '../slide/slide.ts';
import { type Pose, UPRIGHT } from '../viewer/pose.ts';
import { Annotating } from './annotate/annotating.ts';
import { InsideFilter } from './annotate/inside-filter.ts';
import { Auditing } from './audit/auditing.ts';
import { Cases } from './cases/cases.ts';
import { Developing } from './developing.ts';
import { Explaining } from './explaining.ts';
import { Gates } from './gates.ts';
import { FieldExports } from './molecular/field-exports.ts';
import { OwnLibrary } from './molecular/own-library.ts';
import { Prompting } from './molecular/prompting.ts';
import { Panes } from './panes/panes.ts';
import { Pictures } from './pictures.ts';
import { Results } from './results.ts';
import { Finding } from './retrieval/finding.ts';
import { SlideFinder } from './retrieval/slide-finder.ts';
import { Reviving } from './reviving.ts';
import { Running } from './running.ts';
import { MeasuredSpots } from './spots/spots.ts';
import { getState, type Notice, report, setState } from './state.ts';
import { Transfers } from './transfer.ts';
import { Trusting } from './trust/trusting.ts';
import { nameOf, readUrl, writeUrl } from './url.ts';
import type { Workbench } from './workbench.ts';

/** Where and how a slide is opened, as an address says it. */
export interface OpenAt {
  /** As the viewer tells it; the whole slide when left out. */
  frame?: Rect;
  pose?: Pose;
  /** um/px, for a slide that does not say its own. */
  mpp?: number;
}

export class Commands {
  readonly explaining: Explaining;
  /** Cells to and from files. */
  readonly transfers: Transfers;
  readonly running: Running;
  /** Results kept in the browser. */
  readonly results: Results;
  readonly gates: Gates;
  /** Gene sets asked of the analysed fields, and their scores in files. */
  readonly prompting: Prompting;
  /** Spatial transcriptomics over the slide. */
  readonly measured: MeasuredSpots;
  readonly fieldExports: FieldExports;
  /** Samples of the user's own that soft-kNN answers from. */
  readonly ownLibrary: OwnLibrary;
  /** Further slides beside the main one. */
  readonly panes: Panes;
  /** Cases, their slides, bookmarks and thumbnails. */
  readonly cases: Cases;
  /** Shapes drawn on the slide. */
  readonly annotating: Annotating;
  /** How the pixels of the open slide are shown. */
  readonly developing: Developing;
  readonly pictures: Pictures;
  /** How far the prediction on screen can be trusted. */
  readonly trusting: Trusting;
  private readonly reviving: Reviving;
  /** Encoders put on trial. */
  readonly auditing: Auditing;
  /** Regions like a region. */
  readonly finding: Finding;
  private readonly insideFilter: InsideFilter;
  private openingSlide: AbortController | null = null;

  constructor(readonly bench: Workbench) {
    this.reviving = new Reviving(bench);
    this.running = new Running(bench, this.reviving);
    this.results = new Results(bench, this.running);
    this.gates = new Gates(bench);
    this.annotating = new Annotating(bench);
    this.insideFilter = new InsideFilter(bench, this.gates, this.annotating.annotator);
    this.transfers = new Transfers(bench, () => this.running.cancel());
    this.running.onGoOn = () => {
      if (getState().imported) this.transfers.closeImported();
    };
    this.explaining = new Explaining(bench);
    this.prompting = new Prompting(bench);
    this.measured = new MeasuredSpots(bench, this.prompting, (mpp) => this.setMpp(mpp));
    this.fieldExports = new FieldExports(this.prompting);
    this.ownLibrary = new OwnLibrary(bench, this.prompting, () => this.askAgain());
    this.panes = new Panes(bench, this.explaining);
    const { viewer } = bench;
    this.developing = new Developing(viewer);
    this.pictures = new Pictures(bench, this.developing);
    this.trusting = new Trusting(bench);
    this.auditing = new Auditing(bench, this.annotating.annotator);
    bench.onShown = (slide) => this.developing.opened(slide);
    this.cases = new Cases((source) => this.open(source), {
      read: () => ({ view: viewer.frame(), turn: viewer.turn(), flip: viewer.flipped() }),
      show: ({ view, turn = 0, flip = false }) => {
        viewer.setFlipped(flip);
        viewer.setTurn(turn);
        viewer.setFrame(view);
      },
    });
    this.finding = new Finding(
      {
        bench,
        annotator: this.annotating.annotator,
        results: this.results,
        open: (source, at) => this.open(source, at),
      },
      new SlideFinder(this.cases),
    );
    bench.onRest = () => this.writeAddress();
  }

  /** Stop listening; called when the page's parts are taken down. */
  destroy(): void {
    this.finding.destroy();
    this.trusting.destroy();
    this.measured.destroy();
    this.insideFilter.destroy();
    this.annotating.destroy();
  }

  /** Gene sets on screen were answered from another library than the one in use now. */
  private askAgain(): void {
    const { molecular, spots } = getState();
    if (molecular.a) void this.prompting.againShown();
    if (spots.compared) void this.measured.compareShown(spots.compared.prompt);
  }

  /**
   * Open a slide. Until the new one is known to be good, the old one and its results stay.
   * Throws what openSlide throws.
   */
  async open(source: SlideSource, at: OpenAt = {}): Promise<void> {
    this.openingSlide?.abort();
    const abort = new AbortController();
    this.openingSlide = abort;
    setState({ opening: getState().namesMasked ? 'the slide' : nameForHumans(source) });
    try {
      const slide = await openSlideForView(source, { signal: abort.signal });
      this.running.cancel();
      this.running.tissue.leave();
      try {
        await this.bench.engine.call('open', { source }, { signal: abort.signal });
      } catch (error) {
        slide.close();
        throw error;
      }
      const mpp = slide.info.mpp ?? at.mpp ?? null;
      const mppFrom = slide.info.mpp ? 'slide' : mpp ? 'user' : null;
      const notice = noticeOf(slide.info.notes);
      setState({ slide: { info: slide.info, source, mpp, mppFrom }, dialog: null, notice });
      await this.bench.show(slide, at.frame, at.pose);
      if (mpp === null) setState({ dialog: { kind: 'scale', next: 'nothing' } });
      else void this.running.restore().catch((error) => report(toCytolensError(error)));
    } finally {
      if (this.openingSlide === abort) {
        this.openingSlide = null;
        setState({ opening: null });
      }
    }
  }

  /** As `open`, for a person: an error becomes a sentence on screen. */
  async openShown(source: SlideSource, at?: OpenAt): Promise<void> {
    if (getState().openInPane) return this.panes.addShown(source);
    await this.open(source, at).catch((error) => report(toCytolensError(error)));
  }

  /** The um/px of a slide that does not say its own. */
  setMpp(mpp: number): void {
    const { slide } = getState();
    if (!slide) return;
    setState({ slide: { ...slide, mpp, mppFrom: 'user' } });
    this.bench.clear();
    this.writeAddress();
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
    this.running.cancel();
    setState({ preparing: id, notice: null });
    try {
      const chosen = await this.bench.engine.call('choose', { head: id });
      setState({ kit: chosen.kit, kitError: null });
      if (chosen.rescored) this.bench.recolour(chosen.rescored);
      this.writeAddress();
      const { region, scope } = getState().run;
      if (again && chosen.rescored) await this.running.goOn();
      else if (scope === 'region' && region && !chosen.rescored) {
        await this.running.analyse({ kind: 'region', region });
      }
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
    this.running.cancel();
    setState({ preparing: source.kind === 'url' ? source.url : source.name, notice: null });
    try {
      const { added, entries } = await this.bench.engine.call('addModel', { source });
      setState({ entries });
      this.reviving.keep(added.id, source);
      return added;
    } finally {
      setState({ preparing: null });
    }
  }

  /** Forget an added model that is not in use. Throws `model`. */
  async removeModel(id: string): Promise<void> {
    setState({ entries: await this.bench.engine.call('removeModel', { id }) });
    this.reviving.forget(id);
  }

  /** The text of a model's card. */
  cardOf(id: string): Promise<string> {
    return this.bench.engine.call('card', { id });
  }

  /** Show the slide at an objective power (40 is 0.25 um per screen px). */
  setObjective(objective: number): void {
    const { slide } = getState();
    if (slide?.mpp) this.bench.viewer.setScale(mppOf(objective) / slide.mpp);
  }

  /** Link to this slide and view. */
  shareLink(): string {
    return location.href;
  }

  private writeAddress(): void {
    const { slide, kit, entries, pose } = getState();
    if (!slide) return;
    const { provider, head, gate } = readUrl(location.search);
    const name = nameOf(slide.source, document.baseURI);
    // No address can name a file of this disk; its view alone would show another slide's glass.
    const query = writeUrl({
      slide: name,
      view: name ? this.bench.viewer.frame() : null,
      pose: name ? pose : UPRIGHT,
      mpp: name && slide.mppFrom === 'user' ? slide.mpp : null,
      provider,
      head: kit ? linkedHead(kit, entries) : head,
      gate,
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

/** What the reader of a slide wants to be known before its picture is trusted. */
function noticeOf(notes: readonly string[] = []): Notice | null {
  return notes.length > 0 ? { tone: 'info', message: notes.join(' '), detail: '' } : null;
}

function nameForHumans(source: SlideSource): string {
  if (source.kind === 'file') return source.file.name;
  if (source.kind === 'synthetic') return 'the built-in slide';
  if (source.kind === 'files') return source.name;
  return source.facts?.name ?? (source.kind === 'url' ? source.url : 'a DICOM series');
}
