/** The developed picture over OpenSeadragon's own, there only while a look asks for it. */
import { Pace, REST_MS } from '../../core/pace.ts';
import { Developer } from './develop.ts';
import type { Development } from './look.ts';

export class DevelopLayer {
  private canvas: HTMLCanvasElement | null = null;
  private developer: Developer | null = null;
  private how: Development | null = null;
  private readonly pace = new Pace();
  private resting = 0;

  constructor(
    /** What is developed; hidden while its development can be seen. */
    private readonly picture: HTMLCanvasElement,
    /** The GPU came back. */
    private readonly onRestored: () => void,
  ) {}

  /** Null shows the picture as it is. The caller has it drawn. */
  set(how: Development | null): void {
    this.how = how;
  }

  /** To be called in the frame in which the picture was drawn. */
  draw(): void {
    const { how } = this;
    if (how && !this.developer) this.start();
    const seen = how !== null && this.developer?.works === true;
    this.picture.style.visibility = seen ? 'hidden' : '';
    if (this.canvas) this.canvas.style.display = seen ? 'block' : 'none';
    if (!how || !seen) return;
    const sharpness = this.pace.moved(performance.now());
    this.developer?.draw(this.picture, how, sharpness);
    clearTimeout(this.resting);
    if (sharpness < 1) {
      this.resting = window.setTimeout(() => this.developer?.draw(this.picture, how, 1), REST_MS);
    }
  }

  destroy(): void {
    clearTimeout(this.resting);
    this.developer?.destroy();
    this.canvas?.remove();
  }

  private start(): void {
    this.canvas = document.createElement('canvas');
    this.canvas.className = 'developed';
    Object.assign(this.canvas.style, {
      position: 'absolute',
      inset: '0',
      width: '100%',
      height: '100%',
      pointerEvents: 'none',
    });
    this.picture.after(this.canvas);
    this.developer = new Developer(this.canvas, this.onRestored);
  }
}
