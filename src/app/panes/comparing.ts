/**
 * What lies on panes of the main pane's slide: its cells by another value, by another head, or by
 * the difference of two heads. Heads are compared in log-odds: contribution / temperature.
 */
import type { HeadComparison } from '../../analysis/explain.ts';
import type { CellTable } from '../../core/cells.ts';
import { CytolensError, cancelled, toCytolensError } from '../../core/errors.ts';
import type { Domain } from '../../overlay/style.ts';
import { type Explaining, TOKENS_GONE } from '../explaining.ts';
import { getState, report, setState } from '../state.ts';
import type { Workbench } from '../workbench.ts';
import type { Pane } from './pane.ts';
import type { Drawn } from './pane-cells.ts';
import { patchPane } from './patch.ts';
import type { PaneShows } from './state.ts';

/** The answer to one head, and the cells and the head in use that it is about. */
interface Known {
  cells: CellTable;
  count: number;
  comparison: HeadComparison;
}

const LOG_ODDS = 'log-odds: contribution / temperature';

export class Comparing {
  private known: Known | null = null;
  private asking: AbortController | null = null;

  constructor(
    private readonly bench: Workbench,
    private readonly explaining: Explaining,
    private readonly paneAt: (n: number) => Pane | null,
    private readonly panes: { add(): Promise<number> },
  ) {}

  /**
   * Main pane: the head in use. One further pane: head `id`; another: `id` less the head in use.
   * Throws `no-tissue` before anything is analysed, and what asking a head throws.
   */
  async compare(id: string): Promise<void> {
    this.checkCells();
    const [b, difference] = await this.twoPanes();
    this.bench.setStyle({ mode: 'cells', value: 'contribution', level: 'field', threshold: 0 });
    await this.show(b, { kind: 'head', id });
    await this.show(difference, { kind: 'difference', id });
  }

  /** As `compare`, for a person. */
  async compareShown(id: string): Promise<void> {
    await this.compare(id).catch((error) => report(toCytolensError(error)));
  }

  /** Show this on pane `n`. Throws what asking a head throws; what was shown stays then. */
  async show(n: number, shows: PaneShows): Promise<void> {
    const drawn = await this.drawnFor(n, shows);
    if (drawn === undefined) return;
    this.paneAt(n)?.cells.show(drawn);
    patchPane(n, { shows });
    this.matchColours();
  }

  async showShown(n: number, shows: PaneShows): Promise<void> {
    await this.show(n, shows).catch((error) => report(toCytolensError(error)));
  }

  /** Nothing but tissue on a pane. */
  rest(n: number): void {
    this.paneAt(n)?.cells.show(null);
    patchPane(n, { shows: { kind: 'tissue' }, asking: null });
  }

  /** Cells came or changed: what another head said is of the former ones. */
  stale(): void {
    this.known = null;
    this.asking?.abort();
    const old = getState().panes.filter(({ shows }) => isAsked(shows));
    for (const { n } of old) this.rest(n);
    if (old.length === 0) return;
    const message = 'The cells changed, so the other head’s values were put away. Compare again.';
    setState({ notice: { tone: 'info', message, detail: '' } });
  }

  /** Colours of another head stand for the same log-odds as those of the main pane. */
  matchColours(): void {
    const { panes, legend, style, kit } = getState();
    const by = kit?.target.temperature;
    const level = style.level ?? 'field';
    const alike = legend?.value === 'contribution' && !legend.grid && level === 'field';
    const domain: Domain | undefined =
      alike && by && !style.renamed ? [legend.domain[0] / by, legend.domain[1] / by] : undefined;
    for (const { n, shows } of panes) {
      if (shows.kind === 'head') this.paneAt(n)?.cells.setDomain(domain);
    }
  }

  /** Null: tissue alone. Undefined: it was asked for in vain, and said why. */
  private async drawnFor(n: number, shows: PaneShows): Promise<Drawn | null | undefined> {
    if (shows.kind === 'tissue') return null;
    if (shows.kind === 'own') return shows;
    this.checkCells();
    const { kit, entries } = getState();
    const asked = entries.find(({ id }) => id === shows.id);
    if (!kit || !asked) throw new CytolensError('model', 'This head is not among the models.');
    const comparison = await this.ask(n, shows.id);
    if (!comparison) {
      setState({ notice: { tone: 'info', message: TOKENS_GONE, detail: '' } });
      return undefined;
    }
    const { difference } = comparison;
    const of = `B: ${asked.name}`;
    if (shows.kind === 'difference') {
      const unit = `${of}; A: ${kit.head.status.name}; ${LOG_ODDS}`;
      return {
        kind: 'column',
        column: difference.map((v) => -v),
        renamed: { title: 'Difference, B − A', unit, ends: ['A more', 'B more'] },
      };
    }
    const { contribution } = this.bench.cells;
    const { temperature } = kit.target;
    return {
      kind: 'column',
      column: difference.map((v, i) => contribution[i] / temperature - v),
      renamed: { title: 'Contribution, B', unit: `${of}; ${LOG_ODDS}`, ends: ['against', 'for'] },
    };
  }

  /** The head in use against head `id`, asked once for the cells there are. */
  private async ask(n: number, id: string): Promise<HeadComparison | null> {
    const { cells } = this.bench;
    const { count } = cells;
    const used = getState().kit?.head.status.id;
    const { known } = this;
    const same = known?.cells === cells && known.count === count;
    if (same && known.comparison.a === used && known.comparison.b === id) return known.comparison;
    this.asking?.abort();
    const abort = new AbortController();
    this.asking = abort;
    patchPane(n, { asking: { done: 0, total: 0 } });
    try {
      const comparison = await this.explaining.compareHeads(id, {
        signal: abort.signal,
        onProgress: (done, total) => patchPane(n, { asking: { done, total } }),
      });
      if (cells !== this.bench.cells || count !== cells.count) throw cancelled();
      if (comparison) this.known = { cells, count, comparison };
      return comparison;
    } finally {
      patchPane(n, { asking: null });
    }
  }

  private checkCells(): void {
    const { cells, imported, run } = getState();
    if (run.phase === 'running') {
      throw new CytolensError('busy', 'Heads can be compared once the analysis is done.');
    }
    if (cells === 0 || imported) {
      throw new CytolensError(
        'no-tissue',
        'Analyse some tissue first: there are no cells to compare heads on.',
      );
    }
  }

  /** Panes of the main pane's slide: those that show heads already, else free ones, else new. */
  private async twoPanes(): Promise<[number, number]> {
    const { panes, slide } = getState();
    const here = panes.filter((pane) => pane.slide.info.id === slide?.info.id);
    const order = [
      ...here.filter((p) => isAsked(p.shows)),
      ...here.filter((p) => !isAsked(p.shows)),
    ];
    const found = order.map(({ n }) => n).slice(0, 2);
    while (found.length < 2) found.push(await this.panes.add());
    const [b, difference] = found.sort((x, y) => x - y);
    return [b, difference];
  }
}

function isAsked(shows: PaneShows): boolean {
  return shows.kind === 'head' || shows.kind === 'difference';
}
