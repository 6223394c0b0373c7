/** Commands of the search for regions like a region. One search at a time; a new one takes its place. */
import { cornersOf, polygonsOf } from '../../annotation/geometry.ts';
import type {
  Rings,
  SearchProgress,
  SearchScope,
  SimilarRegion,
  SimilarRegions,
} from '../../audit/similar-regions.ts';
import { CytolensError, isCytolensError, toCytolensError } from '../../core/errors.ts';
import { grow, type Rect } from '../../core/geometry.ts';
import type { SlideSource } from '../../slide/slide.ts';
import type { Annotator } from '../annotate/annotator.ts';
import { titleOf } from '../annotate/titles.ts';
import type { Results } from '../results.ts';
import type { Run } from '../run-state.ts';
import { type AppState, getState, report, setState, useApp } from '../state.ts';
import type { Workbench } from '../workbench.ts';
import type { SlideFinder } from './slide-finder.ts';
import { concerns, type SimilarSearch } from './state.ts';
import { answerName } from './words.ts';

/** Answers in each list. */
const COUNT = 10;

export interface SimilarOptions {
  /** Answers in each list; 10 when left out. */
  count?: number;
  /** Look on the open slide, or in what is kept of all others. */
  scope?: SearchScope;
  /** Fields taken in, of how many. */
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
}

interface Parts {
  bench: Workbench;
  annotator: Annotator;
  results: Results;
  open: (source: SlideSource, at: { frame: Rect }) => Promise<void>;
}

/** Fields taken in at a time while a run goes on: the first question is then answered at once. */
const TAKE_IN_EVERY = 64;

export class Finding {
  private asking: AbortController | null = null;
  private takingIn = false;
  private takenIn = 0;
  private readonly stop: () => void;

  constructor(
    private readonly parts: Parts,
    readonly slides: SlideFinder,
  ) {
    this.stop = useApp.subscribe((state, before) => {
      this.follow(state.run, before.run);
      if (state.slide?.info.id !== before.slide?.info.id) this.leave(state);
    });
  }

  destroy(): void {
    this.stop();
    this.cancel();
    this.slides.destroy();
  }

  /**
   * The fields most like a region (rings, level-0 px). Throws `no-tissue` where nothing in it is
   * analysed, `cancelled`.
   */
  similar(rings: Rings, options: SimilarOptions = {}): Promise<SimilarRegions> {
    const { count = COUNT, scope = 'slide', onProgress, signal } = options;
    return this.parts.bench.engine.call(
      'similarRegions',
      { rings, count, scope },
      { signal, onProgress: ({ done, total }: SearchProgress) => onProgress?.(done, total) },
    );
  }

  /** Regions like an annotation. */
  async showForMark(id: string): Promise<void> {
    const mark = this.parts.annotator.get(id);
    if (mark) await this.ask(titleOf(mark), polygonsOf(mark.geometry).flat());
  }

  /** Regions like what is on screen. */
  async showForView(): Promise<void> {
    await this.ask('the view', [cornersOf(this.parts.bench.viewer.view())]);
  }

  /** Regions like the field that owns a cell. */
  async showForCell(index: number): Promise<void> {
    const { cells, analysed } = this.parts.bench;
    const rect = analysed[cells.field[index]];
    if (rect) await this.ask('the field of the cell', [cornersOf(rect)]);
  }

  /** The same question to the other fields. */
  async setScope(scope: SearchScope): Promise<void> {
    const { similar, slide } = getState();
    if (!similar || similar.scope === scope) return;
    if (slide?.info.id !== similar.slide.info.id) {
      report(
        new CytolensError('no-tissue', 'Go back to the region first: it is on another slide.'),
      );
      return;
    }
    await this.ask(similar.title, similar.rings, scope);
  }

  /** Whose parts are shown beside the region's. */
  show(shown: SimilarSearch['shown']): void {
    setState(({ similar }) => ({ similar: similar && { ...similar, shown } }));
  }

  /** Bring an answer into view, on its own slide. The card of a cell elsewhere is put away. */
  async flyTo({ slideId, rect, path, slideName }: SimilarRegion): Promise<void> {
    void this.parts.bench.select(-1);
    await this.fly(slideId, rect, answerName({ path, slideName }));
  }

  /** Back to the region that was asked about. */
  async flyBack(): Promise<void> {
    const { similar } = getState();
    if (similar?.found)
      await this.fly(similar.slide.info.id, similar.found.query.rect, 'The slide');
  }

  cancel(): void {
    this.asking?.abort();
  }

  close(): void {
    this.cancel();
    this.slides.close();
    setState({ similar: null });
  }

  /** On a slide that has neither the region nor an answer, the drawer would speak of another. */
  private leave({ slide, similar }: AppState): void {
    if (similar && !(slide && concerns(similar, slide.info.id))) this.close();
  }

  private follow(run: Run, before: Run): void {
    if (run === before) return;
    if (run.done < this.takenIn) this.takenIn = 0;
    const ended = run.phase !== 'running' && run.phase !== before.phase;
    if (ended || run.done - this.takenIn >= TAKE_IN_EVERY) void this.takeIn(run.done);
  }

  private async takeIn(done: number): Promise<void> {
    if (this.takingIn || done === 0) return;
    this.takingIn = true;
    this.takenIn = done;
    // What fails here is said when it is asked for.
    await this.parts.bench.engine.call('takeInFields', null).catch(() => undefined);
    this.takingIn = false;
  }

  private async ask(title: string, rings: Rings, scope: SearchScope = 'slide'): Promise<void> {
    const { slide } = getState();
    if (!slide) return;
    this.cancel();
    const abort = new AbortController();
    this.asking = abort;
    const { info, source } = slide;
    const search: SimilarSearch = {
      title,
      slide: { info, source },
      rings,
      scope,
      busy: { done: 0, total: 0 },
      found: null,
      problem: null,
      shown: { list: 'byTokens', at: 0 },
    };
    setState({ similar: search });
    const tell = (change: Partial<SimilarSearch>) => {
      if (this.asking === abort) setState({ similar: { ...search, ...change } });
    };
    try {
      // While names are masked, an answer is called by its place in this list.
      if (scope === 'library') await this.parts.results.list();
      const found = await this.similar(rings, {
        scope,
        signal: abort.signal,
        onProgress: (done, total) => tell({ busy: { done, total } }),
      });
      tell({ busy: null, found });
    } catch (thrown) {
      const error = toCytolensError(thrown);
      const known = isCytolensError(error, 'no-tissue') || isCytolensError(error, 'cancelled');
      tell({ busy: null, problem: known ? error.message : 'The search failed.' });
      if (!known) report(error);
    }
  }

  private async fly(slideId: string, rect: Rect, name: string): Promise<void> {
    const frame = grow(rect, rect.w / 2);
    if (getState().slide?.info.id === slideId) {
      this.parts.bench.viewer.setView(frame);
      return;
    }
    try {
      const source = await this.slides.sourceOf(slideId, true);
      if (!source) {
        throw new CytolensError(
          'not-found',
          `${name} cannot be opened from here: its file is not at hand. Open it, then press again.`,
        );
      }
      await this.parts.open(source, { frame });
    } catch (error) {
      report(toCytolensError(error));
    }
  }
}
