import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { isCytolensError } from '../../core/errors.ts';
import { openSyntheticForView } from './synthetic.client.ts';
import { DEFAULT_SYNTHETIC } from './synthetic.ts';

interface Message {
  id: number;
  call?: string;
  arg?: { col: number };
  abort?: true;
}

/** A worker that holds every call until the test answers it. */
class FakeWorker {
  static all: FakeWorker[] = [];
  readonly sent: Message[] = [];
  ended = false;
  private listener: ((event: { data: unknown }) => void) | null = null;

  constructor() {
    FakeWorker.all.push(this);
  }
  addEventListener(type: string, listener: (event: { data: unknown }) => void) {
    if (type === 'message') this.listener = listener;
  }
  postMessage(message: Message) {
    this.sent.push(message);
  }
  terminate() {
    this.ended = true;
  }
  answer() {
    this.listener?.({ data: { id: this.sent.at(-1)?.id, result: 'bitmap' } });
  }
}

const calls = () => FakeWorker.all.map((w) => w.sent.map((m) => m.arg?.col));
const isCancelled = (e: unknown) => isCytolensError(e, 'cancelled');

describe('drawn slide on the page', () => {
  beforeEach(() => {
    FakeWorker.all = [];
    vi.stubGlobal('Worker', FakeWorker);
  });
  afterEach(() => vi.unstubAllGlobals());

  it('gives each worker one tile at a time, the newest request first', async () => {
    const slide = openSyntheticForView(DEFAULT_SYNTHETIC);
    const tiles = [0, 1, 2, 3].map((col) => slide.tile(0, col, 0));
    expect(calls().flat().sort()).toEqual([0, 1]);
    FakeWorker.all[0].answer();
    await vi.waitFor(() => expect(calls().flat()).toHaveLength(3));
    expect(calls().flat()).toContain(3);
    FakeWorker.all[0].answer();
    await vi.waitFor(() => expect(calls().flat()).toHaveLength(4));
    for (const worker of FakeWorker.all) worker.answer();
    expect(await Promise.all(tiles)).toHaveLength(4);
  });

  it('never starts what was aborted while it waited', async () => {
    const slide = openSyntheticForView(DEFAULT_SYNTHETIC);
    const busy = [0, 1].map((col) => slide.tile(0, col, 0));
    const abort = new AbortController();
    const waiting = slide.tile(0, 2, 0, abort.signal);
    abort.abort();
    for (const worker of FakeWorker.all) worker.answer();
    await expect(waiting).rejects.toSatisfy(isCancelled);
    await Promise.all(busy);
    expect(calls().flat()).not.toContain(2);
  });

  it('cancels everything when closed', async () => {
    const slide = openSyntheticForView(DEFAULT_SYNTHETIC);
    const tiles = [0, 1, 2].map((col) => slide.tile(0, col, 0));
    slide.close();
    for (const tile of tiles) await expect(tile).rejects.toSatisfy(isCancelled);
    expect(FakeWorker.all.every((w) => w.ended)).toBe(true);
    await expect(slide.tile(0, 0, 0)).rejects.toSatisfy(isCancelled);
  });

  it('answers ground truth on the page itself', () => {
    const slide = openSyntheticForView(DEFAULT_SYNTHETIC);
    expect(slide.groundTruth({ x: 24_000, y: 28_000, w: 500, h: 500 }).length).toBeGreaterThan(10);
    slide.close();
  });
});
