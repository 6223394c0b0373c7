/** One view of the evidence over tissue, as a picture without a legend: the reader is blinded. */
import { type CellTable, cellBounds, outline, RAYS } from '../../core/cells.ts';
import { cssColor, lookup } from '../../core/colormap.ts';
import { intersect, type Rect } from '../../core/geometry.ts';
import { aggregateCells, gridStatistics } from '../../overlay/grid.ts';
import { densityOf, Statistics } from '../../overlay/statistics.ts';
import { readRegion } from '../../slide/region.ts';
import type { Slide } from '../../slide/slide.ts';
import type { EvidenceView } from './session.ts';

/** Side of a heatmap square, um: two tokens. */
const SQUARE_UM = 16;
const OPACITY = 0.62;

/** Colour scales over all analysed cells, so that cases can be told apart by strength. */
export class EvidencePainter {
  private readonly statistics = new Statistics();

  constructor(
    private readonly slide: Slide,
    private readonly cells: CellTable,
    /** um per level-0 px. */
    private readonly mpp: number,
  ) {
    this.statistics.append(cells, 0);
  }

  /** Paint `rect` (level-0 px) into a square canvas of `px` pixels. Throws what slides throw. */
  async paint(
    context: CanvasRenderingContext2D,
    rect: Rect,
    px: number,
    view: EvidenceView,
    signal: AbortSignal,
  ): Promise<void> {
    const image = await readRegion(this.slide, rect, px, px, signal);
    if (signal.aborted) return;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.putImageData(new ImageData(image.data, image.width, image.height), 0, 0);
    const scale = px / rect.w;
    context.setTransform(scale, 0, 0, scale, -rect.x * scale, -rect.y * scale);
    if (view === 'heatmap') this.paintSquares(context, rect);
    else this.paintCells(context, rect, view);
  }

  private paintCells(
    context: CanvasRenderingContext2D,
    rect: Rect,
    value: 'attention' | 'contribution',
  ): void {
    const { cells, statistics } = this;
    const [low, high] = statistics.domain(value, 'field');
    const points = new Float64Array(2 * RAYS);
    context.lineWidth = 0.4 / this.mpp;
    context.strokeStyle = '#000a';
    for (let i = 0; i < cells.count; i++) {
      if (!intersect(cellBounds(cells, i), rect)) continue;
      const at = value === 'attention' ? densityOf(cells, i) : cells.contribution[i];
      const map = value === 'attention' ? 'viridis' : 'vik';
      context.fillStyle = cssColor(lookup(map, (at - low) / (high - low)));
      outline(cells, i, points);
      context.beginPath();
      for (let k = 0; k < points.length; k += 2) context.lineTo(points[k], points[k + 1]);
      context.closePath();
      context.globalAlpha = OPACITY;
      context.fill();
      context.globalAlpha = 1;
      context.stroke();
    }
  }

  private paintSquares(context: CanvasRenderingContext2D, rect: Rect): void {
    const grid = aggregateCells(this.cells, 'attention', SQUARE_UM / this.mpp, rect);
    const [low, high] = gridStatistics(grid).domain;
    context.globalAlpha = OPACITY;
    grid.values.forEach((value, i) => {
      if (grid.counts[i] === 0) return;
      context.fillStyle = cssColor(lookup('viridis', (value - low) / (high - low)));
      const [col, row] = [i % grid.cols, Math.floor(i / grid.cols)];
      context.fillRect(grid.x + col * grid.size, grid.y + row * grid.size, grid.size, grid.size);
    });
    context.globalAlpha = 1;
  }
}
