import { useEffect, useRef } from 'react';
import { readRegion } from '../../slide/region.ts';
import { openSlideForView } from '../../slide/slide.client.ts';
import type { SlideSource } from '../../slide/slide.ts';
import { useCommands } from '../context.ts';
import { type SlideChoice, useApp } from '../state.ts';
import { nameOf } from '../url.ts';

/** Slides at hand, as thumbnails. */
export function SlideRail() {
  const local = useApp((s) => s.local);
  const slide = useApp((s) => s.slide);
  return (
    <nav aria-label="Slides">
      {local.map((choice) => (
        <Thumb
          key={sourceKey(choice.source)}
          choice={choice}
          current={slide !== null && sourceKey(slide.source) === sourceKey(choice.source)}
        />
      ))}
    </nav>
  );
}

const THUMB = { width: 92, height: 84 };

function Thumb({ choice, current }: { choice: SlideChoice; current: boolean }) {
  const commands = useCommands();
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const abort = new AbortController();
    // A thumbnail that cannot be had is no news: opening the slide will say why.
    drawThumb(choice.source, canvas.current, abort.signal).catch(() => undefined);
    return () => abort.abort();
  }, [choice]);
  return (
    <button
      type="button"
      className={`thumb${current ? ' on' : ''}`}
      aria-current={current}
      title={`${choice.name}\n${choice.detail}`}
      aria-label={choice.name}
      onClick={() => void commands?.openShown(choice.source)}
    >
      <canvas ref={canvas} width={THUMB.width} height={THUMB.height} />
    </button>
  );
}

async function drawThumb(
  source: SlideSource,
  canvas: HTMLCanvasElement | null,
  signal: AbortSignal,
): Promise<void> {
  const slide = await openSlideForView(source, { signal });
  try {
    const { width, height } = slide.info;
    const scale = Math.min(THUMB.width / width, THUMB.height / height);
    const [w, h] = [Math.round(width * scale), Math.round(height * scale)];
    const image = await readRegion(slide, { x: 0, y: 0, w: width, h: height }, w, h, signal);
    const context = canvas?.getContext('2d');
    if (!context) return;
    context.fillStyle = '#f4f3f4';
    context.fillRect(0, 0, THUMB.width, THUMB.height);
    const [x, y] = [(THUMB.width - w) >> 1, (THUMB.height - h) >> 1];
    context.putImageData(new ImageData(image.data, w, h), x, y);
  } finally {
    slide.close();
  }
}

function sourceKey(source: SlideSource): string {
  if (source.kind === 'file') return `file:${source.file.name}:${source.file.size}`;
  if (source.kind === 'files') return `files:${source.name}:${source.files.length}`;
  return nameOf(source, document.baseURI) ?? '';
}
