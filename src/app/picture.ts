/** The view as a picture: tissue, overlay, scale bar, legend and a line on where it comes from. */
import { modelsOf } from '../analysis/analysis.ts';
import { missedNuclei } from '../audit/nuclei-check.ts';
import { scaleOf } from '../core/affine.ts';
import { CytolensError } from '../core/errors.ts';
import { formatLength, scaleBar } from '../core/units.ts';
import type { Legend } from '../overlay/legend.ts';
import { NOTICE } from '../store/provenance.ts';
import type { Development } from '../viewer/colour/look.ts';
import { openName, typeName } from './names.ts';
import { type Context, canvasFor, drawTissue } from './picture-tissue.ts';
import { LAYERS, type LayerLegend } from './slide-canvas.ts';
import { getState } from './state.ts';
import { noAnswerNow } from './trust/NoAnswer.tsx';
import type { Workbench } from './workbench.ts';

/** CSS px; all of it is drawn at the screen's own resolution. */
const CAPTION = 44;
const MARGIN = 16;
const PAD = 10;
const LINE = 18;
const LEGEND_WIDTH = 250;
const BAR_WIDTH = 160;
const FONT = '12px Inter, "Segoe UI", system-ui, sans-serif';
const PAPER = '#222326';
const INK = '#ececee';
const QUIET = '#b3b4ba';

/**
 * A PNG of what the slide's element shows, at `times` the screen's resolution. Throws what
 * `drawTissue` throws.
 */
export async function drawPicture(
  bench: Workbench,
  how: Development | null,
  times: number,
  signal: AbortSignal,
): Promise<Blob> {
  const { slide } = bench;
  const view = bench.viewer.transform();
  const { width, height } = view;
  const ratio = window.devicePixelRatio * times;
  if (!slide) throw new DOMException('Nothing to draw.', 'AbortError');
  const context = canvasFor(view, ratio, CAPTION);
  await drawTissue(context, slide, view, ratio, how, signal);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  const [below, ...above] = LAYERS;
  bench.layers.get(below)?.paint(context, view);
  context.drawImage(await bench.overlayPicture(ratio), 0, 0, width, height);
  for (const name of above) bench.layers.get(name)?.paint(context, view);
  context.font = FONT;
  context.textBaseline = 'middle';
  const { mpp } = getState().slide ?? {};
  if (mpp) drawScaleBar(context, mpp / scaleOf(view), height);
  const { legend } = getState();
  const further = LAYERS.map((name) => bench.layers.get(name)?.legend?.() ?? null);
  let bottom = height - MARGIN;
  for (const shown of [legend, ...further]) {
    if (shown) bottom = drawLegend(context, shown, width - MARGIN, bottom) - PAD;
  }
  drawCaption(context, width, height);
  return await context.canvas.convertToBlob({ type: 'image/png' });
}

/**
 * A PNG of the tissue in view alone, at `umPerPx`, for figures and for other programs. Throws what
 * `drawTissue` throws, `too-large`, and `no-scale`.
 */
export async function drawRegion(
  bench: Workbench,
  how: Development | null,
  umPerPx: number,
  signal: AbortSignal,
): Promise<Blob> {
  const { mpp } = getState().slide ?? {};
  if (!bench.slide || !mpp) {
    throw new CytolensError('no-scale', 'This slide does not say its scale. Enter it first.');
  }
  const view = bench.viewer.transform();
  const ratio = mpp / scaleOf(view) / umPerPx;
  const context = canvasFor(view, ratio);
  await drawTissue(context, bench.slide, view, ratio, how, signal);
  return await context.canvas.convertToBlob({ type: 'image/png' });
}

function drawScaleBar(context: Context, umPerPx: number, height: number): void {
  const { um, px } = scaleBar(umPerPx, BAR_WIDTH);
  const box = { w: Math.max(px, 60) + 2 * PAD, h: 2 * LINE + PAD };
  const [x, y] = [MARGIN, height - MARGIN - box.h];
  panel(context, x, y, box.w, box.h);
  context.fillStyle = INK;
  context.fillRect(x + PAD, y + PAD, px, 3);
  context.fillText(formatLength(um), x + PAD, y + PAD + LINE);
}

/** Ends at `end` and `bottom`, CSS px; answers where it begins from above. */
function drawLegend(
  context: Context,
  legend: Legend | LayerLegend,
  end: number,
  bottom: number,
): number {
  const { shows, categories, notes } = { shows: '', categories: [], notes: [], ...legend };
  const told = legend.gradient
    ? [legend.unit, ...notes].flatMap((text) => wrapped(context, text, LEGEND_WIDTH - 2 * PAD))
    : [];
  const lines = legend.gradient ? 3 + told.length : 1 + categories.length;
  const h = lines * LINE + 2 * PAD;
  const [x, y] = [end - LEGEND_WIDTH, bottom - h];
  panel(context, x, y, LEGEND_WIDTH, h);
  const left = x + PAD;
  const right = x + LEGEND_WIDTH - PAD;
  const row = (line: number) => y + PAD + (line + 0.5) * LINE;
  between(context, legend.title, shows, left, right, row(0));
  if (legend.gradient) {
    context.fillStyle = gradientOf(context, legend.gradient, left, right);
    context.fillRect(left, row(1) - 5, right - left, 10);
    const [low, middle, high] = legend.ticks ?? ['', '', ''];
    between(context, low, high, left, right, row(2));
    context.fillText(middle, (left + right - context.measureText(middle).width) / 2, row(2));
    told.forEach((text, at) => {
      context.fillText(text, left, row(3 + at));
    });
  }
  categories.forEach(({ name, color, count }, at) => {
    context.fillStyle = color;
    context.fillRect(left, row(at + 1) - 5, 10, 10);
    between(context, typeName(name), count.toLocaleString('en'), left + 18, right, row(at + 1));
  });
  return y;
}

/** A text in lines of at most `width` CSS px. */
function wrapped(context: Context, text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1) ?? ''} ${word}`.trim();
    if (lines.length > 0 && context.measureText(longer).width <= width) {
      lines[lines.length - 1] = longer;
    } else lines.push(word);
  }
  return lines;
}

/** Slide, models and version: enough to find the numbers again. */
function drawCaption(context: Context, width: number, height: number): void {
  const { slide, kit, score, imported, shownAsText, scoreAnyway } = getState();
  const withheld = !scoreAnyway && noAnswerNow(getState()) !== null;
  context.fillStyle = PAPER;
  context.fillRect(0, height, width, CAPTION);
  const models = kit ? modelsOf(kit).map(({ status }) => `${status.id} ${status.version}`) : [];
  const told = imported
    ? `Cells imported from ${imported.source}`
    : score && kit
      ? `${kit.target.label}: ${withheld ? 'no answer' : score.probability.toFixed(2)} over ${score.fields} fields${missedNuclei(score.missed) ? ', many nuclei missed' : ''}`
      : 'Not analysed';
  const shown = shownAsText && `Shown with ${shownAsText} · `;
  const first = `${openName()} · ${slide?.mpp ?? '?'} µm/px · ${told} · ${shown}${NOTICE}`;
  const second = `Cytolens ${__VERSION__} · ${imported ? '' : `${models.join(', ')} · `}${new Date().toISOString()}`;
  context.fillStyle = INK;
  context.fillText(first, MARGIN, height + 14, width - 2 * MARGIN);
  context.fillStyle = QUIET;
  context.fillText(second, MARGIN, height + 31, width - 2 * MARGIN);
}

function panel(context: Context, x: number, y: number, w: number, h: number): void {
  context.fillStyle = PAPER;
  context.beginPath();
  context.roundRect(x, y, w, h, 8);
  context.fill();
}

function between(
  context: Context,
  first: string,
  last: string,
  left: number,
  right: number,
  y: number,
): void {
  context.fillStyle = INK;
  context.fillText(first, left, y);
  context.fillStyle = QUIET;
  context.fillText(last, right - context.measureText(last).width, y);
}

/** The stops of a CSS gradient that holds colours at even distances. */
function gradientOf(context: Context, css: string, left: number, right: number): CanvasGradient {
  const gradient = context.createLinearGradient(left, 0, right, 0);
  const stops = css.match(/rgba?\([^)]*\)|#[0-9a-f]{3,8}/gi) ?? [];
  stops.forEach((color, at) => {
    gradient.addColorStop(at / Math.max(1, stops.length - 1), color);
  });
  return gradient;
}
