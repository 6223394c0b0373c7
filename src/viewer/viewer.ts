/**
 * OpenSeadragon behind a small interface in level-0 slide pixels. Nothing outside this room
 * knows OpenSeadragon.
 */
import OpenSeadragon from 'openseadragon';
import {
  type Affine,
  apply,
  boxInView,
  compose,
  IDENTITY,
  invert,
  type ScreenTransform,
  scaleOf,
  unapply,
} from '../core/affine.ts';
import type { Point, Rect } from '../core/geometry.ts';
import type { Slide } from '../slide/slide.ts';
import { DevelopLayer } from './colour/develop-layer.ts';
import type { Development } from './colour/look.ts';
import { MissingTiles } from './missing.ts';
import { createOsd, mirrored } from './osd.ts';
import { nearestSimilarity, type Pose, UPRIGHT } from './pose.ts';
import { tileSourceOf } from './tile-source.ts';

export interface ViewerEvents {
  /** Every frame that was drawn. `led`: `follow` moved it, so that nobody is to be led by it. */
  onMove(transform: ScreenTransform, led: boolean): void;
  /** The view came to rest. */
  onRest(): void;
  onHover(at: Point | null): void;
  onClick(at: Point): void;
  /** So many tiles of this slide could not be had, the last of them for this reason. */
  onMissing(count: number, error: unknown): void;
}

/** Share of the screen that one arrow key press moves. */
const KEY_STEP = 0.15;
/** Level-0 px from which a scale is measured. */
const FAR = 1000;
/** Screen px within which a view is still where it was led. */
const STILL = 1e-3;

export class SlideViewer {
  private readonly osd: OpenSeadragon.Viewer;
  private slide: Slide | null = null;
  private readonly developed: DevelopLayer;
  private missing = new MissingTiles([]);
  /** Where `follow` has put the view; null once anything else moved it. */
  private ledTo: ScreenTransform | null = null;

  constructor(
    private readonly element: HTMLElement,
    navigator: HTMLElement | null,
    private readonly events: ViewerEvents,
    tiles?: number,
  ) {
    this.osd = createOsd(element, navigator, tiles);
    this.developed = new DevelopLayer(this.picture(), () => this.osd.forceRedraw());
    this.osd.addHandler('update-viewport', () => this.drawn());
    this.osd.addHandler('open', () => this.moved());
    this.osd.addHandler('animation-finish', () => this.rest());
    this.osd.addHandler('canvas-click', (event) => {
      // OpenSeadragon has mirrored this one already.
      const { x, y } = event.position;
      if (event.quick) this.events.onClick({ x: mirrored(this.osd, x), y });
    });
    element.addEventListener('pointermove', this.hover);
    element.addEventListener('pointerleave', this.leave);
  }

  /**
   * Show a slide, upright unless told otherwise, at `frame` (see there); the former one is closed.
   * Resolves when it is laid out (tiles follow).
   */
  open(slide: Slide, frame?: Rect, pose: Pose = UPRIGHT): Promise<void> {
    const former = this.slide;
    this.slide = slide;
    return new Promise((resolve) => {
      this.osd.addOnceHandler('open', () => {
        former?.close();
        this.setTurn(pose.turn, true);
        this.setFlipped(pose.flipped);
        if (frame) this.setFrame(frame, true);
        // Laid out upright so far: turned, the whole slide takes another room.
        else this.osd.viewport.goHome(true);
        this.rest();
        resolve();
      });
      const missing = new MissingTiles(slide.info.levels);
      this.missing = missing;
      const tileSource = tileSourceOf(slide, ({ error, place, tile }) => {
        missing.add(place, tile);
        // A tile of the former slide may fail after it was closed.
        if (this.missing === missing) this.events.onMissing(missing.count, error);
        this.osd.forceRedraw();
      });
      this.osd.open({ tileSource } as OpenSeadragon.TileSourceSpecifier);
    });
  }

  /** Where level-0 px lie on the element, in this very frame of any movement. */
  transform(): ScreenTransform {
    return this.transformAt(true);
  }

  /** The level-0 box around all that the element shows, once any movement has ended. */
  view(): Rect {
    return this.item() ? boxInView(this.transformAt(false)) : { x: 0, y: 0, w: 0, h: 0 };
  }

  /** Show at least `rect` (level-0 px). */
  setView(rect: Rect, immediately = false): void {
    const item = this.item();
    if (!item) return;
    const bounds = item.imageToViewportRectangle(rect.x, rect.y, rect.w, rect.h);
    this.osd.viewport.fitBounds(bounds, immediately);
  }

  /**
   * The level-0 rectangle that the element would show at this centre and scale, once any movement
   * has ended, were the view not turned. With the pose it says the whole view.
   */
  frame(): Rect {
    const { width, height, ...map } = this.transformAt(false);
    if (!this.item()) return { x: 0, y: 0, w: 0, h: 0 };
    const centre = unapply(map, width / 2, height / 2);
    const scale = scaleOf(map);
    const [w, h] = [width / scale, height / scale];
    return { x: centre.x - w / 2, y: centre.y - h / 2, w, h };
  }

  /** Show the view that `frame` told, or the least that holds `rect` were the view not turned. */
  setFrame(rect: Rect, immediately = false): void {
    const { width, height } = this.transform();
    this.centreOn(
      { x: rect.x + rect.w / 2, y: rect.y + rect.h / 2 },
      Math.min(width / rect.w, height / rect.h),
      immediately,
    );
  }

  /** Level-0 px per screen px becomes `pxPerScreenPx`, around the centre. */
  setScale(pxPerScreenPx: number): void {
    const { x, y, w, h } = this.frame();
    this.centreOn({ x: x + w / 2, y: y + h / 2 }, 1 / pxPerScreenPx, false);
  }

  /** Degrees in [0, 360), clockwise, once any movement has ended; mirroring comes after it. */
  turn(): number {
    return modulo(this.osd.viewport?.getRotation() ?? 0);
  }

  /** Turn around the centre of the screen. */
  setTurn(degrees: number, immediately = false): void {
    this.osd.viewport.setRotation(modulo(degrees), immediately);
  }

  /** Turn by so many degrees, clockwise as it is seen, mirrored or not. */
  turnBy(degrees: number): void {
    this.setTurn(this.turn() + (this.flipped() ? -degrees : degrees));
  }

  /** Neither turned nor mirrored. */
  setUpright(): void {
    this.setFlipped(false);
    this.setTurn(0);
  }

  flipped(): boolean {
    return this.osd.viewport?.getFlip() ?? false;
  }

  /** Mirror left to right, as it is seen. At once: a mirror has no halfway. */
  setFlipped(flipped: boolean): void {
    if (flipped === this.flipped()) return;
    this.osd.viewport.setFlip(flipped);
    // What lies over the slide must not wait for the next frame.
    this.osd.forceRedraw();
    if (this.item()) this.rest();
  }

  /**
   * Show at once the view whose map is nearest to `wanted`: zoom, turn, mirroring and shift, exact
   * at the middle of the screen. Gives what is left to do on the screen: the affine map that takes
   * what is drawn to where it was wanted (the identity when `wanted` is a similarity).
   */
  follow(wanted: Affine): Affine {
    const { width, height } = this.transform();
    if (!this.item()) return IDENTITY;
    const { scale, turn, flipped } = nearestSimilarity(wanted);
    this.osd.viewport.setFlip(flipped);
    this.osd.viewport.setRotation(turn, true);
    this.centreOn(unapply(wanted, width / 2, height / 2), scale, true);
    this.ledTo = this.transform();
    return compose(wanted, invert(this.ledTo));
  }

  /** How the pixels are shown; null as they are stored. */
  setDevelopment(how: Development | null): void {
    this.developed.set(how);
    this.osd.forceRedraw();
  }

  /** Ask again for the tiles that could not be had. */
  retryMissing(): void {
    this.missing.retry();
    this.osd.navigator?.forceRedraw();
    this.osd.forceRedraw();
  }

  home(): void {
    this.osd.viewport.goHome();
  }

  zoomBy(factor: number): void {
    this.osd.viewport.zoomBy(factor);
    this.osd.viewport.applyConstraints();
  }

  /** Move by key steps, as seen on the screen: (1, 0) shows what lies to the right. */
  panBy(stepsX: number, stepsY: number): void {
    const { width, height } = this.transform();
    const across = this.flipped() ? -stepsX : stepsX;
    const pixels = new OpenSeadragon.Point(across * width, stepsY * height).times(KEY_STEP);
    this.osd.viewport.panBy(this.osd.viewport.deltaPointsFromPixels(pixels));
    this.osd.viewport.applyConstraints();
  }

  destroy(): void {
    this.element.removeEventListener('pointermove', this.hover);
    this.element.removeEventListener('pointerleave', this.leave);
    this.developed.destroy();
    this.osd.destroy();
    this.slide?.close();
    this.slide = null;
  }

  private item(): OpenSeadragon.TiledImage | undefined {
    return this.osd.world.getItemAt(0);
  }

  /** The map now, within any movement, or (`current` false) where the movement ends. */
  private transformAt(current: boolean): ScreenTransform {
    const item = this.item();
    const { viewport } = this.osd;
    if (!item) {
      const { clientWidth: width, clientHeight: height } = this.element;
      return { ...IDENTITY, width, height };
    }
    // What OpenSeadragon lays out for: the element may have another size until its next frame.
    const size = viewport.getContainerSize();
    const { x: width, y: height } = size;
    const scale = (size.x * viewport.getZoom(current)) / item.getContentSize().x;
    const centre = item.viewportToImageCoordinates(viewport.getCenter(current));
    const angle = (viewport.getRotation(current) * Math.PI) / 180;
    const [cos, sin] = [scale * Math.cos(angle), scale * Math.sin(angle)];
    // Turned about the middle of the screen, then mirrored there: what the drawer does.
    const side = viewport.getFlip() ? -1 : 1;
    const linear = { a: side * cos, b: sin, c: -side * sin, d: cos, e: 0, f: 0 };
    const at = apply(linear, centre.x, centre.y);
    return { ...linear, e: size.x / 2 - at.x, f: size.y / 2 - at.y, width, height };
  }

  /** `scale`: screen px per level-0 px. */
  private centreOn(at: Point, scale: number, immediately: boolean): void {
    const item = this.item();
    const { viewport } = this.osd;
    if (!item) return;
    const zoom = (scale * item.getContentSize().x) / viewport.getContainerSize().x;
    viewport.panTo(item.imageToViewportCoordinates(at.x, at.y), immediately);
    viewport.zoomTo(zoom, undefined, immediately);
  }

  /** OpenSeadragon has drawn its tiles: what lies over them follows in the same frame. */
  private drawn(): void {
    const canvas = this.picture();
    const context = canvas.getContext('2d');
    const dpr = canvas.width / this.osd.viewport.getContainerSize().x;
    if (context) this.missing.draw(context, this.transform(), dpr);
    this.developed.draw();
    this.moved();
  }

  /** What OpenSeadragon draws on. */
  private picture(): HTMLCanvasElement {
    return this.osd.drawer.canvas as HTMLCanvasElement;
  }

  private moved(): void {
    const transform = this.transform();
    const led = this.ledTo !== null && near(this.ledTo, transform);
    if (!led) this.ledTo = null;
    this.events.onMove(transform, led);
  }

  private rest(): void {
    this.moved();
    this.events.onRest();
  }

  private readonly hover = (event: PointerEvent): void => {
    if (event.buttons !== 0) return;
    const box = this.element.getBoundingClientRect();
    this.events.onHover({ x: event.clientX - box.left, y: event.clientY - box.top });
  };

  private readonly leave = (): void => this.events.onHover(null);
}

function modulo(degrees: number): number {
  return ((degrees % 360) + 360) % 360;
}

/** Do two maps show the same, within `STILL` px over a screenful? */
function near(one: ScreenTransform, other: ScreenTransform): boolean {
  const between = compose(one, invert(other));
  const corners = [apply(between, 0, 0), apply(between, FAR, FAR)];
  return Math.hypot(corners[0].x, corners[0].y, corners[1].x - FAR, corners[1].y - FAR) < STILL;
}
