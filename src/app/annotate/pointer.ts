/** Mouse, pen and fingers for annotating: events are seen on their way down to the viewer. */
import type { Point } from '../../core/geometry.ts';

/** What a pointer does; places are CSS px of the slide's box. */
export interface PointerActions {
  readonly tool: string | null;
  /** True when the press draws or edits; else it is the viewer's. */
  press(at: Point, alt: boolean, touch: boolean): boolean;
  drag(at: Point, alt: boolean): void;
  release(at: Point): void;
  leave(): void;
  abandon(): void;
}

/**
 * Listen on the box around the slide; returns how to stop. Shift, the other buttons and a second
 * finger leave the event to the viewer, which moves the slide.
 */
export function bindPointer(box: HTMLElement, annotating: PointerActions): () => void {
  const abort = new AbortController();
  const options = { signal: abort.signal, capture: true } as const;
  /** The pointer that draws, and its press: another finger hands both to the viewer. */
  let drawing: { id: number; press: PointerEvent } | null = null;
  let handing = false;

  const at = (event: PointerEvent): Point => {
    const { left, top } = box.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  };
  const onSlide = (event: Event) => (event.target as HTMLElement).closest('.stage');

  box.addEventListener(
    'pointerdown',
    (event) => {
      const stage = onSlide(event);
      if (!stage || handing || annotating.tool === null) return;
      if (drawing) {
        // Two fingers move the slide: the viewer is told of the first one after all.
        annotating.abandon();
        const { press } = drawing;
        drawing = null;
        handing = true;
        press.target?.dispatchEvent(new PointerEvent('pointerdown', again(press)));
        handing = false;
        return;
      }
      if (event.button !== 0 || event.shiftKey) return;
      if (!annotating.press(at(event), event.altKey, event.pointerType !== 'mouse')) return;
      event.stopPropagation();
      event.preventDefault();
      drawing = { id: event.pointerId, press: event };
      stage.setPointerCapture(event.pointerId);
    },
    options,
  );

  box.addEventListener(
    'pointermove',
    (event) => {
      if (annotating.tool === null) return;
      const own = drawing?.id === event.pointerId;
      if (!own && (!onSlide(event) || event.buttons !== 0)) return;
      annotating.drag(at(event), event.altKey);
      // Cells do not light up under a pointer that draws.
      if (own || annotating.tool !== 'select') event.stopPropagation();
    },
    options,
  );

  const up = (event: PointerEvent) => {
    if (drawing?.id !== event.pointerId) return;
    drawing = null;
    event.stopPropagation();
    if (event.type === 'pointercancel') annotating.abandon();
    else annotating.release(at(event));
  };
  box.addEventListener('pointerup', up, options);
  box.addEventListener('pointercancel', up, options);
  box.addEventListener('pointerleave', () => annotating.leave(), { signal: abort.signal });
  return () => abort.abort();
}

/** What a press is made of, to send it once more. */
function again(event: PointerEvent): PointerEventInit {
  const { pointerId, pointerType, isPrimary, clientX, clientY, screenX, screenY } = event;
  const { button, buttons, pressure } = event;
  return {
    ...{ pointerId, pointerType, isPrimary, clientX, clientY, screenX, screenY },
    ...{ button, buttons, pressure, bubbles: true, cancelable: true, composed: true },
  };
}
