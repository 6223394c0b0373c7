/**
 * Everything that is not React: the viewer, the overlay, the analysis worker and the cells.
 * Panels and the scripting handle send commands here; results go to the state, one way.
 */

import { type AnalysisClient, startAnalysis } from '../analysis/analysis.client.ts';
import type { Rescored } from '../analysis/analysis.ts';
import type { CellExplanation } from '../analysis/explain.ts';
import { applyUpdate, type FieldUpdate } from '../analysis/pipeline.ts';
import { type CellTable, createCells } from '../core/cells.ts';
import { toCytolensError } from '../core/errors.ts';
import type { Point, Rect } from '../core/geometry.ts';
import type { Provider } from '../model/manifest.ts';
import { Overlay } from '../overlay/overlay.ts';
import type { OverlayStyle } from '../overlay/style.ts';
import { isTruthSlide, type Slide } from '../slide/slide.ts';
import { type ScreenTransform, SlideViewer } from '../viewer/viewer.ts';
import { getState, NO_RUN, report, setState } from './state.ts';
import { topCells } from './top-cells.ts';

/** New pictures of the loudest cells at most this often: each is read from the slide. */
const TOP_EVERY_MS = 3000;

export class Workbench {
  readonly viewer: SlideViewer;
  readonly overlay: Overlay;
  readonly analysis: AnalysisClient = startAnalysis();
  /** Follows the worker's table: the same rows under the same numbers. */
  cells: CellTable = createCells(0, 1);
  slide: Slide | null = null;
  /** Settled when the models run, or cannot. */
  readonly models: Promise<void>;
  /** Called when the view came to rest: the address bar follows. */
  onRest: (view: Rect) => void = () => undefined;
  private overlayHeld = false;
  private legendText = 'null';
  private toppedAt = 0;

  constructor(
    stage: HTMLElement,
    canvas: HTMLCanvasElement,
    navigator: HTMLElement,
    wanted: { forced?: Provider; head?: string },
  ) {
    this.overlay = new Overlay(canvas, {
      onModeShown: (shown) => {
        setState({ shown });
        this.publishLegend();
      },
    });
    this.overlay.setStyle(getState().style);
    this.viewer = new SlideViewer(stage, navigator, {
      onMove: (transform) => this.moved(transform),
      onRest: (view) => this.onRest(view),
      onHover: (at) => this.hover(at),
      onClick: (at) => void this.selectAt(at),
      onTileError: (error) => report(toCytolensError(error)),
    });
    this.models = this.loadModels(wanted);
  }

  /** Show an opened slide; cells and score of the former one go. */
  async show(slide: Slide, view?: Rect): Promise<void> {
    this.clear();
    this.slide = slide;
    await this.viewer.open(slide, view);
  }

  /** Forget cells, score and selection. */
  clear(): void {
    this.cells = createCells(0, 1);
    this.overlay.setTable(this.cells, mppOrOne());
    setState({
      run: NO_RUN,
      score: null,
      cells: 0,
      top: { supporting: [], opposing: [] },
      selection: null,
      hovered: null,
    });
    this.publishLegend();
  }

  /** Ready the page's table for a run at this scale. */
  startCells(radiusUnit: number): void {
    this.clear();
    this.cells = createCells(1024, radiusUnit);
    this.overlay.setTable(this.cells, mppOrOne());
  }

  /** Take one field's result into the table and onto the screen. */
  receive(update: FieldUpdate): void {
    const first = applyUpdate(this.cells, update);
    const { rows } = update.patch;
    if (rows.length > 0) this.overlay.valuesChanged(rows[0], rows[rows.length - 1] + 1);
    this.overlay.appended(first);
    setState({ cells: this.cells.count });
    this.publishLegend();
    if (update.score) setState({ score: update.score });
    const last = update.done === update.total;
    if (last || performance.now() - this.toppedAt > TOP_EVERY_MS) {
      this.toppedAt = performance.now();
      setState({ top: topCells(this.cells) });
    }
  }

  /** The same cells, coloured by what another head says of them. */
  recolour({ score, attention, contribution }: Rescored): void {
    this.cells.attention.set(attention);
    this.cells.contribution.set(contribution);
    this.overlay.valuesChanged(0, this.cells.count);
    setState({ score, top: topCells(this.cells) });
    this.publishLegend();
    const { selection } = getState();
    if (selection) void this.select(selection.index);
  }

  setStyle(change: Partial<OverlayStyle>): void {
    const style = { ...getState().style, ...change };
    setState({ style });
    this.applyStyle();
  }

  /** While held, the tissue alone is seen. */
  holdOverlay(held: boolean): void {
    if (held === this.overlayHeld) return;
    this.overlayHeld = held;
    this.applyStyle();
  }

  async selectAt(at: Point): Promise<void> {
    await this.select(this.overlay.pick(at.x, at.y));
  }

  /** Select a cell by number; -1 for none. */
  async select(index: number): Promise<void> {
    this.overlay.select(index);
    if (index < 0) setState({ selection: null });
    else setState({ selection: await this.explain(index) });
  }

  explain(index: number): Promise<CellExplanation | null> {
    return this.analysis.call('explain', { index });
  }

  /** Bring a cell into the middle at 40x or closer, and select it. */
  async flyTo(index: number): Promise<void> {
    const half = 60 / mppOrOne();
    this.viewer.setView({
      x: this.cells.x[index] - half,
      y: this.cells.y[index] - half,
      w: 2 * half,
      h: 2 * half,
    });
    await this.select(index);
  }

  /** Exact outlines of a drawn slide; null for a real one, which has none. */
  groundTruth(rect: Rect) {
    return this.slide && isTruthSlide(this.slide) ? this.slide.groundTruth(rect) : null;
  }

  destroy(): void {
    this.analysis.close();
    this.overlay.destroy();
    this.viewer.destroy();
  }

  private applyStyle(): void {
    const { style } = getState();
    this.overlay.setStyle(this.overlayHeld ? { ...style, mode: 'off' } : style);
    this.publishLegend();
  }

  private moved(transform: ScreenTransform): void {
    const { scale, offsetX, offsetY, width, height } = transform;
    const dpr = window.devicePixelRatio;
    this.overlay.setView({
      a: scale,
      b: 0,
      c: 0,
      d: scale,
      e: offsetX,
      f: offsetY,
      width,
      height,
      dpr,
    });
    setState({ transform });
    this.publishLegend();
  }

  /** Tell the panels only when the legend says something else: it is asked for every frame. */
  private publishLegend(): void {
    const legend = this.overlay.legend();
    const text = JSON.stringify(legend);
    if (text === this.legendText) return;
    this.legendText = text;
    setState({ legend });
  }

  private hover(at: Point | null): void {
    const index = at ? this.overlay.pick(at.x, at.y) : -1;
    this.overlay.hover(index);
    const hovered = at && index >= 0 ? { index, at } : null;
    if (hovered || getState().hovered) setState({ hovered });
  }

  private async loadModels(wanted: { forced?: Provider; head?: string }): Promise<void> {
    const base = new URL('.', document.baseURI).href;
    try {
      const { kit, entries } = await this.analysis.call(
        'load',
        { base, ...wanted },
        { onProgress: (model) => setState(({ models }) => ({ models: [...models, model] })) },
      );
      this.overlay.setTypes(kit.types);
      setState({ kit, entries });
      this.publishLegend();
    } catch (error) {
      const kitError = toCytolensError(error);
      setState({ kitError });
      report(kitError);
    }
  }
}

/** Scale for drawing before one is known: legend and heatmap then count in px. */
function mppOrOne(): number {
  return getState().slide?.mpp ?? 1;
}
