import { useEffect, useRef, useState } from 'react';
import type { Point } from '../../core/geometry.ts';
import { useCommands } from '../context.ts';
import { slideContext } from '../slide-canvas.ts';
import { useApp } from '../state.ts';
import { type DrawnSpots, drawSpots, spotAt } from './draw.ts';
import { plainValue, shownValue } from './words.ts';

const BESIDE_POINTER = 14;

/** Measured spots over the slide, at their true size, and the value of the one under the pointer. */
export function SpotsLayer() {
  const commands = useCommands();
  const canvas = useRef<HTMLCanvasElement>(null);
  const shown = useApp((s) => s.spots.shown);
  const transform = useApp((s) => (shown ? s.transform : null));
  const loaded = useApp((s) => s.spots.loaded);
  const mpp = useApp((s) => s.slide?.mpp);
  const [under, setUnder] = useState<{ row: number; at: Point } | null>(null);
  const measured = commands?.measured;

  useEffect(() => {
    if (!canvas.current) return;
    const any = shown !== null && loaded !== null && Boolean(mpp && measured?.table);
    const context = slideContext(canvas.current, transform, any);
    if (!context || !transform || !shown || !loaded || !mpp || !measured?.table) return;
    const { x, y } = measured.table;
    const radius = loaded.diameterUm / mpp / 2;
    const spots: DrawnSpots = { x, y, radius, values: measured.values, marked: -1, ...shown };
    drawSpots(context, transform, spots, 1);
  }, [transform, shown, loaded, mpp, measured]);

  useEffect(() => {
    // The canvas lets the pointer through to the slide; the box around both hears it.
    const box = canvas.current?.parentElement;
    if (!box || !loaded) return;
    const onMove = (event: PointerEvent) => {
      const { transform: view, slide } = useApp.getState();
      const rect = canvas.current?.getBoundingClientRect();
      if (!view || !slide?.mpp || !measured?.table || !rect) return;
      const at = { x: event.clientX - rect.left, y: event.clientY - rect.top };
      const { x, y } = measured.table;
      const row = spotAt({ x, y, radius: loaded.diameterUm / slide.mpp / 2 }, view, at);
      setUnder(row < 0 ? null : { row, at });
    };
    const onLeave = () => setUnder(null);
    box.addEventListener('pointermove', onMove);
    box.addEventListener('pointerleave', onLeave);
    return () => {
      box.removeEventListener('pointermove', onMove);
      box.removeEventListener('pointerleave', onLeave);
    };
  }, [loaded, measured]);

  return (
    <>
      <canvas className="overlay spots" ref={canvas} />
      {under && shown && measured?.table && (
        <div
          className="float hover-tip"
          style={{ left: under.at.x + BESIDE_POINTER, top: under.at.y + BESIDE_POINTER }}
        >
          {shown.title} {(shown.low < 0 ? shownValue : plainValue)(measured.values[under.row])} (
          {shown.unit}) · {Math.round(measured.table.totals[under.row]).toLocaleString('en')}{' '}
          molecules
        </div>
      )}
    </>
  );
}
