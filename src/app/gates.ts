/** Filters on cells, as a person sets them: style, address and histograms follow. */
import { type Gate, OPEN_GATE } from '../overlay/gate.ts';
import type { Overlay } from '../overlay/overlay.ts';
import { gateOf, type OverlayStyle } from '../overlay/style.ts';
import { getState, setState } from './state.ts';
import { readUrl, writeUrl } from './url.ts';

/** New histograms at most so often, ms: each is a pass over all cells. */
const EVERY_MS = { running: 500, otherwise: 100 };

interface Bench {
  overlay: Pick<Overlay, 'histograms'>;
  setStyle(change: Partial<OverlayStyle>): void;
}

export class Gates {
  private countedAt = 0;
  private waiting = false;

  /** Takes up the gate that the address names. */
  constructor(private readonly bench: Bench) {
    const { gate } = readUrl(location.search);
    if (gate) bench.setStyle({ gate });
  }

  /** Set some filters; `undefined` takes one away. */
  set(change: Partial<Gate>): void {
    this.apply({ ...gateOf(getState().style), ...change });
  }

  clear(): void {
    this.apply(OPEN_GATE);
  }

  /** Show or hide one cell type; with all `count` of them shown there is no filter. */
  toggleType(type: number, count: number): void {
    const { types } = gateOf(getState().style);
    const all = Array.from({ length: count }, (_, i) => i);
    const shown = new Set(types ?? all);
    if (!shown.delete(type)) shown.add(type);
    this.set({ types: shown.size === count ? undefined : all.filter((i) => shown.has(i)) });
  }

  /** Count anew, soon: called when cells, values or filters have changed. */
  refresh(): void {
    if (this.waiting) return;
    this.waiting = true;
    const running = getState().run.phase === 'running';
    const due = this.countedAt + (running ? EVERY_MS.running : EVERY_MS.otherwise);
    setTimeout(
      () => {
        this.waiting = false;
        setState({ histograms: this.bench.overlay.histograms() });
        this.countedAt = performance.now();
      },
      Math.max(0, due - performance.now()),
    );
  }

  private apply(gate: Gate): void {
    this.bench.setStyle({ gate });
    history.replaceState(null, '', writeUrl({ ...readUrl(location.search), gate }));
  }
}
