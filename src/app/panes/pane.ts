/** A further pane: a slide in a viewer of its own, and the cells on it. */
import { type Affine, compose, IDENTITY, type ScreenTransform } from '../../core/affine.ts';
import type { Point } from '../../core/geometry.ts';
import type { Legend } from '../../overlay/legend.ts';
import type { Slide } from '../../slide/slide.ts';
import { stainsFor, tableFor } from '../../viewer/colour/colour.client.ts';
import { developmentOf, type Look } from '../../viewer/colour/look.ts';
import { SlideViewer } from '../../viewer/viewer.ts';
import type { Workbench } from '../workbench.ts';
import type { Size } from './locking.ts';
import { PaneCells } from './pane-cells.ts';

/** Decoded tiles a further pane keeps: four panes together keep about twice what one does. */
const TILES = 160;

const MOVES: Record<string, (viewer: SlideViewer) => void> = {
  ArrowLeft: (viewer) => viewer.panBy(-1, 0),
  ArrowRight: (viewer) => viewer.panBy(1, 0),
  ArrowUp: (viewer) => viewer.panBy(0, -1),
  ArrowDown: (viewer) => viewer.panBy(0, 1),
  '+': (viewer) => viewer.zoomBy(1.5),
  '=': (viewer) => viewer.zoomBy(1.5),
  '-': (viewer) => viewer.zoomBy(1 / 1.5),
  '0': (viewer) => viewer.home(),
};

export interface PaneEvents {
  /** `led`: it was made to follow; nobody is to be led by it. */
  onMove(led: boolean): void;
  onRest(): void;
  onClick(at: Point): void;
  /** So many tiles could not be had, the last of them for this reason. */
  onMissing(count: number, error: unknown): void;
  onLegend(legend: Legend | null): void;
  onStale(): void;
}

export class Pane {
  readonly viewer: SlideViewer;
  readonly cells: PaneCells;
  /** What the viewer cannot show of the view that is followed (shear), done by CSS. */
  private residual: Affine = IDENTITY;
  private followedAt: Size | null = null;
  private slide: Slide | null = null;
  private look: Look | null = null;

  constructor(
    private readonly stage: HTMLElement,
    canvas: HTMLCanvasElement,
    bench: Workbench,
    events: PaneEvents,
  ) {
    this.cells = new PaneCells(canvas, bench, events);
    this.viewer = new SlideViewer(
      stage,
      null,
      {
        onMove: (_, led) => {
          this.cells.setView(this.transform());
          events.onMove(led);
        },
        onRest: () => events.onRest(),
        onHover: () => undefined,
        onClick: (at) => events.onClick(at),
        onMissing: (count, error) => events.onMissing(count, error),
      },
      TILES,
    );
    stage.addEventListener('keydown', this.key);
  }

  /** Show a slide, which is closed with the pane. */
  open(slide: Slide): Promise<void> {
    this.slide = slide;
    return this.viewer.open(slide);
  }

  /**
   * Show the pixels with the look of the main pane, by this slide's own profile and stains; without
   * those that it does not tell.
   */
  async develop(look: Look): Promise<void> {
    this.look = look;
    const { slide } = this;
    if (!slide) return;
    const own = look.stains === 'slide' && look.stain !== 'all';
    const [table, stains] = await Promise.all([
      tableFor(slide).catch(() => null),
      own ? stainsFor(slide).catch(() => null) : null,
    ]);
    // A later look, or the end of the pane, may have come first.
    if (this.look === look) this.viewer.setDevelopment(developmentOf(look, { table, stains }));
  }

  /** Where level-0 px lie on the pane, as they are seen. */
  transform(): ScreenTransform {
    const { width, height, ...map } = this.viewer.transform();
    return { ...compose(this.residual, map), width, height };
  }

  /** Show exactly this, at once. */
  follow(wanted: ScreenTransform): void {
    this.residual = this.viewer.follow(wanted);
    this.followedAt = { width: wanted.width, height: wanted.height };
    const { a, b, c, d, e, f } = this.residual;
    const still = Math.hypot(a - 1, b, c, d - 1) < 1e-6;
    this.stage.style.transform = still ? '' : `matrix(${[a, b, c, d, e, f].join(', ')})`;
    this.cells.setView(this.transform());
  }

  /** Follow no longer: the view goes its own way, without shear. */
  free(): void {
    this.residual = IDENTITY;
    this.followedAt = null;
    this.stage.style.transform = '';
    this.cells.setView(this.transform());
  }

  /** Whether the pane has another size than when it was last made to follow. */
  resized(): boolean {
    const { width, height } = this.viewer.transform();
    const { followedAt } = this;
    return followedAt !== null && (followedAt.width !== width || followedAt.height !== height);
  }

  destroy(): void {
    this.look = null;
    this.stage.removeEventListener('keydown', this.key);
    this.cells.destroy();
    this.viewer.destroy();
  }

  /** With the focus on its slide, the keys that move the main view move this one. */
  private readonly key = (event: KeyboardEvent): void => {
    const move = MOVES[event.key];
    if (!move || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    move(this.viewer);
  };
}
