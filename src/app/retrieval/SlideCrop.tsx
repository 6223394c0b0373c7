import { useEffect, useRef, useState } from 'react';
import type { Rect } from '../../core/geometry.ts';
import { readRegion } from '../../slide/region.ts';
import { useCommands } from '../context.ts';
import { useApp } from '../state.ts';

interface SlideCropProps {
  slideId: string;
  /** Level-0 px of that slide. */
  rect: Rect;
  /** CSS px. */
  size: number;
  label?: string;
}

/** A piece of any slide that can be had, the open one or another, as a picture. */
export function SlideCrop({ slideId, rect: { x, y, w, h }, size, label }: SlideCropProps) {
  const commands = useCommands();
  const open = useApp((s) => s.slide?.info.id === slideId);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [missing, setMissing] = useState(false);
  const px = Math.round(size * window.devicePixelRatio);
  useEffect(() => {
    if (!commands) return;
    const abort = new AbortController();
    const draw = async () => {
      const slide = open ? commands.bench.slide : await commands.finding.slides.slide(slideId);
      setMissing(!slide);
      if (!slide || abort.signal.aborted) return;
      const image = await readRegion(slide, { x, y, w, h }, px, px, abort.signal);
      canvas.current
        ?.getContext('2d')
        ?.putImageData(new ImageData(image.data, image.width, image.height), 0, 0);
    };
    // The viewer reports tiles that cannot be had; a crop just stays empty.
    draw().catch(() => undefined);
    return () => abort.abort();
  }, [commands, open, slideId, x, y, w, h, px]);
  const style = { width: size, height: size };
  if (missing) {
    return (
      <span className="crop-missing faint small" style={style}>
        Not at hand
      </span>
    );
  }
  return <canvas ref={canvas} width={px} height={px} style={style} aria-label={label} />;
}
