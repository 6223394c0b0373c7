import { useEffect, useRef } from 'react';
import type { Familiarity } from '../../audit/audit.ts';
import { apply, type ScreenTransform } from '../../core/affine.ts';
import { useCommands } from '../context.ts';
import { type Context2D, slideContext } from '../slide-canvas.ts';
import { type AppState, getState, useApp } from '../state.ts';

/** Width of the stripes' pattern, CSS px. */
const STRIPE = 12;

/** Fields unlike known tissue, hatched over the slide. */
export function UnfamiliarLayer() {
  const commands = useCommands();
  const canvas = useRef<HTMLCanvasElement>(null);
  // Told anew with every count: the columns themselves stay with the commands.
  const counted = useApp((s) => s.familiar);
  const shown = useApp(isShown);
  const view = useApp((s) => (shown ? s.transform : null));
  useEffect(() => {
    const familiarity = shown && counted ? commands?.trusting.familiarity : null;
    if (canvas.current) draw(canvas.current, view, familiarity ?? null);
  }, [commands, view, counted, shown]);
  useEffect(() => {
    commands?.bench.layers.set('unfamiliar', {
      paint: (context, view) => {
        const said = isShown(getState()) && commands.trusting.familiarity;
        if (said) paint(context, view, said);
      },
    });
  }, [commands]);
  return <canvas className="overlay unfamiliar" ref={canvas} />;
}

function draw(
  canvas: HTMLCanvasElement,
  view: ScreenTransform | null,
  said: Familiarity | null,
): void {
  const context = slideContext(canvas, view, said !== null);
  if (context && view && said) paint(context, view, said);
}

function isShown({ unfamiliarShown, imported, familiar }: AppState): boolean {
  return unfamiliarShown && imported === null && familiar !== null;
}

function paint(context: Context2D, view: ScreenTransform, said: Familiarity): void {
  const squares = new Path2D();
  said.unfamiliar.forEach((far, i) => {
    if (far) addSquare(squares, view, said.corners[2 * i], said.corners[2 * i + 1], said.side);
  });
  context.fillStyle = stripes(context) ?? 'transparent';
  context.fill(squares);
}

function addSquare(path: Path2D, view: ScreenTransform, x: number, y: number, side: number): void {
  const corners = [
    apply(view, x, y),
    apply(view, x + side, y),
    apply(view, x + side, y + side),
    apply(view, x, y + side),
  ];
  const outside =
    corners.every((p) => p.x < 0) ||
    corners.every((p) => p.y < 0) ||
    corners.every((p) => p.x > view.width) ||
    corners.every((p) => p.y > view.height);
  if (outside) return;
  path.moveTo(corners[0].x, corners[0].y);
  for (const { x: px, y: py } of corners.slice(1)) path.lineTo(px, py);
  path.closePath();
}

/** Dark and light lines beside each other show on any tissue. */
function stripes(context: Context2D): CanvasPattern | null {
  const tile = new OffscreenCanvas(STRIPE, STRIPE);
  const pen = tile.getContext('2d');
  if (!pen) return null;
  for (const [colour, shift] of [
    ['#1a1b1daa', 0],
    ['#e3b455cc', 1.25],
  ] as const) {
    pen.strokeStyle = colour;
    pen.lineWidth = 1.25;
    pen.beginPath();
    for (const start of [-STRIPE, 0, STRIPE]) {
      pen.moveTo(start + shift, STRIPE);
      pen.lineTo(start + shift + STRIPE, 0);
    }
    pen.stroke();
  }
  return context.createPattern(tile, 'repeat');
}
