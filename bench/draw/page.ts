/** The page's side of the drawing bench: one contender, one number of cells, timed. */
import { MPP, makeCells } from './cells.ts';
import { CONTENDERS, type Contender, type ContenderName, HEIGHT, type View } from './contenders.ts';

export interface Bench {
  /** Make the cells; what memory is held from here on is the contender's. */
  prepare(count: number): void;
  /** Bring a contender up: ms from the call to the first finished frame with every cell in view. */
  start(name: ContenderName): Promise<number>;
  /** Pan: wall times of frames, ms, sorted. */
  pan(view: 'all' | 'close'): Promise<number[]>;
  /** Times of picks at 10x, ms, sorted; null where there is no such call. */
  pick(): number[] | null;
  /** Bytes given to the graphics card as buffers. */
  gpuBytes(): number;
}

const FRAMES = 5;
const PICKS = 200;
/** Longer than a pause after which our overlay is drawn in full again: no one's frame is coarse. */
const REST_MS = 270;
/** At most so long for the frames of one view, and for picks. */
const BUDGET_MS = { frames: 6_000, picks: 3_000 };

let cells = makeCells(0);
let contender: Contender | null = null;
let gpuBytes = 0;

/** Count what reaches the card, whoever sends it. */
function countBuffers(): void {
  const proto = WebGL2RenderingContext.prototype;
  const { bufferData } = proto;
  const counted = function (this: WebGL2RenderingContext, ...args: unknown[]) {
    const [, what] = args;
    if (typeof what === 'number') gpuBytes += what;
    else if (ArrayBuffer.isView(what)) gpuBytes += what.byteLength;
    return (bufferData as (...all: unknown[]) => void).apply(this, args);
  };
  proto.bufferData = counted as typeof bufferData;
}

/** Wait until the card has drawn all: reading a pixel back is the one fence every driver honours. */
function finish({ gl }: Contender): void {
  gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4));
}

function timed(contender: Contender, view: View): number {
  const start = performance.now();
  contender.draw(view);
  finish(contender);
  return performance.now() - start;
}

const rest = () => new Promise((resolve) => setTimeout(resolve, REST_MS));

async function start(name: ContenderName): Promise<number> {
  const began = performance.now();
  contender = await CONTENDERS[name](cells.table);
  contender.draw(views().all);
  finish(contender);
  return performance.now() - began;
}

/** Every cell on screen; and 10x, 1 um a px. */
function views() {
  const { side } = cells;
  const centre = { x: side / 2, y: side / 2 };
  return { all: { ...centre, scale: HEIGHT / side }, close: { ...centre, scale: MPP } };
}

async function pan(which: 'all' | 'close'): Promise<number[]> {
  const { drawn, view } = { drawn: started(), view: views()[which] };
  const frames: number[] = [];
  const began = performance.now();
  for (let i = 0; i < FRAMES && (i < 2 || performance.now() - began < BUDGET_MS.frames); i++) {
    await rest();
    // Some 7 screen px a frame, off the pixel grid.
    frames.push(timed(drawn, { ...view, x: view.x + (6.7 * i) / view.scale }));
  }
  return frames.sort((a, b) => a - b);
}

function pick(): number[] | null {
  const { draw, pick: at } = started();
  if (!at) return null;
  const { close } = views();
  const times: number[] = [];
  const began = performance.now();
  while (times.length < PICKS && performance.now() - began < BUDGET_MS.picks) {
    draw({ ...close, x: close.x + 31 * (times.length % 20) });
    const from = performance.now();
    at();
    times.push(performance.now() - from);
  }
  return times.sort((a, b) => a - b);
}

function started(): Contender {
  if (!contender) throw new Error('nothing was started');
  return contender;
}

countBuffers();
const bench: Bench = {
  prepare(count) {
    cells = makeCells(count);
  },
  start,
  pan,
  pick,
  gpuBytes: () => gpuBytes,
};

declare global {
  interface Window {
    bench: Bench;
  }
}
window.bench = bench;
