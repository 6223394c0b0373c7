import { type KeyboardEvent, type PointerEvent, useRef } from 'react';

interface SplitterProps {
  /** What it makes wider. */
  label: string;
  /** Id of the panel. */
  controls: string;
  /** The edge of the panel on which it lies. */
  edge: 'left' | 'right';
  /** CSS px; 0 when the panel is put away. */
  width: number;
  min: number;
  max: number;
  /** No width lies between these two: the panel is another one on either side. */
  gap?: readonly [number, number];
  onChange: (width: number) => void;
}

const KEY_STEP = 16;

/**
 * A border that is dragged, or moved with the arrow keys. Enter, or less than half of the least
 * width, puts the panel away; Enter brings it back.
 */
export function Splitter(props: SplitterProps) {
  const { label, controls, edge, width, min, max, gap = [0, 0], onChange } = props;
  const former = useRef(width || min);
  const change = (to: number, leap: 'nearer' | 'over') => {
    const [low, high] = gap;
    const over = to > width ? high : low;
    const nearer = to - low < high - to ? low : high;
    const inGap = to > low && to < high;
    const wanted = !inGap ? to : leap === 'over' ? over : nearer;
    const settled = wanted < min / 2 ? 0 : Math.min(max, Math.max(min, wanted));
    onChange(Math.round(settled));
  };
  const wider = edge === 'right' ? 1 : -1;

  const onKeyDown = (event: KeyboardEvent) => {
    const to = {
      ArrowRight: width + wider * KEY_STEP,
      ArrowLeft: width - wider * KEY_STEP,
      Home: min,
      End: max,
      Enter: width > 0 ? 0 : former.current,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    if (width > 0) former.current = width;
    // Out of its hiding place in one step.
    change(width === 0 && to > 0 ? Math.max(to, min) : to, 'over');
  };

  const onPointerMove = (event: PointerEvent<HTMLElement>) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const panel = event.currentTarget.parentElement?.getBoundingClientRect();
    if (!panel) return;
    change(edge === 'right' ? event.clientX - panel.left : panel.right - event.clientX, 'nearer');
  };

  return (
    // biome-ignore lint/a11y/useSemanticElements: a separator that moves is no <hr>
    <div
      role="separator"
      tabIndex={0}
      className={`splitter ${edge}`}
      aria-orientation="vertical"
      aria-label={label}
      aria-controls={controls}
      aria-valuenow={width}
      aria-valuemin={0}
      aria-valuemax={max}
      aria-valuetext={width > 0 ? `${width} pixels wide` : 'put away'}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => {
        event.preventDefault();
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={onPointerMove}
    />
  );
}
