/**
 * The cells on a further pane of the main pane's slide: the same rows under the same numbers, by a
 * value of the pane's own, or by a column that is of another head.
 */

import type { InsideTest } from '../../annotation/inside.ts';
import type { ScreenTransform } from '../../core/affine.ts';
import type { CellTable } from '../../core/cells.ts';
import type { Legend } from '../../overlay/legend.ts';
import { Overlay } from '../../overlay/overlay.ts';
import type { Domain, OverlayStyle, OverlayValue } from '../../overlay/style.ts';
import { getState } from '../state.ts';
import type { CellDrawer, Workbench } from '../workbench.ts';

export type Drawn =
  | { kind: 'own'; value: OverlayValue }
  /** One number a cell, in the rows' order, in place of its contribution. */
  | { kind: 'column'; column: Float32Array; renamed: NonNullable<OverlayStyle['renamed']> };

export interface PaneCellsEvents {
  onLegend(legend: Legend | null): void;
  /** The cells changed, so that a column is no longer theirs. */
  onStale(): void;
}

export class PaneCells implements CellDrawer {
  /** Made when cells are first shown: a pane of another slide needs no GPU context. */
  private overlay: Overlay | null = null;
  private unmirror: (() => void) | null = null;
  private drawn: Drawn | null = null;
  private domain: Domain | undefined;
  private view: ScreenTransform | null = null;
  private table: CellTable | null = null;
  private mpp = 1;
  private weights: Float32Array = new Float32Array(0);
  private legendText = 'null';

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly bench: Workbench,
    private readonly events: PaneCellsEvents,
  ) {}

  /** Draw this from now on; null for the tissue alone. Throws `unsupported` without WebGL 2. */
  show(drawn: Drawn | null): void {
    this.drawn = null;
    if (drawn && !this.overlay) this.overlay = new Overlay(this.canvas);
    if (drawn && !this.unmirror) this.unmirror = this.bench.mirror(this);
    this.drawn = drawn;
    this.domain = undefined;
    if (!drawn) this.rest();
    else if (this.table) this.setTable(this.table, this.mpp);
    this.setStyle(getState().style);
    if (this.view) this.setView(this.view);
  }

  /** Colour a column between these ends, or by its own. */
  setDomain(domain: Domain | undefined): void {
    if (String(domain) === String(this.domain)) return;
    this.domain = domain;
    this.setStyle(getState().style);
  }

  setView(view: ScreenTransform): void {
    this.view = view;
    this.overlay?.setView({ ...view, dpr: window.devicePixelRatio });
    this.publish();
  }

  /** The cell drawn under a place (CSS px of the pane), or -1. */
  pick(x: number, y: number): number {
    return this.drawn ? (this.overlay?.pick(x, y) ?? -1) : -1;
  }

  setTable(table: CellTable, mpp: number): void {
    if (table !== this.table && this.isStale()) return;
    this.table = table;
    this.mpp = mpp;
    this.overlay?.setTable(this.drawnTable(table), mpp);
    // A new table forgets what its fields weigh.
    this.overlay?.setFieldWeights(this.weights);
    this.publish();
  }

  setTypes(types: readonly string[]): void {
    this.overlay?.setTypes(types);
    this.publish();
  }

  appended(first: number): void {
    if (this.isStale()) return;
    this.overlay?.appended(first);
    this.publish();
  }

  valuesChanged(from: number, to: number): void {
    if (this.isStale()) return;
    this.overlay?.valuesChanged(from, to);
    this.publish();
  }

  setInside(test: InsideTest | null): void {
    this.overlay?.setInside(test);
    this.publish();
  }

  setFieldWeights(weights: Float32Array): void {
    this.weights = weights;
    this.overlay?.setFieldWeights(weights);
  }

  /** `main` is how the main pane is drawn: opacity, filters, cells or heatmap are as there. */
  setStyle(main: OverlayStyle): void {
    this.overlay?.setStyle(this.styleBy(main));
    this.publish();
  }

  destroy(): void {
    this.rest();
    this.overlay?.destroy();
    // Browsers keep few contexts alive, and count those that wait to be collected.
    this.canvas.getContext('webgl2')?.getExtension('WEBGL_lose_context')?.loseContext();
    this.overlay = null;
  }

  /** A column is of the cells there were: it is put away when they change. */
  private isStale(): boolean {
    const stale = this.drawn?.kind === 'column';
    if (stale) this.events.onStale();
    return stale;
  }

  private rest(): void {
    this.unmirror?.();
    this.unmirror = null;
    this.table = null;
  }

  private drawnTable(table: CellTable): CellTable {
    const { drawn } = this;
    if (drawn?.kind !== 'column') return table;
    const count = Math.min(table.count, drawn.column.length);
    return { ...table, count, contribution: drawn.column };
  }

  private styleBy(main: OverlayStyle): OverlayStyle {
    const { drawn } = this;
    // Cells that are off in the main pane are still on here; while Space is held, none are seen.
    const held = main.mode === 'off' && getState().style.mode !== 'off';
    if (!drawn || held) return { ...main, mode: 'off' };
    const mode = main.mode === 'heatmap' ? 'heatmap' : 'cells';
    const own = { ...main, mode, renamed: undefined } as const;
    if (drawn.kind === 'column') {
      const { renamed } = drawn;
      const { domain } = this;
      return { ...own, value: 'contribution', level: 'field', threshold: 0, renamed, domain };
    }
    return drawn.value === main.value
      ? own
      : { ...own, value: drawn.value, threshold: 0, domain: undefined };
  }

  private publish(): void {
    const legend = this.drawn ? (this.overlay?.legend() ?? null) : null;
    const text = JSON.stringify(legend);
    if (text === this.legendText) return;
    this.legendText = text;
    this.events.onLegend(legend);
  }
}
