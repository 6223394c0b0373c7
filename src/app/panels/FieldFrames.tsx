import { useEffect, useMemo, useRef } from 'react';
import { useCommands } from '../context.ts';
import { slideContext } from '../slide-canvas.ts';
import { useApp } from '../state.ts';
import { useStress } from '../trust/use-stress.ts';
import { drawFrames, framesOn } from './field-frames.ts';

/** The similar field that is shown, and the stressed one while the Trust panel tells of it. */
export function FieldFrames() {
  const commands = useCommands();
  const canvas = useRef<HTMLCanvasElement>(null);
  const slideId = useApp((s) => s.slide?.info.id ?? '');
  const similar = useApp((s) => s.similar);
  const trustShown = useApp((s) => s.panel === 'trust');
  const stress = useStress();
  const frames = useMemo(
    () => framesOn(slideId, similar, trustShown ? stress : null),
    [slideId, similar, trustShown, stress],
  );
  const any = frames.length > 0;
  const view = useApp((s) => (any ? s.transform : null));
  useEffect(() => {
    const context = canvas.current && slideContext(canvas.current, view, any);
    if (context && view) drawFrames(context, view, frames);
  }, [view, any, frames]);
  useEffect(() => {
    commands?.bench.layers.set('frames', {
      paint: (context, shown) => drawFrames(context, shown, frames),
    });
  }, [commands, frames]);
  return <canvas className="overlay" ref={canvas} />;
}
