/**
 * OpenSeadragon behind a small interface in level-0 slide pixels. Nothing outside this room
 * knows OpenSeadragon.
 */
import OpenSeadragon from 'openseadragon';
import { IDENTITY, type ScreenTransform } from '../core/affine.ts';
import type { Point, Rect } from '../core/geometry.ts';
import type { Slide } from '../slide/slide.ts';
import { tileSourceOf } from './tile-source.ts';

export interface ViewerEvents {
  /** Every frame in which the view moved. */
  onMove(transform: ScreenTransform): void;
  /** The view came to rest. */
  onRest(view: Rect): void;
  onHover(at: Point | null): void;
  onClick(at: Point): void;
  onTileError(error: unknown): void;
}

/** Screen px of one level-0 px beyond which zooming in shows nothing new. */
const MAX_SCREEN_PX_PER_PX = 8;
/** Share of the screen that one arrow key press moves. */
const KEY_STEP = 0.15;
const RETRIES = 2;
/** Level-0 px from which a scale is measured. */
const FAR = 1000;

export class SlideViewer {
  private readonly osd: OpenSeadragon.Viewer;
  private slide: Slide | null = null;

  constructor(
    private readonly element: HTMLElement,
    navigator: HTMLElement,
    private readonly events: ViewerEvents,
  ) {
    this.osd = new OpenSeadragon.Viewer({
      element,
      // The WebGL drawer is slower without a GPU and gains little on one with few tiles.
      drawer: 'canvas',
      showNavigationControl: false,
      showNavigator: true,
      navigatorElement: navigator,
      navigatorBackground: '#f4f3f4',
      navigatorBorderColor: 'transparent',
      navigatorDisplayRegionColor: '#d33a2c',
      navigatorOpacity: 1,
      maxZoomPixelRatio: MAX_SCREEN_PX_PER_PX,
      minZoomImageRatio: 0.8,
      visibilityRatio: 0.3,
      animationTime: 0.4,
      springStiffness: 9,
      zoomPerScroll: 1.3,
      imageLoaderLimit: 8,
      maxImageCacheCount: 400,
      tileRetryMax: RETRIES,
      tileRetryDelay: 400,
      timeout: 60_000,
      gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: true },
      gestureSettingsTouch: { clickToZoom: false, dblClickToZoom: true },
      gestureSettingsPen: { clickToZoom: false, dblClickToZoom: true },
    } as OpenSeadragon.Options);
    // Our tiles bring their own overlap (tile-source.ts); stretching them would shift the tissue.
    Object.assign(this.osd.drawer, { minimumOverlapRequired: () => false });
    this.osd.addHandler('canvas-key', (event) => {
      // The app has its own keys; two sets would move the view twice.
      event.preventDefaultAction = true;
    });
    this.osd.addHandler('update-viewport', () => this.events.onMove(this.transform()));
    this.osd.addHandler('open', () => this.events.onMove(this.transform()));
    this.osd.addHandler('animation-finish', () => this.rest());
    this.osd.addHandler('canvas-click', (event) => {
      if (event.quick) this.events.onClick({ x: event.position.x, y: event.position.y });
    });
    element.addEventListener('pointermove', this.hover);
    element.addEventListener('pointerleave', this.leave);
  }

  /** Show a slide; the former one is closed. Resolves when it is laid out (tiles follow). */
  open(slide: Slide, view?: Rect): Promise<void> {
    const former = this.slide;
    this.slide = slide;
    return new Promise((resolve) => {
      this.osd.addOnceHandler('open', () => {
        former?.close();
        if (view) this.setView(view, true);
        this.rest();
        resolve();
      });
      const tileSource = tileSourceOf(slide, (error) => this.events.onTileError(error));
      this.osd.open({ tileSource } as OpenSeadragon.TileSourceSpecifier);
    });
  }

  /** Where level-0 px lie on the element. */
  transform(): ScreenTransform {
    const { clientWidth: width, clientHeight: height } = this.element;
    const item = this.osd.world.getItemAt(0);
    if (!item) return { ...IDENTITY, width, height };
    // The current, not the target, view: an overlay must move with the animation.
    const origin = item.imageToViewerElementCoordinates(new OpenSeadragon.Point(0, 0));
    const right = item.imageToViewerElementCoordinates(new OpenSeadragon.Point(FAR, 0));
    const below = item.imageToViewerElementCoordinates(new OpenSeadragon.Point(0, FAR));
    return {
      a: (right.x - origin.x) / FAR,
      b: (right.y - origin.y) / FAR,
      c: (below.x - origin.x) / FAR,
      d: (below.y - origin.y) / FAR,
      e: origin.x,
      f: origin.y,
      width,
      height,
    };
  }

  /** The level-0 rectangle that the element shows, once any movement has ended. */
  view(): Rect {
    const item = this.osd.world.getItemAt(0);
    if (!item) return { x: 0, y: 0, w: 0, h: 0 };
    const r = item.viewportToImageRectangle(this.osd.viewport.getBounds(false));
    return { x: r.x, y: r.y, w: r.width, h: r.height };
  }

  /** Show at least `rect` (level-0 px). */
  setView(rect: Rect, immediately = false): void {
    const item = this.osd.world.getItemAt(0);
    if (!item) return;
    const bounds = item.imageToViewportRectangle(rect.x, rect.y, rect.w, rect.h);
    this.osd.viewport.fitBounds(bounds, immediately);
  }

  /** Level-0 px per screen px becomes `pxPerScreenPx`, around the centre. */
  setScale(pxPerScreenPx: number): void {
    const view = this.view();
    const { width, height } = this.transform();
    const [w, h] = [width * pxPerScreenPx, height * pxPerScreenPx];
    this.setView({ x: view.x + (view.w - w) / 2, y: view.y + (view.h - h) / 2, w, h });
  }

  home(): void {
    this.osd.viewport.goHome();
  }

  zoomBy(factor: number): void {
    this.osd.viewport.zoomBy(factor);
    this.osd.viewport.applyConstraints();
  }

  /** Move by key steps: (1, 0) is one step to the right. */
  panBy(stepsX: number, stepsY: number): void {
    const bounds = this.osd.viewport.getBounds(false);
    const delta = new OpenSeadragon.Point(stepsX * bounds.width, stepsY * bounds.height);
    this.osd.viewport.panBy(delta.times(KEY_STEP));
    this.osd.viewport.applyConstraints();
  }

  destroy(): void {
    this.element.removeEventListener('pointermove', this.hover);
    this.element.removeEventListener('pointerleave', this.leave);
    this.osd.destroy();
    this.slide?.close();
    this.slide = null;
  }

  private rest(): void {
    this.events.onMove(this.transform());
    this.events.onRest(this.view());
  }

  private readonly hover = (event: PointerEvent): void => {
    if (event.buttons !== 0) return;
    const box = this.element.getBoundingClientRect();
    this.events.onHover({ x: event.clientX - box.left, y: event.clientY - box.top });
  };

  private readonly leave = (): void => this.events.onHover(null);
}
