/**
 * Commands that explain: a cell, cells like it, a region, two heads. One long question at a time; a
 * new one takes the place of the former. Answers about cells that are gone by then are dropped.
 */
import type {
  CellWhatIf,
  ExplainProgress,
  HeadComparison,
  RegionExplanation,
  SimilarCells,
} from '../analysis/explain.ts';
import type { CellTable } from '../core/cells.ts';
import { toCytolensError } from '../core/errors.ts';
import type { Rect } from '../core/geometry.ts';
import type { ExplainState, ExplainTask } from './explain-state.ts';
import { getState, report, setState } from './state.ts';
import { topCells } from './top-cells.ts';
import type { Workbench } from './workbench.ts';

/** As many as a card shows. */
export const SIMILAR_CELLS = 12;

export interface ExplainOptions {
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
}

export class Explaining {
  /** The comparison on screen, with its columns. */
  compared: HeadComparison | null = null;
  private asking: AbortController | null = null;

  constructor(private readonly bench: Workbench) {}

  /** The head asked again without a cell; null when there is no such cell. */
  whatIf(index: number, signal?: AbortSignal): Promise<CellWhatIf | null> {
    return this.bench.engine.call('whatIf', { index }, { signal });
  }

  similarCells(
    index: number,
    count = SIMILAR_CELLS,
    options: ExplainOptions = {},
  ): Promise<SimilarCells | null> {
    return this.bench.engine.call('similarCells', { index, count }, callOptions(options));
  }

  /** `within` in level-0 px; null for every analysed field. Throws `no-tissue`, `cancelled`. */
  explainRegion(within: Rect | null, options: ExplainOptions = {}): Promise<RegionExplanation> {
    return this.bench.engine.call('explainRegion', { within }, callOptions(options));
  }

  /** Head `id` against the one in use, on every analysed field. */
  compareHeads(id: string, options: ExplainOptions = {}): Promise<HeadComparison | null> {
    return this.bench.engine.call('compareHeads', { head: id }, callOptions(options));
  }

  /** For the card: what the logit would be without the selected cell. */
  async showWhatIf(index: number, signal: AbortSignal): Promise<void> {
    setState(({ likeness }) => ({
      whatIf: null,
      likeness: likeness?.index === index ? likeness : null,
    }));
    try {
      const whatIf = await this.whatIf(index, signal);
      if (!signal.aborted) setState({ whatIf });
    } catch (error) {
      report(toCytolensError(error));
    }
  }

  /** For the card: cells like the selected one. */
  async showSimilarCells(index: number): Promise<void> {
    await this.ask('likeness', async (options) => {
      const cells = await this.similarCells(index, SIMILAR_CELLS, options);
      return { likeness: { index, cells } };
    });
  }

  /** For the Region panel: explain the fields in view, or all. */
  async showRegion(): Promise<void> {
    const { inView, kit } = getState();
    if (!kit) return;
    const head = kit.head.status.id;
    const within = inView ? this.bench.viewer.view() : null;
    await this.ask('region', async (options) => {
      const said = await this.explainRegion(within, options);
      const fields = new Set(said.fields);
      const { cells } = this.bench;
      const top = topCells(cells, undefined, (row) => fields.has(cells.field[row]));
      const { composition, deletion, background, ms } = said;
      return {
        region: {
          head,
          inView,
          fields: fields.size,
          composition,
          deletion,
          background,
          ms,
          top,
        },
      };
    });
  }

  /** For the Region panel: compare the head in use with another one. */
  async showComparison(id: string): Promise<void> {
    this.showDifference(false);
    setState({ comparison: null });
    await this.ask('heads', async (options) => {
      this.compared = await this.compareHeads(id, options);
      if (!this.compared) {
        setState({ notice: { tone: 'info', message: TOKENS_GONE, detail: '' } });
        return {};
      }
      const { a, b, spearman, agreement, fields } = this.compared;
      return { comparison: { a, b, spearman, agreement, fields } };
    });
  }

  /** Colour cells by the difference of the two heads, or by the head in use again. */
  showDifference(shown: boolean): void {
    const { compared, bench } = this;
    const { differenceShown, slide, style } = getState();
    if (differenceShown === shown || (shown && !compared)) return;
    setState(({ molecular }) => ({
      differenceShown: shown,
      molecular: { ...molecular, cells: false },
    }));
    bench.overlay.setTable(
      shown && compared ? differing(bench.cells, compared) : bench.cells,
      slide?.mpp ?? 1,
    );
    const renamed = shown ? RENAMED : undefined;
    bench.setStyle({
      renamed,
      level: 'field',
      value: shown ? 'contribution' : style.value,
      threshold: 0,
    });
  }

  cancel(): void {
    this.asking?.abort();
  }

  /** Ask one long question; its answer goes to the state unless the cells have changed since. */
  private async ask(
    task: ExplainTask,
    question: (options: ExplainOptions) => Promise<Partial<ExplainState>>,
  ): Promise<void> {
    this.asking?.abort();
    const abort = new AbortController();
    this.asking = abort;
    const { cells } = this.bench;
    setState({ explaining: { task, done: 0, total: 0 } });
    try {
      const answer = await question({
        signal: abort.signal,
        onProgress: (done, total) => setState({ explaining: { task, done, total } }),
      });
      if (!abort.signal.aborted && cells === this.bench.cells) setState(answer);
    } catch (error) {
      report(toCytolensError(error));
    } finally {
      if (this.asking === abort) setState({ explaining: null });
    }
  }
}

export const TOKENS_GONE =
  'The tokens of some analysed fields are no longer kept, so another head cannot be asked about them. Analyse a smaller region.';
const RENAMED = {
  title: 'Difference, A − B',
  unit: 'contribution / temperature, log-odds',
  ends: ['B more', 'A more'],
} as const;

/** The same cells with another column: the table itself keeps what the head in use said. */
function differing(cells: CellTable, { difference }: HeadComparison): CellTable {
  const count = Math.min(cells.count, difference.length);
  return { ...cells, count, contribution: difference };
}

function callOptions({ onProgress, signal }: ExplainOptions) {
  return { signal, onProgress: ({ done, total }: ExplainProgress) => onProgress?.(done, total) };
}
