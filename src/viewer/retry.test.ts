import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CytolensError } from '../core/errors.ts';
import { PAUSES, withRetries } from './retry.ts';

const fails = (tag: 'network' | 'truncated' | 'format' | 'not-found', times: number) => {
  let calls = 0;
  const load = vi.fn(async () => {
    if (calls++ < times) throw new CytolensError(tag, 'No.');
    return 'tile';
  });
  return load;
};

describe('a tile that fails', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const never = new AbortController().signal;

  it('is asked for again after growing pauses', async () => {
    const load = fails('network', 2);
    const loaded = withRetries(load, never);
    await vi.advanceTimersByTimeAsync(PAUSES[0] - 1);
    expect(load).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(load).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(PAUSES[1]);
    expect(await loaded).toBe('tile');
    expect(load).toHaveBeenCalledTimes(3);
  });

  it('is given up after the last pause, with its error', async () => {
    const load = fails('truncated', 99);
    const failed = expect(withRetries(load, never)).rejects.toMatchObject({ tag: 'truncated' });
    await vi.runAllTimersAsync();
    await failed;
    expect(load).toHaveBeenCalledTimes(1 + PAUSES.length);
  });

  it.each(['format', 'not-found'] as const)('is not asked for again when it is %s', async (tag) => {
    const load = fails(tag, 99);
    await expect(withRetries(load, never)).rejects.toMatchObject({ tag });
    expect(load).toHaveBeenCalledTimes(1);
  });

  it('is let go of within a pause when nobody wants it any more', async () => {
    const abort = new AbortController();
    const load = fails('network', 99);
    const failed = expect(withRetries(load, abort.signal)).rejects.toMatchObject({
      tag: 'cancelled',
    });
    await vi.advanceTimersByTimeAsync(100);
    abort.abort();
    await failed;
    expect(load).toHaveBeenCalledTimes(1);
  });
});
