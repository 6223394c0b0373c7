/** The tissue of a view as it is shown, at any resolution: read anew, so that no tile is missing. */
import { boxInView, compose, IDENTITY, type ScreenTransform, scaleOf } from '../core/affine.ts';
import { CytolensError, throwIfAborted } from '../core/errors.ts';
import { readRegion } from '../slide/region.ts';
import type { Slide } from '../slide/slide.ts';
import { Developer } from '../viewer/colour/develop.ts';
import type { Development } from '../viewer/colour/look.ts';

export type Context = OffscreenCanvasRenderingContext2D;

/** Longest side of a picture, px: what browsers hold and `readRegion` reads. */
export const LARGEST = 8192;
/** Read and developed at a time, px of the picture. */
const BLOCK = 1024;
/** Read beyond a block's edge, px: a turned picture is interpolated there. */
const EDGE = 2;

/**
 * A canvas of a view at `ratio` px per CSS px, with `below` CSS px left free under it. Throws
 * `too-large` past LARGEST on a side.
 */
export function canvasFor({ width, height }: ScreenTransform, ratio: number, below = 0): Context {
  const [w, h] = [Math.round(width * ratio), Math.round((height + below) * ratio)];
  if (Math.max(w, h) > LARGEST) {
    throw new CytolensError(
      'too-large',
      `This view would be a picture of ${w} × ${h} px; one can hold ${LARGEST} × ${LARGEST}. Choose more µm per px, or show less of the slide.`,
    );
  }
  const context = new OffscreenCanvas(w, h).getContext('2d');
  if (!context) throw new CytolensError('unsupported', 'This browser cannot draw the picture.');
  return context;
}

/**
 * Draw the slide as the view shows it, at `ratio` px per CSS px: turned and mirrored, in the colours
 * of `how`. Throws what `readRegion` throws, and `unsupported` where colours need a GPU in vain.
 */
export async function drawTissue(
  context: Context,
  slide: Slide,
  view: ScreenTransform,
  ratio: number,
  how: Development | null,
  signal: AbortSignal,
): Promise<void> {
  const developed = new OffscreenCanvas(BLOCK, BLOCK);
  const developer = how && new Developer(developed);
  try {
    if (developer && !developer.works) {
      throw new CytolensError(
        'unsupported',
        'The colours on screen need the graphics card, which does not answer. Reset the image to save it as it is stored.',
      );
    }
    const [right, bottom] = [Math.round(view.width * ratio), Math.round(view.height * ratio)];
    for (let y = 0; y < bottom; y += BLOCK) {
      for (let x = 0; x < right; x += BLOCK) {
        const [w, h] = [Math.min(BLOCK, right - x), Math.min(BLOCK, bottom - y)];
        const block = await readBlock(slide, shifted(view, ratio, x, y, w, h), signal);
        if (developer && how) developer.draw(block, how);
        context.setTransform(1, 0, 0, 1, 0, 0);
        context.drawImage(developer ? developed : block, x, y);
      }
    }
  } finally {
    developer?.destroy();
  }
}

/** The map from level-0 px to the px of a block of the picture. */
function shifted(
  view: ScreenTransform,
  ratio: number,
  x: number,
  y: number,
  width: number,
  height: number,
): ScreenTransform {
  const toBlock = { ...IDENTITY, a: ratio, d: ratio, e: -x, f: -y };
  return { ...compose(toBlock, view), width, height };
}

async function readBlock(
  slide: Slide,
  view: ScreenTransform,
  signal: AbortSignal,
): Promise<OffscreenCanvas> {
  const { width, height } = view;
  const box = boxInView(view);
  const scale = scaleOf(view);
  // Whole px of the picture, from its corner on: an upright view is then not interpolated again.
  const [w, h] = [box.w, box.h].map((side) => Math.ceil(side * scale - 1e-6) + 2 * EDGE);
  const [left, top] = [box.x - EDGE / scale, box.y - EDGE / scale];
  const rect = { x: left, y: top, w: w / scale, h: h / scale };
  const tissue = await readRegion(slide, rect, w, h, signal);
  throwIfAborted(signal);
  const picture = await createImageBitmap(new ImageData(tissue.data, w, h));
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d');
  const inSlide = { a: 1 / scale, b: 0, c: 0, d: 1 / scale, e: left, f: top };
  const { a, b, c, d, e, f } = compose(view, inSlide);
  context?.setTransform(a, b, c, d, e, f);
  context?.drawImage(picture, 0, 0);
  picture.close();
  return canvas;
}
