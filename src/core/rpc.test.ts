import { describe, expect, it } from 'vitest';
import { CytolensError, throwIfAborted } from './errors.ts';
import { type Call, connect, serve } from './rpc.ts';

interface Api {
  add: Call<[number, number], number>;
  count: Call<number, string, number>;
  fail: Call<null, never>;
}

/** A worker in the same thread: two ends of a MessageChannel. */
function pair() {
  const { port1, port2 } = new MessageChannel();
  port1.start();
  port2.start();
  serve<Api>(
    {
      add: ([a, b]) => a + b,
      async count(to, { signal, progress }) {
        for (let i = 1; i <= to; i++) {
          await new Promise((resolve) => setTimeout(resolve, 1));
          throwIfAborted(signal);
          progress(i);
        }
        return 'done';
      },
      fail: () => {
        throw new CytolensError('format', 'A sentence.', 'the cause');
      },
    },
    port1 as unknown as Parameters<typeof serve>[1],
  );
  const worker = Object.assign(port2, { terminate: () => port2.close() });
  const close = () => {
    port1.close();
    port2.close();
  };
  return { api: connect<Api>(worker as unknown as Worker), close };
}

describe('calls to a worker', () => {
  it('bring back the result of the right call', async () => {
    const { api, close } = pair();
    expect(await Promise.all([api.call('add', [1, 2]), api.call('add', [3, 4])])).toEqual([3, 7]);
    close();
  });

  it('report progress in order', async () => {
    const { api, close } = pair();
    const seen: number[] = [];
    expect(await api.call('count', 4, { onProgress: (n) => seen.push(n) })).toBe('done');
    expect(seen).toEqual([1, 2, 3, 4]);
    close();
  });

  it('carry errors over with tag, message and cause', async () => {
    const { api, close } = pair();
    const error = await api.call('fail', null).catch((e) => e);
    expect(error).toBeInstanceOf(CytolensError);
    expect(error).toMatchObject({ tag: 'format', message: 'A sentence.', detail: 'the cause' });
    close();
  });

  it('end as cancelled, on the other side too, when the signal fires', async () => {
    const { api, close } = pair();
    const abort = new AbortController();
    const seen: number[] = [];
    const call = api.call('count', 1000, {
      signal: abort.signal,
      onProgress: (n) => {
        seen.push(n);
        if (n === 3) abort.abort();
      },
    });
    await expect(call).rejects.toMatchObject({ tag: 'cancelled' });
    const reached = seen.length;
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(seen.length).toBe(reached);
    expect(reached).toBeLessThan(100);
    close();
  });

  it('fail as cancelled when the worker is closed', async () => {
    const { api, close } = pair();
    const call = api.call('count', 1000);
    api.close();
    await expect(call).rejects.toMatchObject({ tag: 'cancelled' });
    close();
  });
});
