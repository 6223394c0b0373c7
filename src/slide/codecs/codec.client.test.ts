import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { defaultCodec } from './codec.client.ts';
import type { EncodedTile } from './codec.ts';

/** A worker that answers every call with a bitmap of its own. */
class FakeWorker {
  static started = 0;
  private listener: ((event: { data: unknown }) => void) | null = null;

  constructor() {
    FakeWorker.started++;
  }
  addEventListener(type: string, listener: (event: { data: unknown }) => void) {
    if (type === 'message') this.listener = listener;
  }
  postMessage({ id }: { id: number }) {
    this.listener?.({ data: { id, result: 'from a worker' } });
  }
}

const grey: EncodedTile = {
  ...{ compression: 'lzw', bytes: new Uint8Array(4), width: 1, height: 1 },
  ...{ samples: 1, bits: 8, colour: 'grey' },
};

describe('the codec of a page', () => {
  beforeEach(() => {
    FakeWorker.started = 0;
    vi.stubGlobal('document', {});
    vi.stubGlobal('navigator', { hardwareConcurrency: 8 });
    vi.stubGlobal('Worker', FakeWorker);
  });
  afterEach(() => vi.unstubAllGlobals());

  it('leaves PNG to the browser and hands the rest to workers', async () => {
    const pixel = { width: 1, height: 1, data: new Uint8ClampedArray(4) };
    const codec = defaultCodec(async () => pixel);
    expect(await codec({ ...grey, compression: 'png' })).toBe(pixel);
    expect(FakeWorker.started).toBe(0);
    expect(await codec(grey)).toBe('from a worker');
    expect(FakeWorker.started).toBe(1);
  });

  it('hands nothing over that was cancelled before', async () => {
    const codec = defaultCodec(async () => Promise.reject(new Error('not asked')));
    const cancelled = codec(grey, AbortSignal.abort());
    await expect(cancelled).rejects.toMatchObject({ tag: 'cancelled' });
    expect(FakeWorker.started).toBe(0);
  });
});
