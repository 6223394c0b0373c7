import { useEffect, useRef, useState } from 'react';
import { cssGradient } from '../../core/colormap.ts';
import type { Point } from '../../core/geometry.ts';
import { useCommands } from '../context.ts';
import { type LayerLegend, slideContext } from '../slide-canvas.ts';
import { getState, useApp } from '../state.ts';
import { type DrawnSpots, drawSpots, spotAt } from './draw.ts';
import type { MeasuredSpots } from './spots.ts';
import type { LoadedSpots, ShownSpots } from './state.ts';
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
    const spots = measured ? spotsShown(shown, loaded, mpp, measured) : null;
    const context = slideContext(canvas.current, transform, spots !== null);
    if (context && transform && spots) drawSpots(context, transform, spots, 1);
  }, [transform, shown, loaded, mpp, measured]);

  useEffect(() => {
    if (!commands) return;
    commands.bench.layers.set('spots', {
      paint: (context, view) => {
        const { spots: now, slide } = getState();
        const spots = spotsShown(now.shown, now.loaded, slide?.mpp, commands.measured);
        if (spots) drawSpots(context, view, spots, 1);
      },
      legend: () => spotsLegend(getState().spots.shown),
    });
  }, [commands]);

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

/** The spots that are drawn, in level-0 px; null while none are. */
function spotsShown(
  shown: ShownSpots | null,
  loaded: LoadedSpots | null,
  mpp: number | null | undefined,
  { table, values }: MeasuredSpots,
): DrawnSpots | null {
  if (!shown || !loaded || !mpp || !table) return null;
  const { x, y } = table;
  return { x, y, radius: loaded.diameterUm / mpp / 2, values, marked: -1, ...shown };
}

function spotsLegend(shown: ShownSpots | null): LayerLegend | null {
  if (!shown) return null;
  const { title, unit, map, low, high } = shown;
  const format = low < 0 ? shownValue : plainValue;
  const ticks = [format(low), format((low + high) / 2), format(high)] as const;
  return { title, unit, gradient: cssGradient(map), ticks, notes: ['Measured, one circle a spot'] };
}
