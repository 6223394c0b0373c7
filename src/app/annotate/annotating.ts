/**
 * Annotating by hand: which tool is in use, and what pointer and keys do with it. Pointer events
 * are seen before the viewer sees them; those that draw are taken, all others move the slide.
 */
import type { Annotation } from '../../annotation/annotation.ts';
import { withGeometry } from '../../annotation/annotation.ts';
import {
  handlesOf,
  pickAt,
  withCornerAt,
  withHandleAt,
  withoutHandle,
} from '../../annotation/edit.ts';
import { boundsOf, moved } from '../../annotation/geometry.ts';
import { insideOf } from '../../annotation/inside.ts';
import { scaleOf, unapply } from '../../core/affine.ts';
import { toCytolensError } from '../../core/errors.ts';
import { grow, type Point } from '../../core/geometry.ts';
import type { Running } from '../running.ts';
import { getState, report, setState, useApp } from '../state.ts';
import type { Workbench } from '../workbench.ts';
import { Annotator } from './annotator.ts';
import { Drawing, type Made } from './drawing.ts';
import { AnnotationFiles } from './files.ts';
import { bindAnnotateKeys } from './keys.ts';
import { AnnotationLayer } from './layer.ts';
import { HANDLE_PX, MOST_HANDLES } from './paint.ts';
import { bindPointer } from './pointer.ts';
import type { ToolId } from './tools.ts';

/** A pointer this near to a line or handle is at it, CSS px; fingers are wider than a mouse. */
const REACH_PX = { mouse: 6, touch: 16 };
/** A key moves the cross by so much of the screen, CSS px; finer with Shift. */
const CROSS_STEP = 16;
/** Less than this share of the view is left around a shape that is flown to. */
const AROUND = 0.4;

/** What is being dragged in the select tool. */
type Grip = { annotation: Annotation; from: Point; handle: number | null };

export class Annotating {
  readonly annotator = new Annotator();
  /** Annotations to and from files. */
  readonly files = new AnnotationFiles(this.annotator);
  private layer: AnnotationLayer | null = null;
  private drawing: Drawing | null = null;
  private grip: Grip | null = null;
  private pointer: Point | null = null;
  private cross: Point | null = null;
  private erasing = false;
  private readonly unbind: () => void;

  constructor(private readonly bench: Workbench) {
    bench.layers.set('marks', {
      paint: (context, view) => this.layer?.drawList(context, view, getState().slide?.mpp ?? null),
    });
    const stopKeys = bindAnnotateKeys(this);
    const stopFollowing = useApp.subscribe((state, before) => {
      if (state.slide?.info.id !== before.slide?.info.id) this.abandon();
    });
    this.unbind = () => {
      stopKeys();
      stopFollowing();
    };
  }

  /** Draw on this canvas, and listen to the pointer on the box around it; gives how to stop. */
  attach(canvas: HTMLCanvasElement): () => void {
    const layer = new AnnotationLayer(canvas, this.annotator, () => ({
      drawing: this.drawing,
      pointer: this.pointer,
      cross: this.cross,
      erasing: this.erasing,
    }));
    this.layer = layer;
    const box = canvas.parentElement;
    const stop = box ? bindPointer(box, this) : () => undefined;
    return () => {
      stop();
      layer.destroy();
      this.layer = null;
    };
  }

  get tool(): ToolId | null {
    return getState().annotate.tool;
  }

  /** Something was begun that Esc takes back first. */
  get begun(): boolean {
    return this.drawing?.begun === true;
  }

  /** Take a tool in hand; null ends annotating. A count under way is kept. */
  choose(tool: ToolId | null): void {
    if (this.drawing?.tool === 'count') this.drawing.finish();
    this.abandon();
    this.annotator.set({ tool });
    if (tool && tool !== 'select') this.drawing = new Drawing(tool, (made) => this.made(made));
    this.layer?.redraw();
  }

  toggle(): void {
    this.choose(this.tool === null ? 'select' : null);
  }

  /** Drop what was begun; the tool stays. */
  abandon(): void {
    this.drawing?.cancel();
    this.grip = null;
    this.cross = null;
    this.annotator.showPreview(null);
  }

  /** Whether a press at a place (CSS px) draws or edits; else it is the viewer's. */
  press(at: Point, alt: boolean, touch: boolean): boolean {
    const { tool } = this;
    this.cross = null;
    if (tool === null) return false;
    if (tool === 'select') return this.takeHold(at, alt, touch);
    const place = this.place(at);
    if (!this.drawing || !place) return false;
    this.drawing.press(place, this.px(), alt);
    this.erasing = alt;
    this.layer?.redraw();
    return true;
  }

  /** The pointer moved, pressed or not. */
  drag(at: Point, alt: boolean): void {
    this.pointer = at;
    this.cross = null;
    const place = this.place(at);
    if (!place || this.tool === null) return;
    if (!this.drawing?.begun) this.erasing = alt;
    this.drawing?.drag(place, this.px());
    const { grip } = this;
    if (grip) {
      const { annotation, handle, from } = grip;
      const geometry =
        handle === null
          ? moved(annotation.geometry, place.x - from.x, place.y - from.y)
          : withHandleAt(annotation.geometry, handle, place);
      this.annotator.showPreview(withGeometry(annotation, geometry));
    } else this.layer?.redraw();
  }

  release(at: Point): void {
    const place = this.place(at);
    if (place) this.drawing?.release(place, this.px());
    const { preview } = this.annotator;
    if (this.grip && preview) this.annotator.add([preview]);
    this.grip = null;
    this.layer?.redraw();
  }

  leave(): void {
    this.pointer = null;
    this.layer?.redraw();
  }

  /** Arrow keys: nudge what is selected by a screen px (ten with `far`), or move the cross. */
  arrow(x: number, y: number, far: boolean): boolean {
    const { transform, slide } = getState();
    if (!transform || !slide || this.tool === null) return false;
    const { selected } = this.annotator;
    if (this.tool === 'select') {
      if (!selected) return false;
      const step = far ? 10 : 1;
      const [home, to] = [unapply(transform, 0, 0), unapply(transform, x * step, y * step)];
      this.annotator.nudge(selected.id, to.x - home.x, to.y - home.y);
      return true;
    }
    const { width, height, a, b, c, d, e, f } = transform;
    const old = this.cross ?? unapply(transform, width / 2, height / 2);
    const step = far ? 1 : CROSS_STEP;
    const [cssX, cssY] = [
      a * old.x + c * old.y + e + x * step,
      b * old.x + d * old.y + f + y * step,
    ];
    const onScreen = [Math.max(0, Math.min(width, cssX)), Math.max(0, Math.min(height, cssY))];
    this.cross = unapply(transform, onScreen[0], onScreen[1]);
    this.drawing?.drag(this.cross, this.px());
    this.layer?.redraw();
    return true;
  }

  /** Enter: set a point at the cross; without one, or at the same place again, end the shape. */
  enter(): boolean {
    if (!this.drawing || (!this.begun && !this.cross)) return false;
    this.drawing.enter(this.cross, this.px());
    this.layer?.redraw();
    return true;
  }

  /** Take the last point back, or remove what is selected. */
  erase(): boolean {
    if (this.begun) this.drawing?.back();
    else if (this.annotator.selected) this.annotator.remove([this.annotator.selected.id]);
    else return false;
    this.layer?.redraw();
    return true;
  }

  /** Bring a shape into view, and select it. */
  flyTo(id: string): void {
    const annotation = this.annotator.get(id);
    if (!annotation) return;
    const box = boundsOf(annotation.geometry);
    const least = 100 / (getState().slide?.mpp ?? 0.5);
    const around = Math.max(AROUND * Math.max(box.w, box.h), least / 2);
    this.bench.viewer.setView(grow(box, around));
    this.annotator.select(id);
  }

  /** Analyse the tissue inside of an area, and say what was analysed. */
  async analyse(id: string, running: Pick<Running, 'analyseInside'>): Promise<void> {
    const annotation = this.annotator.get(id);
    if (!annotation) return;
    const { geometry } = annotation;
    try {
      const what = await running.analyseInside(boundsOf(geometry), insideOf(geometry));
      const message =
        what === 'area'
          ? 'The fields that hold tissue of this annotation were analysed, each as a whole. "Only its cells" shows those inside.'
          : 'This annotation holds too little tissue for a field of its own: its bounding box was analysed.';
      setState({ notice: { tone: 'info', message, detail: '' } });
    } catch (error) {
      report(toCytolensError(error));
    }
  }

  destroy(): void {
    this.unbind();
    this.annotator.destroy();
  }

  private made(made: Made): void {
    if (made.kind === 'shape') this.annotator.draw(made.geometry, made.measurement);
    else {
      const { brush } = getState().annotate;
      this.annotator.paint(made.points, brush * this.px(), made.erase);
    }
  }

  /** Select what is at a place and take hold of it: by a corner of the selected shape, or whole. */
  private takeHold(at: Point, alt: boolean, touch: boolean): boolean {
    const place = this.place(at);
    const { layer } = this;
    if (!place || !layer) return false;
    const px = this.px();
    const reachPx = touch ? REACH_PX.touch : REACH_PX.mouse;
    const reach = reachPx * px;
    const { selected } = this.annotator;
    if (selected && !selected.locked && this.takeHandle(selected, place, reach, alt)) return true;
    const near = layer.near({ ...place, w: 0, h: 0 }, reachPx);
    const hit = pickAt(near, place, reach);
    this.annotator.select(hit?.id ?? null);
    if (!hit) return false;
    void this.bench.select(-1);
    if (!hit.locked) this.grip = { annotation: hit, from: place, handle: null };
    setState({ panel: 'marks' });
    return true;
  }

  private takeHandle(annotation: Annotation, at: Point, reach: number, alt: boolean): boolean {
    const { geometry } = annotation;
    const handles = handlesOf(geometry);
    const close = Math.max(reach, (HANDLE_PX / 2) * this.px());
    const handle =
      handles.length > MOST_HANDLES
        ? -1
        : handles.findIndex((p) => Math.hypot(p.x - at.x, p.y - at.y) <= close);
    if (handle >= 0) {
      if (alt) this.annotator.add([withGeometry(annotation, withoutHandle(geometry, handle))]);
      else this.grip = { annotation, from: at, handle };
      return true;
    }
    const added = alt ? withCornerAt(geometry, at, reach) : null;
    if (!added) return false;
    this.grip = {
      annotation: withGeometry(annotation, added.geometry),
      from: at,
      handle: added.handle,
    };
    this.annotator.showPreview(this.grip.annotation);
    return true;
  }

  /** Level-0 px of a place on screen. */
  private place({ x, y }: Point): Point | null {
    const { transform, slide } = getState();
    return transform && slide ? unapply(transform, x, y) : null;
  }

  /** Level-0 px of a screen px. */
  private px(): number {
    const { transform } = getState();
    return transform ? 1 / scaleOf(transform) : 1;
  }
}
