import { useEffect, useRef } from 'react';
import type { ScreenTransform } from '../../core/affine.ts';
import { useCommands } from '../context.ts';
import { type Context2D, inSlidePixels, slideContext } from '../slide-canvas.ts';
import { type AppState, getState, useApp } from '../state.ts';
import { domainOf, type FieldPicture, pictureOf } from './field-map.ts';
import { promptLegend } from './prompt-legend.ts';
import type { Prompting } from './prompting.ts';

/** The fields of the slide, coloured by what they answered. */
export function PromptMap() {
  const commands = useCommands();
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current;
    if (!commands || !element) return;
    let picture = painted(commands.prompting);
    const drawn = ({ transform, molecular }: AppState) =>
      draw(element, picture, transform, molecular.opacity);
    drawn(getState());
    commands.bench.layers.set('fields', {
      paint: (context, view) => {
        if (picture) paint(context, view, picture, getState().molecular.opacity);
      },
      legend: () => promptLegend(getState(), commands.prompting.shown()),
    });
    return useApp.subscribe((now, before) => {
      const { molecular } = now;
      const { a, b, map } = before.molecular;
      if (molecular.a !== a || molecular.b !== b || molecular.map !== map) {
        picture = painted(commands.prompting);
      } else if (now.transform === before.transform && molecular === before.molecular) return;
      drawn(now);
    });
  }, [commands]);
  return <canvas className="overlay" ref={canvas} data-testid="prompt-map" />;
}

interface Painted extends FieldPicture {
  canvas: OffscreenCanvas;
}

function painted(prompting: Prompting): Painted | null {
  const shown = prompting.shown();
  const { map, alignment } = getState().molecular;
  if (!shown || !map || !alignment) return null;
  const { values, answer } = shown;
  const diverging = map === 'difference';
  const domain = domainOf(values, diverging);
  const picture = pictureOf(answer, values, diverging ? 'vik' : 'viridis', domain, alignment.far);
  const canvas = new OffscreenCanvas(picture.cols, picture.rows);
  const image = new ImageData(picture.rgba, picture.cols, picture.rows);
  canvas.getContext('2d')?.putImageData(image, 0, 0);
  return { ...picture, canvas };
}

function draw(
  canvas: HTMLCanvasElement,
  picture: Painted | null,
  view: ScreenTransform | null,
  opacity: number,
): void {
  const context = slideContext(canvas, view, picture !== null);
  if (context && view && picture) paint(context, view, picture, opacity);
}

function paint(
  context: Context2D,
  view: ScreenTransform,
  { canvas, x, y, side, cols, rows }: Painted,
  opacity: number,
): void {
  context.save();
  inSlidePixels(context, view);
  context.globalAlpha = opacity;
  context.imageSmoothingEnabled = false;
  context.drawImage(canvas, x, y, cols * side, rows * side);
  context.restore();
}
