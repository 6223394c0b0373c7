import { useEffect, useRef } from 'react';
import { useCommands } from '../context.ts';
import { useApp } from '../state.ts';

/** The canvas of annotations; the box around it hears the pointer. */
export function AnnotateLayer() {
  const commands = useCommands();
  const canvas = useRef<HTMLCanvasElement>(null);
  const tool = useApp((s) => s.annotate.tool);
  useEffect(() => {
    if (canvas.current) return commands?.annotating.attach(canvas.current);
  }, [commands]);
  const way = tool === null ? '' : tool === 'select' ? ' selecting' : ' drawing';
  return <canvas className={`overlay annotations${way}`} ref={canvas} />;
}
