import { useEffect, useRef } from 'react';
import { useCommands } from '../context.ts';
import { slideContext } from '../slide-canvas.ts';
import { getState, useApp } from '../state.ts';
import { hatchShown, paintUnfamiliar } from './unfamiliar.ts';

/** Fields unlike known tissue, hatched over the slide. */
export function UnfamiliarLayer() {
  const commands = useCommands();
  const canvas = useRef<HTMLCanvasElement>(null);
  // Told anew with every count: the columns themselves stay with the commands.
  const counted = useApp((s) => s.familiar);
  const shown = useApp(hatchShown);
  const view = useApp((s) => (shown ? s.transform : null));
  useEffect(() => {
    const said = shown && counted ? commands?.trusting.familiarity : null;
    const context = canvas.current && slideContext(canvas.current, view, !!said);
    if (context && view && said) paintUnfamiliar(context, view, said);
  }, [commands, view, counted, shown]);
  useEffect(() => {
    commands?.bench.layers.set('unfamiliar', {
      paint: (context, view) => {
        const said = hatchShown(getState()) && commands.trusting.familiarity;
        if (said) paintUnfamiliar(context, view, said);
      },
    });
  }, [commands]);
  return <canvas className="overlay unfamiliar" ref={canvas} />;
}
