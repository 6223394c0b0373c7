import { useEffect, useRef } from 'react';
import type { Rect } from '../../core/geometry.ts';
import { readRegion } from '../../slide/region.ts';
import { useCommands } from '../context.ts';

/** A piece of the open slide as a picture. `rect` in level-0 px, `size` in CSS px. */
export function Crop({ x, y, w, h, size }: Rect & { size: number }) {
  const commands = useCommands();
  const canvas = useRef<HTMLCanvasElement>(null);
  const px = Math.round(size * window.devicePixelRatio);
  useEffect(() => {
    const slide = commands?.bench.slide;
    if (!slide) return;
    const abort = new AbortController();
    readRegion(slide, { x, y, w, h }, px, px, abort.signal).then(
      (image) => {
        if (abort.signal.aborted) return;
        canvas.current
          ?.getContext('2d')
          ?.putImageData(new ImageData(image.data, image.width, image.height), 0, 0);
      },
      // The viewer reports tiles that cannot be had; a crop just stays empty.
      () => undefined,
    );
    return () => abort.abort();
  }, [commands, x, y, w, h, px]);
  return <canvas ref={canvas} width={px} height={px} style={{ width: size, height: size }} />;
}
