/** Commands for measured spots: read, coloured by genes and sets, and compared with predictions. */
import { CytolensError, cancelled, isCytolensError, toCytolensError } from '../../core/errors.ts';
import type { Connection } from '../../core/rpc.ts';
import { GeneNames } from '../../molecular/gene-names.ts';
import type { AlignmentInfo } from '../../molecular/molecular.ts';
import { type Prompt, pastedSet, promptOf, readableName } from '../../molecular/prompt.ts';
import { wholeFields } from '../../molecular/spatial/embed.ts';
import { startSpatial } from '../../molecular/spatial/spatial.client.ts';
import type { SpatialApi, SpotSummary } from '../../molecular/spatial/spatial.ts';
import type { LocalFile } from '../../slide/slide.ts';
import type { Prompting } from '../molecular/prompting.ts';
import { getState, report, setState, useApp } from '../state.ts';
import type { Workbench } from '../workbench.ts';
import { type Comparison, comparisonOf } from './comparing.ts';
import { loadedFrom, shownDepth, shownGene, shownSet } from './shown.ts';
import {
  type AnswerId,
  type Compared,
  type LoadedSpots,
  NO_SPOTS,
  type Spots,
  type SpotsTask,
  type SpotsView,
} from './state.ts';

export function setSpots(change: Partial<Spots>): void {
  setState(({ spots }) => ({ spots: { ...spots, ...change } }));
}

interface Work {
  signal?: AbortSignal;
}

export class MeasuredSpots {
  /** Places of the spots; null without any. */
  table: SpotSummary | null = null;
  /** The last gene set compared. */
  columns: Comparison | null = null;
  /** What colours the spots, one a spot; NaN where there is none. */
  values: ArrayLike<number> = [];
  private worker: Connection<SpatialApi> | null = null;
  private slideId: string | null = null;
  private gene: { symbol: string; values: Float32Array } | null = null;
  /** Rows that the engine has seen, at this scale. */
  private seen: { rows: Uint32Array; mpp: number; encoder: string } | null = null;
  private running: AbortController | null = null;
  private readonly unsubscribe: () => void;

  constructor(
    private readonly bench: Workbench,
    private readonly prompting: Prompting,
    private readonly setMpp: (mpp: number) => void,
  ) {
    this.unsubscribe = useApp.subscribe(({ slide }) => {
      if (this.slideId !== null && slide?.info.id !== this.slideId) this.close();
    });
  }

  destroy(): void {
    this.unsubscribe();
    this.close();
  }

  /**
   * Read spots and lay them on the open slide. A slide without um/px takes that of the lattice.
   * Throws what `readSpots` throws; what was shown stays then.
   */
  load(files: readonly LocalFile[], work: Work = {}): Promise<LoadedSpots> {
    return this.doing({ what: 'read', share: 0, detail: files[0]?.path ?? '' }, work, (signal) =>
      this.read(files, signal),
    );
  }

  /** As `load`, for a person. */
  async loadShown(files: readonly LocalFile[]): Promise<void> {
    await this.load(files).then(
      () => setSpots({ view: 'measured' }),
      (error) => report(toCytolensError(error)),
    );
  }

  /** Colour the spots by one gene: log1p of counts per 10,000. Throws `not-found`. */
  async showGene(symbol: string): Promise<Float32Array> {
    const values = await this.needed().worker.call('gene', { symbol });
    this.gene = { symbol, values };
    setSpots({ view: 'measured' });
    this.publish();
    return values;
  }

  async showGeneShown(symbol: string): Promise<void> {
    await this.showGene(symbol).catch((error) => report(toCytolensError(error)));
  }

  /**
   * Score a gene set in the counts and from the picture, for every spot whose field lies on the
   * slide. `asked` is the name of a set at hand, or genes. Throws `format` with the sentence of a
   * refusal, `model`, `no-scale`, `cancelled`.
   */
  async compare(asked: Prompt | string | readonly string[], work: Work = {}): Promise<Compared> {
    const prompt = isPrompt(asked) ? asked : await this.promptFor(asked);
    if (prompt.refusal) throw new CytolensError('format', prompt.refusal);
    const task = { what: 'score', share: 0, detail: readableName(prompt.set.name) } as const;
    return this.doing(task, work, (signal) => this.answer(prompt, signal));
  }

  async compareShown(asked: Prompt | string | readonly string[]): Promise<void> {
    await this.compare(asked).catch((error) => report(toCytolensError(error)));
  }

  /** Choosing a view of the gene set that was compared takes a gene's colours away. */
  show(change: { view?: SpotsView; answer?: AnswerId }): void {
    if (change.view) this.gene = null;
    setSpots(change);
    this.publish();
  }

  cancel(): void {
    this.running?.abort();
  }

  /** Forget the spots. */
  close(): void {
    this.cancel();
    this.worker?.close();
    this.worker = null;
    this.table = null;
    this.columns = null;
    this.gene = null;
    this.seen = null;
    this.slideId = null;
    this.values = [];
    setState(NO_SPOTS);
  }

  /** The model's facts, started when first asked for. Throws `model`. */
  async alignment(): Promise<AlignmentInfo> {
    await this.bench.models;
    const info = await this.bench.engine.call('alignmentInfo', null);
    if (info) return info;
    throw new CytolensError(
      'model',
      'No model here reads the tokens of the encoder in use for gene sets, so spots cannot be predicted. Choose a head of the built-in encoder.',
    );
  }

  private async read(files: readonly LocalFile[], signal: AbortSignal): Promise<LoadedSpots> {
    const { slide } = getState();
    if (!slide) {
      throw new CytolensError(
        'format',
        'Open the slide of these spots first: it has to lie under them.',
      );
    }
    const { width, height, id, name } = slide.info;
    const frame = { width, height, mpp: slide.mpp };
    // Without a model the spots can be looked at all the same.
    const known = await this.alignment().then(
      (info) => info.symbols,
      () => [],
    );
    const worker = startSpatial();
    try {
      const request = { files: [...files], frame, known, section: name };
      const onProgress = (share: number) => this.progress(share);
      const table = await worker.call('read', request, { signal, onProgress });
      if (getState().slide?.info.id !== id) throw cancelled();
      this.worker?.close();
      Object.assign(this, { worker, table, slideId: id, columns: null, gene: null, seen: null });
      const loaded = loadedFrom(table, slide.mpp);
      setSpots({ ...NO_SPOTS.spots, loaded, task: getState().spots.task });
      if (slide.mpp === null && table.mpp) {
        this.setMpp(table.mpp);
        if (getState().dialog?.kind === 'scale') setState({ dialog: null });
      }
      this.publish();
      return loaded;
    } catch (error) {
      if (this.worker !== worker) worker.close();
      throw error;
    }
  }

  private async promptFor(asked: string | readonly string[]): Promise<Prompt> {
    await this.prompting.begin();
    const { symbols, spectrum } = await this.alignment();
    const beside = [...this.prompting.namesBeside, ...this.needed().table.ids];
    const names = new GeneNames(symbols, new Map(beside));
    const named = typeof asked === 'string' ? this.prompting.sets.named(asked) : null;
    const text = typeof asked === 'string' ? asked : asked.join('\n');
    return promptOf(named ?? pastedSet(text, names), names, spectrum);
  }

  private async answer(prompt: Prompt, signal: AbortSignal): Promise<Compared> {
    const { table, worker } = this.needed();
    const { symbols, ownLibrary } = await this.alignment();
    const rows = await this.see(signal);
    const sets = [prompt.match.places];
    const onProgress = (share: number) => this.progress(share);
    const [measured, predicted] = await Promise.all([
      worker.call('score', { vocabulary: symbols, sets }, { signal, onProgress }),
      this.bench.engine.call('predictSpots', { places: prompt.match.places }, { signal }),
    ]);
    if (this.table !== table) throw cancelled();
    const { scores, matched } = measured;
    const { um, totals } = table;
    const own = ownLibrary !== null;
    const scored = { prompt, measured: scores, predicted, rows, um, totals, listed: matched, own };
    const { columns, compared } = comparisonOf(scored);
    this.columns = columns;
    this.gene = null;
    setSpots({ compared });
    this.publish();
    return compared;
  }

  /** Let the encoder see the spots' fields, once for a slide, a scale and an encoder. */
  private async see(signal: AbortSignal): Promise<Uint32Array> {
    const { table } = this.needed();
    const { slide, kit } = getState();
    const mpp = slide?.mpp;
    if (!slide || !kit || !mpp) {
      throw new CytolensError(
        'no-scale',
        'This slide does not say its scale. Enter its um per pixel first.',
      );
    }
    const encoder = kit.encoder.status.id;
    if (this.seen?.mpp === mpp && this.seen.encoder === encoder) return this.seen.rows;
    const rows = wholeFields(table, slide.info, kit.fieldUm / mpp);
    if (rows.length === 0) {
      throw new CytolensError(
        'format',
        'No spot has its whole field on the slide, so none can be predicted.',
      );
    }
    const pick = (values: Float64Array) => Float64Array.from(rows, (row) => values[row]);
    const spots = { x: pick(table.x), y: pick(table.y) };
    const task = getState().spots.task;
    await this.bench.engine.call(
      'embedSpots',
      { spots, mpp },
      {
        signal,
        onProgress: ({ done, total }) =>
          setSpots({
            task: { what: 'see', share: done / total, detail: `${done} of ${total} spots` },
          }),
      },
    );
    setSpots({ task });
    this.seen = { rows, mpp, encoder };
    return rows;
  }

  /** Put what is to be seen on the slide. */
  private publish(): void {
    const { table, columns, gene } = this;
    if (!table) return;
    const { view, answer, compared } = getState().spots;
    const set = columns && compared && { columns, prompt: compared.prompt, view, answer };
    const { values, shown } = gene
      ? shownGene(gene.symbol, gene.values)
      : set
        ? shownSet(set, table.x.length)
        : shownDepth(table.totals);
    this.values = values;
    setSpots({ shown });
  }

  private needed() {
    const { table, worker } = this;
    if (table && worker) return { table, worker };
    throw new CytolensError('format', 'No measured spots are loaded. Choose their files first.');
  }

  private progress(share: number): void {
    const { task } = getState().spots;
    if (task) setSpots({ task: { ...task, share } });
  }

  /** One task at a time: a new one takes the place of the former. */
  private async doing<T>(
    task: SpotsTask,
    { signal }: Work,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    this.running?.abort();
    const abort = new AbortController();
    this.running = abort;
    const stop = () => abort.abort();
    signal?.addEventListener('abort', stop, { once: true });
    setSpots({ task });
    if (getState().notice?.tone === 'error') setState({ notice: null });
    try {
      return await work(abort.signal);
    } catch (error) {
      // Whatever failed because it was stopped is a cancel, in whichever worker it was noticed.
      throw abort.signal.aborted && !isCytolensError(error, 'cancelled') ? cancelled() : error;
    } finally {
      signal?.removeEventListener('abort', stop);
      if (this.running === abort) {
        this.running = null;
        setSpots({ task: null });
      }
    }
  }
}

function isPrompt(asked: Prompt | string | readonly string[]): asked is Prompt {
  return typeof asked === 'object' && 'match' in asked;
}
