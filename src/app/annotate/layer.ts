/** The canvas of annotations over the slide: what is in view, the shape in the making, handles. */
import {
  type Annotation,
  createAnnotation,
  UNCLASSIFIED_COLOUR,
} from '../../annotation/annotation.ts';
import { boundsOf } from '../../annotation/geometry.ts';
import { apply, boxInView, type ScreenTransform, scaleOf } from '../../core/affine.ts';
import { grow, type Point, type Rect } from '../../core/geometry.ts';
import { type Context2D, slideContext } from '../slide-canvas.ts';
import { getState, useApp } from '../state.ts';
import type { Annotator } from './annotator.ts';
import type { Drawing } from './drawing.ts';
import {
  drawAnnotation,
  drawBrush,
  drawCross,
  drawHandles,
  drawLabel,
  drawStroke,
} from './paint.ts';

/** Above this many shapes on screen they are drawn without fill and halo, and without labels. */
const PLAIN_ABOVE = 2000;
const LABELS_BELOW = 200;
/** A shape smaller than this on screen has no label; smaller than a few px it is a dot. CSS px. */
const LABELLED_PX = 40;
const DOT_PX = 3;
/** Lines and labels reach beyond the shape's own box, CSS px. */
const REACH_PX = 8;

/** What is drawn beside the list. */
export interface InHand {
  drawing: Drawing | null;
  /** Where the pointer is, CSS px; null when it is elsewhere. */
  pointer: Point | null;
  /** Where keys draw, level-0 px. */
  cross: Point | null;
  erasing: boolean;
}

export class AnnotationLayer {
  private frame = 0;
  private boxes = new Float64Array(0);
  private boxesOf: readonly Annotation[] | null = null;
  private readonly stops: (() => void)[];

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly annotator: Annotator,
    private readonly inHand: () => InHand,
  ) {
    this.stops = [
      annotator.onChange(() => this.redraw()),
      useApp.subscribe((state, before) => {
        // In the frame in which the tissue moves.
        if (state.transform !== before.transform) this.draw();
        else if (state.slide !== before.slide || state.annotate !== before.annotate) this.redraw();
      }),
    ];
    this.redraw();
  }

  redraw(): void {
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => this.draw());
  }

  destroy(): void {
    cancelAnimationFrame(this.frame);
    for (const stop of this.stops) stop();
  }

  /** Shapes that may be within `reach` (CSS px) of the box, in the order in which they are drawn. */
  near(box: Rect, reach: number): Annotation[] {
    const { transform } = getState();
    const { list } = this.annotator;
    if (!transform) return [];
    const boxes = this.boxesFor(list);
    const { x, y, w, h } = grow(box, reach / scaleOf(transform));
    const found: Annotation[] = [];
    for (let i = 0; i < list.length; i++) {
      const at = 4 * i;
      if (boxes[at] > x + w || boxes[at + 2] < x) continue;
      if (boxes[at + 1] > y + h || boxes[at + 3] < y) continue;
      if (!this.annotator.isHidden(list[i])) found.push(list[i]);
    }
    return found;
  }

  private draw(): void {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    const { transform: view, slide, annotate } = getState();
    const any = slide !== null && (this.annotator.list.length > 0 || annotate.tool !== null);
    const context = slideContext(this.canvas, view, any);
    if (!context || !view || !slide) return;
    this.drawList(context, view, slide.mpp);
    this.drawInHand(context, view);
  }

  /** Everything in view; also what a picture of the view holds. `mpp` is um per level-0 px or null. */
  drawList(context: Context2D, view: ScreenTransform, mpp: number | null): void {
    const { preview, selected } = this.annotator;
    const scale = scaleOf(view);
    const seen = this.near(boxInView(view), REACH_PX);
    const plain = seen.length > PLAIN_ABOVE;
    const labelled: Annotation[] = [];
    for (const listed of seen) {
      if (listed.id === selected?.id) continue;
      const { w, h } = boundsOf(listed.geometry);
      const side = Math.max(w, h) * scale;
      if (side < DOT_PX && listed.geometry.kind !== 'points') {
        drawDot(context, view, listed);
        continue;
      }
      drawAnnotation(context, view, listed, { selected: false, plain });
      if (side >= LABELLED_PX) labelled.push(listed);
    }
    const own = selected && !this.annotator.isHidden(selected) ? (preview ?? selected) : null;
    if (own) {
      drawAnnotation(context, view, own, { selected: true, plain: false });
      labelled.push(own);
    }
    if (seen.length < LABELS_BELOW) {
      for (const annotation of labelled) drawLabel(context, view, annotation, mpp);
    } else if (own) drawLabel(context, view, own, mpp);
  }

  private drawInHand(context: Context2D, view: ScreenTransform): void {
    const { annotate, slide } = getState();
    const { tool, brush, classes, drawClass } = annotate;
    const { selected, preview } = this.annotator;
    const { drawing, pointer, cross, erasing } = this.inHand();
    if (tool === 'select' && selected && !selected.locked) {
      drawHandles(context, view, (preview ?? selected).geometry);
    }
    const classification = classes.find(({ name }) => name === drawClass) ?? null;
    const colour = classification?.colour ?? UNCLASSIFIED_COLOUR;
    const stroke = drawing?.stroke;
    if (stroke) {
      drawStroke(context, view, stroke.points, brush, stroke.erase ? '#ffffff' : colour);
    }
    if (tool === 'brush' && pointer) drawBrush(context, pointer, brush, erasing);
    const draft = drawing?.draft;
    if (draft) {
      const made = createAnnotation(draft, { classification });
      drawAnnotation(context, view, made, { selected: true, plain: false });
      if (drawing.tool !== 'freehand' && drawing.tool !== 'polygon') {
        drawLabel(context, view, made, slide?.mpp ?? null);
      }
    }
    if (cross) drawCross(context, view, cross);
  }

  /** x0, y0, x1, y1 of each shape of the list. */
  private boxesFor(list: readonly Annotation[]): Float64Array {
    if (this.boxesOf !== list) {
      this.boxesOf = list;
      this.boxes = new Float64Array(4 * list.length);
      list.forEach(({ geometry }, i) => {
        const { x, y, w, h } = boundsOf(geometry);
        this.boxes.set([x, y, x + w, y + h], 4 * i);
      });
    }
    return this.boxes;
  }
}

function drawDot(context: Context2D, view: ScreenTransform, annotation: Annotation): void {
  const { x, y } = boundsOf(annotation.geometry);
  const at = apply(view, x, y);
  context.fillStyle = annotation.classification?.colour ?? UNCLASSIFIED_COLOUR;
  context.fillRect(at.x - 1, at.y - 1, DOT_PX, DOT_PX);
}
