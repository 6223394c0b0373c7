import { type KeyboardEvent, type PointerEvent, useRef } from 'react';
import { apply, type ScreenTransform, unapply } from '../../core/affine.ts';
import type { LandmarkPair } from '../../core/alignment.ts';
import type { Point } from '../../core/geometry.ts';
import { useCommands } from '../context.ts';
import { useApp } from '../state.ts';

interface PinsProps {
  n: number;
  side: keyof LandmarkPair;
  view: ScreenTransform | null;
}

/** The landmarks of one pane, numbered as their partners in the other. */
export function Pins({ n, side, view }: PinsProps) {
  const commands = useCommands();
  const pairs = useApp((s) => s.panes.find((pane) => pane.n === n)?.pairs);
  const pending = useApp((s) => s.aligning?.pending);
  const landmarks = commands?.panes.landmarks;
  if (!view || !pairs || !landmarks) return null;
  const where = side === 'main' ? 'the main pane' : `pane ${n}`;
  return (
    <div className={`pins${side === 'main' ? ' over-main' : ''}`}>
      {pairs.map((pair, i) => (
        <Pin
          // biome-ignore lint/suspicious/noArrayIndexKey: a landmark is its number
          key={i}
          name={`Landmark ${i + 1} in ${where}`}
          label={String(i + 1)}
          at={pair[side]}
          view={view}
          move={(to) => landmarks.move(n, i, side, to)}
          remove={() => landmarks.remove(n, i)}
        />
      ))}
      {pending?.side === side && <Waiting at={pending.at} view={view} label={pairs.length + 1} />}
    </div>
  );
}

interface PinProps {
  name: string;
  label: string;
  at: Point;
  view: ScreenTransform;
  move: (to: Point) => void;
  remove: () => void;
}

const KEYS: Record<string, [x: number, y: number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};
const LARGE_STEP = 10;

/** Dragged, or moved by arrow keys in screen px (Shift: ten); Delete takes the pair away. */
function Pin({ name, label, at, view, move, remove }: PinProps) {
  const held = useRef<Point | null>(null);
  const screen = apply(view, at.x, at.y);
  const to = (x: number, y: number) => move(unapply(view, x, y));
  const down = (event: PointerEvent) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    held.current = { x: event.clientX - screen.x, y: event.clientY - screen.y };
  };
  const drag = (event: PointerEvent) => {
    if (held.current) to(event.clientX - held.current.x, event.clientY - held.current.y);
  };
  const press = (event: KeyboardEvent) => {
    const by = KEYS[event.key];
    const step = event.shiftKey ? LARGE_STEP : 1;
    if (by) to(screen.x + by[0] * step, screen.y + by[1] * step);
    else if (event.key === 'Delete' || event.key === 'Backspace') remove();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <button
      type="button"
      className="pin"
      style={{ left: screen.x, top: screen.y }}
      aria-label={`${name}: arrow keys move it, Delete takes the pair away`}
      onPointerDown={down}
      onPointerMove={drag}
      onPointerUp={() => {
        held.current = null;
      }}
      onKeyDown={press}
    >
      {label}
    </button>
  );
}

/** A point whose partner is awaited. */
function Waiting({ at, view, label }: { at: Point; view: ScreenTransform; label: number }) {
  const { x, y } = apply(view, at.x, at.y);
  return (
    <span className="pin waiting" style={{ left: x, top: y }}>
      {label}
    </span>
  );
}
