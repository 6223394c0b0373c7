/**
 * Everything that is not React: the viewer, the overlay, the engine and the cells.
 * Panels and the scripting handle send commands here; results go to the state, one way.
 */

import type { Rescored } from '../analysis/analysis.ts';
import type { CellExplanation } from '../analysis/explain.ts';
import { applyUpdate, type FieldUpdate } from '../analysis/pipeline.ts';
import type { InsideTest } from '../annotation/inside.ts';
import type { ScreenTransform } from '../core/affine.ts';
import { type CellTable, createCells } from '../core/cells.ts';
import { toCytolensError } from '../core/errors.ts';
import type { Point, Rect } from '../core/geometry.ts';
import { type Engine, startEngine } from '../engine/engine.client.ts';
import type { PooledScore } from '../engine/engine.ts';
import type { Provider } from '../model/manifest.ts';
import { Overlay } from '../overlay/overlay.ts';
import type { OverlayStyle } from '../overlay/style.ts';
import { isTruthSlide, type Slide } from '../slide/slide.ts';
import type { Pose } from '../viewer/pose.ts';
import { SlideViewer } from '../viewer/viewer.ts';
import { NOTHING_EXPLAINED } from './explain-state.ts';
import { importedLegend } from './imported-legend.ts';
import { NOTHING_ASKED } from './molecular/state.ts';
import { NO_RUN } from './run-state.ts';
import type { LAYERS, Layer } from './slide-canvas.ts';
import { type AppState, getState, report, setState } from './state.ts';
import { TissueLayer } from './tissue-layer.ts';
import { topCells } from './top-cells.ts';
import type { Imported } from './transfer-state.ts';
import { NO_TRUST_FOUND } from './trust/state.ts';

/** What draws the cells: the overlay, and that of every further pane of the same slide. */
export type CellDrawer = Pick<
  Overlay,
  | 'setTable'
  | 'setTypes'
  | 'setStyle'
  | 'setFieldWeights'
  | 'setInside'
  | 'appended'
  | 'valuesChanged'
>;

/** New pictures of the loudest cells at most this often: each is read from the slide. */
const TOP_EVERY_MS = 3000;

export class Workbench {
  readonly viewer: SlideViewer;
  readonly overlay: Overlay;
  /** Another one after `renewEngine`: to be asked for anew with each call. */
  engine: Engine;
  readonly tissue: TissueLayer;
  /** Follows the worker's table: the same rows under the same numbers. */
  cells: CellTable = createCells(0, 1);
  slide: Slide | null = null;
  /** Settled when the models run, or cannot. */
  models: Promise<void>;
  /** Called when the view came to rest: the address bar follows. */
  onRest: () => void = () => undefined;
  /** Called when another slide is shown. */
  onShown: (slide: Slide) => void = () => undefined;
  /** Called when a model stopped working. */
  onStopped: () => void = () => undefined;
  /** Called when the brush changed the tissue mask. */
  onPainted: () => void = () => undefined;
  /** Takes clicks on the slide while it is set, instead of the selection. */
  clicked: ((at: Point) => void) | null = null;
  private overlayHeld = false;
  /** What else lies over the slide, each by whom it is shown. */
  readonly layers = new Map<(typeof LAYERS)[number], Layer>();
  private readonly mirrors = new Set<CellDrawer>();
  private types: readonly string[] = [];
  private weights: Float32Array = new Float32Array(0);
  private inside: InsideTest | null = null;
  /** Fields whose cells are in the table, level-0 px; none is known of cells from a file. */
  readonly analysed: Rect[] = [];
  private legendText = 'null';
  private toppedAt = 0;

  constructor(
    stage: HTMLElement,
    private readonly canvas: HTMLCanvasElement,
    mask: HTMLCanvasElement,
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
    this.tissue = new TissueLayer(mask, () => this.onPainted());
    this.viewer = new SlideViewer(stage, navigator, {
      onMove: (transform) => this.moved(transform),
      onRest: () => this.onRest(),
      onHover: (at) => this.hover(at),
      onClick: (at) => (this.clicked ? this.clicked(at) : void this.selectAt(at)),
      onMissing: (count, error) => setState({ missing: { count, reason: toCytolensError(error) } }),
    });
    this.engine = startEngine(() => this.onStopped());
    this.models = this.loadModels(wanted);
  }

  /** Show an opened slide; cells and score of the former one go. `frame` as the viewer tells it. */
  async show(slide: Slide, frame?: Rect, pose?: Pose): Promise<void> {
    this.clear();
    this.slide = slide;
    setState({ missing: null });
    await this.viewer.open(slide, frame, pose);
    this.onShown(slide);
  }

  /** Ask again for the tiles that could not be had. */
  retryMissing(): void {
    setState({ missing: null });
    this.viewer.retryMissing();
  }

  /** Forget cells, score and selection. */
  clear(): void {
    const { imported, kit, molecular } = getState();
    // A map of fields that go had taken the place of the cells.
    if (molecular.map || molecular.cells) this.setStyle({ mode: 'cells', renamed: undefined });
    if (imported) this.setTypes(kit?.types ?? []);
    this.cells = createCells(0, 1);
    this.weights = new Float32Array(0);
    this.analysed.length = 0;
    this.tell((layer) => layer.setTable(this.cells, mppOrOne()));
    setState({
      run: NO_RUN,
      score: null,
      cells: 0,
      top: { supporting: [], opposing: [] },
      selection: null,
      hovered: null,
      imported: null,
      ...NOTHING_EXPLAINED,
      ...NO_TRUST_FOUND,
      molecular: { ...molecular, ...NOTHING_ASKED },
    });
    this.publishLegend();
  }

  /** Show cells that came from a file instead; no prediction is told of them. */
  showImported(cells: CellTable, types: readonly string[], imported: Imported): void {
    this.showAgain(cells, { imported });
    this.setTypes(types);
    this.publishLegend();
  }

  /** Show a whole table at once, with what is said of it. */
  showAgain(cells: CellTable, said: Partial<AppState>): void {
    this.clear();
    this.cells = cells;
    this.tell((layer) => layer.setTable(cells, mppOrOne()));
    setState({ ...said, cells: cells.count });
    this.publishLegend();
  }

  /** The overlay as it stands: it can be read only in the frame in which it is drawn. */
  async overlayPicture(dpr: number): Promise<ImageBitmap> {
    const view = this.viewer.transform();
    this.overlay.setView({ ...view, dpr });
    const picture = createImageBitmap(this.canvas);
    this.moved(view);
    return picture;
  }

  /** Ready the page's table for a run at this scale. */
  startCells(radiusUnit: number): void {
    this.clear();
    this.cells = createCells(1024, radiusUnit);
    this.tell((layer) => layer.setTable(this.cells, mppOrOne()));
  }

  /** Take one field's result into the table and onto the screen. */
  receive(update: FieldUpdate): void {
    const first = applyUpdate(this.cells, update);
    this.analysed.push(update.rect);
    const { rows } = update.patch;
    this.tell((layer) => {
      if (rows.length > 0) layer.valuesChanged(rows[0], rows[rows.length - 1] + 1);
      layer.appended(first);
    });
    setState({ cells: this.cells.count });
    this.publishLegend();
    const { score, weights } = update;
    if (score && weights) this.weigh({ score, weights });
    const last = update.done === update.total;
    if (last || performance.now() - this.toppedAt > TOP_EVERY_MS) {
      this.toppedAt = performance.now();
      setState({ top: topCells(this.cells) });
    }
  }

  /** The same cells, coloured by what another head says of them. */
  recolour({ score, weights, attention, contribution }: Rescored): void {
    // What another head says is of the analysed cells, not of those from a file.
    if (getState().imported) return;
    this.cells.attention.set(attention);
    this.cells.contribution.set(contribution);
    this.tell((layer) => layer.valuesChanged(0, this.cells.count));
    this.pooled({ score, weights });
    const { selection } = getState();
    if (selection) void this.select(selection.index);
  }

  /** A new score of the same cells, and how much each field weighs in it. */
  pooled(said: PooledScore): void {
    this.weigh(said);
    setState({ top: topCells(this.cells) });
    this.publishLegend();
  }

  /** Let a further layer draw the same cells from now on; gives how to stop. */
  mirror(layer: CellDrawer): () => void {
    layer.setTypes(this.types);
    layer.setTable(this.cells, mppOrOne());
    layer.setFieldWeights(this.weights);
    layer.setInside(this.inside);
    layer.setStyle(getState().style);
    this.mirrors.add(layer);
    return () => this.mirrors.delete(layer);
  }

  setStyle(change: Partial<OverlayStyle>): void {
    const style = { ...getState().style, ...change };
    setState({ style });
    this.applyStyle();
  }

  /** Which places a gate with `inside` lets cells pass at; null for none. */
  setInside(test: InsideTest | null): void {
    this.inside = test;
    this.tell((layer) => layer.setInside(test));
    this.publishLegend();
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

  async explain(index: number): Promise<CellExplanation | null> {
    // The worker knows the analysed cells alone: the same number is another cell there.
    if (getState().imported) return null;
    return this.engine.call('explain', { index });
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

  /**
   * A fresh engine in place of one that hangs. Its models run on WASM, as a graphics device that was
   * lost does not come back within a page; it knows neither slide, cells nor added models.
   */
  async renewEngine(): Promise<void> {
    this.engine.close();
    this.engine = startEngine(() => this.onStopped());
    setState({ models: [] });
    this.models = this.loadModels({ forced: 'wasm' });
    await this.models;
  }

  destroy(): void {
    this.engine.close();
    this.overlay.destroy();
    this.tissue.destroy();
    this.viewer.destroy();
  }

  /** Where fields count by attention, cells show what they add to the slide, not to their field. */
  private weigh({ score, weights }: PooledScore): void {
    this.weights = weights;
    this.tell((layer) => layer.setFieldWeights(weights));
    const level = score.pooling === 'attention' ? 'slide' : 'field';
    if ((getState().style.level ?? 'field') !== level) this.setStyle({ level });
    setState({ score });
  }

  private setTypes(types: readonly string[]): void {
    this.types = types;
    this.tell((layer) => layer.setTypes(types));
  }

  private tell(what: (layer: CellDrawer) => void): void {
    what(this.overlay);
    for (const mirror of this.mirrors) what(mirror);
  }

  private applyStyle(): void {
    const { style } = getState();
    const drawn: OverlayStyle = this.overlayHeld ? { ...style, mode: 'off' } : style;
    this.tell((layer) => layer.setStyle(drawn));
    this.publishLegend();
  }

  private moved(transform: ScreenTransform): void {
    this.overlay.setView({ ...transform, dpr: window.devicePixelRatio });
    this.tissue.setView(transform);
    setState({ transform });
    this.publishPose();
    this.publishLegend();
  }

  /** How the view lies, or will once it has turned. */
  private publishPose(): void {
    const { pose } = getState();
    const [turn, flipped] = [this.viewer.turn(), this.viewer.flipped()];
    if (turn !== pose.turn || flipped !== pose.flipped) setState({ pose: { turn, flipped } });
  }

  /** Tell the panels only when the legend says something else: it is asked for every frame. */
  private publishLegend(): void {
    const { imported } = getState();
    const drawn = this.overlay.legend();
    const legend = imported ? importedLegend(drawn, imported) : drawn;
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
      const { kit, entries } = await this.engine.call(
        'load',
        { base, ...wanted },
        { onProgress: (model) => setState(({ models }) => ({ models: [...models, model] })) },
      );
      this.setTypes(kit.types);
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
