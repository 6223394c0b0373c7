import { describe, expect, it } from 'vitest';
import type { Call } from '../core/rpc.ts';
import { workerPool } from './pool.ts';

interface Api {
  job: Call<number, number>;
}
type Listener = (event: { data?: unknown; message?: string }) => void;

/** A worker that holds every call until the test answers it or lets it die. */
class FakeWorker {
  ended = false;
  readonly sent: { id: number; arg: number }[] = [];
  private readonly listeners: [string, Listener][] = [];

  addEventListener(type: string, listener: Listener) {
    this.listeners.push([type, listener]);
  }
  postMessage(message: { id: number; arg: number }) {
    this.sent.push(message);
  }
  terminate() {
    this.ended = true;
  }
  answer() {
    this.tell('message', { data: { id: this.sent.at(-1)?.id, result: this.sent.at(-1)?.arg } });
  }
  die() {
    this.tell('error', { message: 'out of memory' });
  }
  private tell(type: string, event: Parameters<Listener>[0]) {
    for (const [kind, listener] of this.listeners) if (kind === type) listener(event);
  }
}

function poolOf(size: number) {
  const workers: FakeWorker[] = [];
  const pool = workerPool<Api>(size, () => {
    workers.push(new FakeWorker());
    return workers[workers.length - 1] as unknown as Worker;
  });
  const run = (arg: number, signal?: AbortSignal) =>
    pool.run((worker) => worker.call('job', arg, { signal }), signal);
  const begun = () => workers.flatMap(({ sent }) => sent.map(({ arg }) => arg));
  return { pool, workers, run, begun };
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

describe('a pool of workers', () => {
  it('starts workers as they are needed, and no more than its size', async () => {
    const { workers, run } = poolOf(2);
    expect(workers).toHaveLength(0);
    const first = run(1);
    expect(workers).toHaveLength(1);
    workers[0].answer();
    expect(await first).toBe(1);
    await turn();
    void run(2);
    void run(3);
    void run(4);
    expect(workers).toHaveLength(2);
  });

  it('drops jobs whose signal fired while they waited', async () => {
    const { workers, run, begun } = poolOf(1);
    const abort = new AbortController();
    const busy = run(1);
    const dropped = expect(run(2, abort.signal)).rejects.toMatchObject({ tag: 'cancelled' });
    const last = run(3);
    abort.abort();
    workers[0].answer();
    await busy;
    await turn();
    workers[0].answer();
    await expect(last).resolves.toBe(3);
    await turn();
    await dropped;
    expect(begun()).toEqual([1, 3]);
  });

  it('replaces a worker that died, once, and then says so', async () => {
    const { workers, run } = poolOf(1);
    const lost = run(1);
    const next = run(2);
    workers[0].die();
    await expect(lost).rejects.toMatchObject({ tag: 'internal' });
    await turn();
    expect(workers).toHaveLength(2);
    workers[1].answer();
    expect(await next).toBe(2);
    await turn();
    const after = [run(3), run(4)].map((job) =>
      expect(job).rejects.toMatchObject({ tag: 'internal' }),
    );
    workers[1].die();
    await Promise.all(after);
    await expect(run(5)).rejects.toMatchObject({ tag: 'internal' });
    expect(workers).toHaveLength(2);
  });

  it('cancels everything when closed', async () => {
    const { pool, workers, run } = poolOf(1);
    const jobs = [run(1), run(2)];
    pool.close();
    for (const job of jobs) await expect(job).rejects.toMatchObject({ tag: 'cancelled' });
    await expect(run(3)).rejects.toMatchObject({ tag: 'cancelled' });
    expect(workers.every(({ ended }) => ended)).toBe(true);
  });
});
