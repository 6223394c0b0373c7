/** The tissue mask over the slide: what will not be analysed is dimmed, and a brush corrects it. */
import { paintMask, type TissueMask } from '../analysis/mask.ts';
import { type MaskKind, PEN, TISSUE } from '../analysis/tissue.ts';
import { type ScreenTransform, scaleOf, unapply } from '../core/affine.ts';
import type { Point } from '../core/geometry.ts';
import { inSlidePixels, slideContext } from './slide-canvas.ts';

/** RGBA of what is left out: glass and the like, and pen marks. */
const LEFT_OUT = [26, 27, 29, 150] as const;
const PEN_MARK = [227, 180, 85, 190] as const;

export interface Brush {
  kind: MaskKind;
  /** Screen px. */
  radius: number;
}

export class TissueLayer {
  private mask: TissueMask | null = null;
  private picture: OffscreenCanvas | null = null;
  private view: ScreenTransform | null = null;
  private brush: Brush | null = null;
  private last: Point | null = null;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    /** The brush changed the mask. */
    private readonly onPainted: () => void,
  ) {
    canvas.addEventListener('pointerdown', this.onDown);
    canvas.addEventListener('pointermove', this.onMove);
    canvas.addEventListener('pointerup', this.onUp);
  }

  /** Show a mask, kept by reference; null for none. */
  show(mask: TissueMask | null): void {
    this.mask = mask;
    this.picture = mask && new OffscreenCanvas(mask.cols, mask.rows);
    this.repaint();
  }

  /** Paint with this brush; null gives the pointer back to the slide. */
  setBrush(brush: Brush | null): void {
    this.brush = brush;
    this.canvas.classList.toggle('painting', brush !== null);
  }

  setView(view: ScreenTransform): void {
    this.view = view;
    this.draw();
  }

  destroy(): void {
    this.canvas.removeEventListener('pointerdown', this.onDown);
    this.canvas.removeEventListener('pointermove', this.onMove);
    this.canvas.removeEventListener('pointerup', this.onUp);
  }

  private readonly onDown = (event: PointerEvent): void => {
    if (!this.brush) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.last = { x: event.offsetX, y: event.offsetY };
    this.stroke(this.last);
  };

  private readonly onMove = (event: PointerEvent): void => {
    if (!this.brush || !this.last) return;
    const to = { x: event.offsetX, y: event.offsetY };
    // Between two events the hand may have gone far: dab along the way.
    const steps = Math.ceil(
      Math.hypot(to.x - this.last.x, to.y - this.last.y) / Math.max(2, this.brush.radius / 2),
    );
    for (let i = 1; i <= steps; i++) {
      const at = i / steps;
      this.stroke({
        x: this.last.x + (to.x - this.last.x) * at,
        y: this.last.y + (to.y - this.last.y) * at,
      });
    }
    this.last = to;
  };

  private readonly onUp = (): void => {
    if (!this.last) return;
    this.last = null;
    this.onPainted();
  };

  private stroke(at: Point): void {
    const { mask, brush, view } = this;
    if (!mask || !brush || !view) return;
    const { x, y } = unapply(view, at.x, at.y);
    paintMask(mask, x, y, brush.radius / scaleOf(view), brush.kind);
    this.repaint();
  }

  /** The mask as a picture of one px a square. */
  private repaint(): void {
    const { mask, picture } = this;
    if (mask && picture) {
      const image = new ImageData(mask.cols, mask.rows);
      mask.kinds.forEach((kind, i) => {
        if (kind !== TISSUE) image.data.set(kind === PEN ? PEN_MARK : LEFT_OUT, 4 * i);
      });
      picture.getContext('2d')?.putImageData(image, 0, 0);
    }
    this.draw();
  }

  private draw(): void {
    const { canvas, mask, picture, view } = this;
    const context = slideContext(canvas, view, mask !== null);
    if (!context || !view || !mask || !picture) return;
    context.imageSmoothingEnabled = false;
    inSlidePixels(context, view);
    context.drawImage(picture, 0, 0, mask.cols * mask.size, mask.rows * mask.size);
  }
}
