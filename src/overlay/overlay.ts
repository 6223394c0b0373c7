/**
 * The overlay: one canvas above the slide, cells or the aggregated grid on it, never both. Cells
 * give way to the grid where they get too small to be told apart; the legend says which is shown.
 */
import { IDENTITY, scaleOf, unapply } from '../core/affine.ts';
import { type CellTable, createCells } from '../core/cells.ts';
import type { Rgb } from '../core/colormap.ts';
import { CytolensError } from '../core/errors.ts';
import { Pace, REST_MS } from '../core/pace.ts';
import { typeColours } from '../core/palette.ts';
import { Blocks } from './blocks.ts';
import { CellsLayer } from './cells-layer.ts';
import { isOpen } from './gate.ts';
import { GridLayer } from './grid-layer.ts';
import { GridSource, type KnownGrid } from './grid-source.ts';
import { type Histograms, histogramsOf } from './histograms.ts';
import { type Legend, legendOf } from './legend.ts';
import { Picker } from './pick.ts';
import { Statistics } from './statistics.ts';
import {
  type Domain,
  gateOf,
  LEAST_CELL_PX,
  levelOf,
  type OverlayStyle,
  type OverlayView,
  type ShownMode,
} from './style.ts';

const NO_VIEW: OverlayView = { ...IDENTITY, width: 1, height: 1, dpr: 1 };
const NO_STYLE: OverlayStyle = { mode: 'off', value: 'type', opacity: 1, threshold: 0 };

interface Layers {
  cells: CellsLayer;
  grid: GridLayer;
}

export interface OverlayEvents {
  /** Cells gave way to the grid, or came back. */
  onModeShown?: (shown: ShownMode) => void;
}

export class Overlay {
  private readonly gl: WebGL2RenderingContext;
  private layers: Layers | null = null;
  private table: CellTable = createCells(0, 1);
  /** um per level-0 px. */
  private mpp = 1;
  private types: readonly string[] = [];
  private colours: readonly Rgb[] = [];
  private style = NO_STYLE;
  private view = NO_VIEW;
  private readonly statistics = new Statistics();
  private readonly picker = new Picker();
  private readonly blocks = new Blocks();
  private readonly grids = new GridSource();
  private drawnGrid: KnownGrid | null = null;
  private marks = { selected: -1, hovered: -1 };
  private shown: ShownMode = 'none';
  private frame = 0;
  private readonly pace = new Pace();
  /** Share of the full resolution that is drawn. */
  private sharpness = 1;
  private resting = 0;

  /** Throws `unsupported` without WebGL2. */
  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly events: OverlayEvents = {},
  ) {
    const gl = canvas.getContext('webgl2', { premultipliedAlpha: true, antialias: false });
    if (!gl) {
      throw new CytolensError(
        'unsupported',
        'This browser offers no WebGL 2, with which cells are drawn. Use a current browser, or turn hardware acceleration on.',
      );
    }
    this.gl = gl;
    canvas.addEventListener('webglcontextlost', this.onLost);
    canvas.addEventListener('webglcontextrestored', this.onRestored);
    this.build();
  }

  /** Show another table; kept by reference, its rows are told by `appended`. */
  setTable(table: CellTable, mpp: number): void {
    this.table = table;
    this.mpp = mpp;
    this.blocks.clear();
    this.blocks.append(table, 0);
    this.grids.clear();
    this.statistics.clear();
    this.statistics.append(table, 0);
    this.picker.clear();
    this.marks = { selected: -1, hovered: -1 };
    this.layers?.cells.setTable(table, mpp);
    this.redraw();
  }

  /** Names of the cell types, by index. */
  setTypes(types: readonly string[]): void {
    this.types = types;
    this.colours = typeColours(types);
    this.redraw();
  }

  /** Rows from `first` on are new. */
  appended(first: number): void {
    this.blocks.append(this.table, first);
    this.statistics.append(this.table, first);
    this.layers?.cells.appended();
    this.redraw();
  }

  /** Attention and contribution of rows [from, to) are new. Call before `appended`. */
  valuesChanged(from: number, to: number): void {
    this.statistics.revalue(this.table, from, to);
    this.layers?.cells.valuesChanged(from, to);
    this.redraw();
  }

  /**
   * Weight of every field, by its number, in the slide's logit: what attention and contribution are
   * multiplied by at level 'slide'. Nothing is uploaded per cell, so it may change with every field.
   */
  setFieldWeights(weights: Float32Array): void {
    this.statistics.setFieldWeights(weights);
    if (levelOf(this.style) === 'slide') this.redraw();
  }

  /**
   * Mark the cells whose centre (level-0 px) passes a test: those that a gate with `inside` lets
   * pass. Kept for cells that come later; null marks none. Sent to the card once.
   */
  setInside(test: ((x: number, y: number) => boolean) | null): void {
    this.statistics.setInside(this.table, test);
    this.layers?.cells.insideChanged();
    this.redraw();
  }

  setStyle(style: OverlayStyle): void {
    this.style = style;
    this.redraw();
  }

  /** Draws at once: the tissue under it moves in this very frame. */
  setView(view: OverlayView): void {
    this.view = view;
    this.sharpness = this.pace.moved(performance.now());
    clearTimeout(this.resting);
    if (this.sharpness < 1) {
      this.resting = window.setTimeout(() => {
        this.sharpness = 1;
        this.redraw();
      }, REST_MS);
    }
    this.draw();
  }

  hover(index: number): void {
    if (index === this.marks.hovered) return;
    this.marks.hovered = index;
    this.redraw();
  }

  select(index: number): void {
    this.marks.selected = index;
    this.redraw();
  }

  /** The cell drawn under a place (CSS px of the canvas), or -1. */
  pick(cssX: number, cssY: number): number {
    if (this.mode() !== 'cells') return -1;
    const { x, y } = unapply(this.view, cssX, cssY);
    return this.picker.pick(this.table, x, y, this.statistics.showing(this.style, this.table));
  }

  /** What all cells, and those the gate lets pass, are like; one pass over the table. */
  histograms(): Histograms {
    return histogramsOf(this.table, this.statistics, this.style);
  }

  /** What the colours mean now; null while nothing is shown. */
  legend(): Legend | null {
    const shown = this.mode();
    if (shown === 'none') return null;
    const { style, types, colours, statistics } = this;
    return legendOf({
      style,
      shown,
      domain: this.domain(shown),
      cut: this.cut(shown),
      gridUm: shown === 'grid' ? (this.currentGrid()?.um ?? 0) : 0,
      types,
      colours,
      counts: statistics.typeCounts,
      gated: !isOpen(gateOf(style)),
    });
  }

  destroy(): void {
    cancelAnimationFrame(this.frame);
    clearTimeout(this.resting);
    this.canvas.removeEventListener('webglcontextlost', this.onLost);
    this.canvas.removeEventListener('webglcontextrestored', this.onRestored);
    this.layers?.cells.destroy();
    this.layers?.grid.destroy();
    this.layers = null;
  }

  private mode(): ShownMode {
    const { style, table, statistics } = this;
    if (style.mode === 'off' || table.count === 0) return 'none';
    if (style.mode === 'heatmap') return 'grid';
    const px = statistics.meanDiameter * scaleOf(this.view);
    return px < (style.leastCellPx ?? LEAST_CELL_PX) ? 'grid' : 'cells';
  }

  private domain(shown: ShownMode): Domain {
    const { style } = this;
    if (shown === 'grid') {
      return style.gridDomain ?? this.currentGrid()?.statistics.domain ?? [0, 1];
    }
    if (style.value === 'attention' && style.attentionScale === 'rank') return [0, 1];
    return style.domain ?? this.statistics.domain(style.value, levelOf(style));
  }

  /** Where the threshold cuts, in units of the domain. */
  private cut(shown: ShownMode): number {
    const { value, threshold, attentionScale } = this.style;
    if (value !== 'attention') return threshold;
    if (shown === 'grid') return this.currentGrid()?.statistics.quantile(threshold) ?? 0;
    if (attentionScale === 'rank') return threshold;
    return this.statistics.density(levelOf(this.style)).quantile(threshold);
  }

  private currentGrid(): KnownGrid | null {
    const { table, blocks, statistics, mpp, style, view } = this;
    return this.grids.current(table, blocks, statistics, mpp, style, view);
  }

  private redraw(): void {
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.draw();
    });
  }

  private draw(): void {
    const { gl, layers, style } = this;
    if (!layers || gl.isContextLost()) return;
    const shown = this.mode();
    if (shown !== this.shown) {
      this.shown = shown;
      this.events.onModeShown?.(shown);
    }
    const view = this.fit();
    // An empty canvas costs the compositor as much as a full one: it is cleared once and hidden.
    const hidden = shown === 'none';
    if (hidden && this.canvas.hidden) return;
    this.canvas.hidden = hidden;
    gl.viewport(0, 0, this.canvas.width, this.canvas.height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    if (shown === 'cells') {
      const domain = this.domain(shown);
      layers.cells.draw(view, style, domain, this.colours, this.marks);
    } else if (shown === 'grid') {
      this.drawGrid(layers.grid, view);
    }
  }

  /** The view in the pixels that are drawn now; the canvas is made to fit. */
  private fit(): OverlayView {
    const { canvas, view, sharpness } = this;
    const dpr = view.dpr * sharpness;
    const [w, h] = [Math.round(view.width * dpr), Math.round(view.height * dpr)];
    if (canvas.width !== w) canvas.width = w;
    if (canvas.height !== h) canvas.height = h;
    return { ...view, dpr };
  }

  private drawGrid(layer: GridLayer, view: OverlayView): void {
    const { style } = this;
    const known = this.currentGrid();
    if (!known) return;
    if (known !== this.drawnGrid) {
      this.drawnGrid = known;
      layer.setGrid(known.grid);
    }
    layer.draw(view, style, this.domain('grid'), this.cut('grid'), this.colours);
  }

  private build(): void {
    const { blocks, gl, statistics } = this;
    this.layers = { cells: new CellsLayer(gl, blocks, statistics), grid: new GridLayer(gl) };
    this.layers.cells.setTable(this.table, this.mpp);
    this.drawnGrid = null;
    this.redraw();
  }

  private readonly onLost = (event: Event): void => {
    // Without this the browser never gives the context back.
    event.preventDefault();
    this.layers = null;
  };

  private readonly onRestored = (): void => this.build();
}
