import type { KeyboardEvent, PointerEvent } from 'react';

interface DividerProps {
  className: string;
  label: string;
  /** What it moves along. */
  axis: 'x' | 'y';
  /** Share of its box before it, 0..1. */
  value: number;
  change: (value: number) => void;
}

const STEP = 0.02;
const LARGE_STEP = 0.1;

/** A line that is dragged, or moved by arrow keys (Shift: further; Home, End). */
export function Divider({ className, label, axis, value, change }: DividerProps) {
  const drag = (event: PointerEvent<HTMLElement>) => {
    const box = event.currentTarget.parentElement?.getBoundingClientRect();
    if (!box || !event.currentTarget.hasPointerCapture(event.pointerId)) return;
    change(
      axis === 'x' ? (event.clientX - box.x) / box.width : (event.clientY - box.y) / box.height,
    );
  };
  const press = (event: KeyboardEvent) => {
    const next = keyed(event, value);
    if (next === null) return;
    event.preventDefault();
    event.stopPropagation();
    change(next);
  };
  return (
    <div
      className={`divide ${className}`}
      role="slider"
      tabIndex={0}
      aria-label={label}
      aria-orientation={axis === 'x' ? 'vertical' : 'horizontal'}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(value * 100)}
      aria-valuetext={`${Math.round(value * 100)} %`}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={drag}
      onKeyDown={press}
    />
  );
}

function keyed(event: KeyboardEvent, value: number): number | null {
  const step = event.shiftKey ? LARGE_STEP : STEP;
  if (event.key === 'ArrowLeft' || event.key === 'ArrowUp') return value - step;
  if (event.key === 'ArrowRight' || event.key === 'ArrowDown') return value + step;
  if (event.key === 'Home') return 0;
  return event.key === 'End' ? 1 : null;
}
