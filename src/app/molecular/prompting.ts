/** Commands that ask the slide for gene sets. One question at a time; a new one takes its place. */
import { CytolensError, cancelled, throwIfAborted, toCytolensError } from '../../core/errors.ts';
import { differenceOf } from '../../molecular/compare.ts';
import { GeneNames } from '../../molecular/gene-names.ts';
import { namesBeside } from '../../molecular/gene-table.ts';
import type { GeneSet } from '../../molecular/genesets.ts';
import type { PromptAnswer, Spectrum } from '../../molecular/molecular.ts';
import { combined, type Prompt, pastedSet, promptOf } from '../../molecular/prompt.ts';
import { type AppState, getState, report, setState } from '../state.ts';
import type { Workbench } from '../workbench.ts';
import { GeneSets, shippedFile } from './gene-sets.ts';
import { projected, projectionLegend } from './projection.ts';
import { readSaved, type SavedPrompt, writeSaved } from './saved.ts';
import type { Answered, MapShows, Molecular } from './state.ts';

/** An answer with its rows, and the prompt it is to. */
export interface AskedAnswer extends PromptAnswer {
  prompt: Prompt;
}

export interface PromptOptions {
  /** A set whose genes are taken out. */
  minus?: string;
  signal?: AbortSignal;
  onProgress?: (done: number, total: number) => void;
}

export function setMolecular(change: Partial<Molecular>): void {
  setState(({ molecular }) => ({ molecular: { ...molecular, ...change } }));
}

export class Prompting {
  /** The answers on screen, with their columns. */
  readonly answers: { a: AskedAnswer | null; b: AskedAnswer | null } = { a: null, b: null };
  readonly sets = new GeneSets();
  /** Ensembl ids, former symbols and aliases of the genes that the model knows, and their symbols. */
  namesBeside: ReadonlyMap<string, string> = new Map();
  private known: { names: GeneNames; spectrum: Spectrum } | null = null;
  private begun: { models: string; ready: Promise<void> } | null = null;
  private running: AbortController | null = null;

  constructor(private readonly bench: Workbench) {}

  /**
   * Start the alignment of the encoder in use and read the Hallmark sets, once for the models there
   * are. Throws `model`, `parity`, `network`.
   */
  async begin(): Promise<void> {
    await this.bench.models;
    const models = modelsNow(getState());
    const { begun } = this;
    if (begun && begun.models === models) return begun.ready;
    const ready = this.start().catch((error) => {
      this.begun = null;
      setMolecular({ alignment: null, unavailable: toCytolensError(error).message });
      throw error;
    });
    this.begun = { models, ready };
    return ready;
  }

  /** For the panel: `begin`, and what is saved with the slide. */
  async beginShown(): Promise<void> {
    const id = getState().slide?.info.id;
    setMolecular({ saved: id ? readSaved(id, localStorage) : [] });
    await this.begin().catch(() => undefined);
  }

  /** Take the sets of a GMT file in; gives how many. Throws like `GeneSets.openGmt`. */
  async openGmt(file: File): Promise<number> {
    const found = await this.sets.openGmt(file);
    setMolecular({ collections: this.sets.list() });
    return found;
  }

  /** Change what would be asked, and look it up. */
  draft(change: Partial<Pick<Molecular, 'way' | 'chosen' | 'pasted' | 'without'>>): void {
    setMolecular(change);
    const { way, chosen, pasted, without } = getState().molecular;
    const { known } = this;
    if (!known) return;
    const text = pasted.trim() === '' ? null : pastedSet(pasted, known.names);
    const set = way === 'paste' ? text : chosen;
    setMolecular({ draft: set && this.promptOf(set, without) });
  }

  /**
   * Ask for a set by its name, or for genes; every analysed field answers. Throws `format` with the
   * sentence of a refusal, `no-tissue`, `model`, `cancelled`.
   */
  async ask(wanted: string | readonly string[], options: PromptOptions = {}): Promise<AskedAnswer> {
    await this.begin();
    const chosen = typeof wanted === 'string' ? this.sets.named(wanted) : null;
    const pasted = typeof wanted === 'string' ? wanted : wanted.join('\n');
    const without = options.minus ? this.sets.named(options.minus) : null;
    if (options.minus && !without) {
      throw new CytolensError('format', `There is no gene set called ${options.minus} here.`);
    }
    this.draft(chosen ? { way: 'set', chosen, without } : { way: 'paste', pasted, without });
    const { draft } = getState().molecular;
    if (!draft) throw new CytolensError('format', NO_GENES);
    return this.answer(draft, options);
  }

  /** For the panel: ask the draft, and colour the slide by what is said. */
  async askShown(): Promise<void> {
    try {
      await this.begin();
      const { draft } = getState().molecular;
      if (draft) await this.answer(draft);
    } catch (error) {
      report(toCytolensError(error));
    }
  }

  /** Ask what is on screen once more. */
  async againShown(): Promise<void> {
    const { a } = this.answers;
    if (a) await this.answer(a.prompt).catch((error) => report(toCytolensError(error)));
  }

  cancel(): void {
    this.running?.abort();
  }

  /** Put the answer aside as B, to be compared with the next. */
  setAside(): void {
    this.answers.b = this.answers.a;
    this.answers.a = null;
    const { a } = getState().molecular;
    this.show(null);
    setMolecular({ a: null, b: a });
  }

  /** Forget the one set aside. */
  dropAside(): void {
    this.answers.b = null;
    if (getState().molecular.map === 'difference') this.show('predictor');
    setMolecular({ b: null });
  }

  /** Colour the fields by an answer; null for none. Cells and heatmap make room. */
  show(map: MapShows | null): void {
    const { molecular, style } = getState();
    if (molecular.cells) this.colourCells(false);
    if (map && style.mode !== 'off') this.bench.setStyle({ mode: 'off' });
    if (!map && molecular.map) this.bench.setStyle({ mode: 'cells' });
    setMolecular({ map });
  }

  /** Scores of the map on screen, one a field; null without one. */
  shown(): { values: Float32Array; answer: AskedAnswer } | null {
    const { a, b } = this.answers;
    const { map } = getState().molecular;
    if (!map || !a) return null;
    if (map !== 'difference') return { values: a.rows[map], answer: a };
    return b && sameFields(a, b)
      ? { values: differenceOf(a.rows.predictor, b.rows.predictor), answer: a }
      : null;
  }

  /** Colour cells by their field's score less the slide's mean, or by the head again. */
  colourCells(on: boolean): void {
    const { bench } = this;
    const { a } = this.answers;
    const { style, slide, molecular } = getState();
    if (molecular.cells === on || (on && !a)) return;
    const which = molecular.map === 'knn' ? 'knn' : 'predictor';
    if (on && a) bench.overlay.setTable(projected(bench.cells, a, which), slide?.mpp ?? 1);
    else bench.overlay.setTable(bench.cells, slide?.mpp ?? 1);
    setState({ differenceShown: false });
    setMolecular({ cells: on, ...(on ? { map: null } : {}) });
    bench.setStyle({
      renamed: on && a ? projectionLegend(a.prompt, which, a.library) : undefined,
      mode: on ? 'cells' : style.mode,
      level: 'field',
      value: on ? 'contribution' : style.value,
      threshold: 0,
    });
  }

  /** Keep the draft with the slide. */
  save(title: string): void {
    const { draft, saved } = getState().molecular;
    if (!draft) return;
    const { name, description, source, genes } = draft.set;
    const row = { title, name, description, source, genes };
    this.keep([...saved.filter((other) => other.title !== title), row]);
  }

  forget(title: string): void {
    this.keep(getState().molecular.saved.filter((row) => row.title !== title));
  }

  private keep(saved: readonly SavedPrompt[]): void {
    const id = getState().slide?.info.id;
    if (!id) return;
    setMolecular({ saved });
    if (writeSaved(id, saved, localStorage)) return;
    report(
      new CytolensError('quota', 'The browser keeps nothing more, so the prompt is not saved.'),
    );
  }

  private async answer(prompt: Prompt, options: PromptOptions = {}): Promise<AskedAnswer> {
    throwIfAborted(options.signal);
    if (prompt.refusal) throw new CytolensError('format', prompt.refusal);
    this.running?.abort();
    const abort = new AbortController();
    this.running = abort;
    options.signal?.addEventListener('abort', () => abort.abort(), { once: true });
    const { cells } = this.bench;
    setMolecular({ asking: { done: 0, total: 0 } });
    try {
      const said = await this.bench.engine.call(
        'promptFields',
        { places: prompt.match.places },
        {
          signal: abort.signal,
          onProgress: ({ done, total }) => {
            setMolecular({ asking: { done, total } });
            options.onProgress?.(done, total);
          },
        },
      );
      if (cells !== this.bench.cells) throw cancelled();
      const answer = { ...said, prompt };
      this.answers.a = answer;
      setMolecular({ a: summaryOf(answer) });
      this.show(getState().molecular.map === 'knn' ? 'knn' : 'predictor');
      return answer;
    } finally {
      if (this.running === abort) setMolecular({ asking: null });
    }
  }

  private async start(): Promise<void> {
    const [info, table] = await Promise.all([
      this.bench.engine.call('alignmentInfo', null),
      shippedFile('genesets/genes.tsv.gz', 'The table of gene names'),
      this.sets.openHallmark(),
    ]);
    if (!info) {
      throw new CytolensError(
        'model',
        'No model here reads the tokens of the encoder in use for gene sets. Choose a head of the built-in encoder.',
      );
    }
    const { symbols, ...alignment } = info;
    this.namesBeside = await namesBeside(new Uint8Array(await table.arrayBuffer()), symbols);
    this.known = { names: new GeneNames(symbols, this.namesBeside), spectrum: info.spectrum };
    setMolecular({ alignment, unavailable: null, collections: this.sets.list() });
    // Places of the former vocabulary mean nothing in this one.
    this.draft({});
  }

  private promptOf(set: GeneSet, without: GeneSet | null): Prompt {
    const { names, spectrum } = this.needed();
    return promptOf(combined(set, without, names), names, spectrum);
  }

  private needed() {
    if (this.known) return this.known;
    throw new CytolensError('model', 'The molecular model is not started yet.');
  }
}

/** What decides which alignment answers: the encoder in use, and the alignments at hand. */
export function modelsNow({ kit, entries }: Pick<AppState, 'kit' | 'entries'>): string {
  const alignments = entries.filter(({ role }) => role === 'alignment');
  return [kit?.encoder.status.id ?? '', ...alignments.map((e) => `${e.id} ${e.version}`)].join(
    '\n',
  );
}

const NO_GENES = 'The gene set is empty. Pick a set or paste gene names.';

/** Whether two answers are of the same fields, in the same order. */
export function sameFields(a: PromptAnswer, b: PromptAnswer): boolean {
  return a.fields.length === b.fields.length && a.fields.every((id, i) => id === b.fields[i]);
}

function summaryOf({ fields, x, y, rows, ...answer }: AskedAnswer): Answered {
  return { ...answer, count: fields.length };
}
