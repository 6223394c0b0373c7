/**
 * A few workers that share a list of jobs. Jobs wait in the page and not in a worker's mailbox, so
 * that what was scrolled away costs nothing; the newest goes first: what was asked for last is
 * what is on the screen.
 */
import { CytolensError, cancelled } from '../core/errors.ts';
import { type Connection, connect } from '../core/rpc.ts';

interface Job<Api> {
  signal?: AbortSignal;
  run(worker: Connection<Api>): Promise<unknown>;
  resolve(value: never): void;
  reject(error: unknown): void;
}

export interface WorkerPool<Api> {
  /** Throws what the job throws, and `cancelled` when its signal fired before it started. */
  run<T>(job: (worker: Connection<Api>) => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** End the workers; jobs that wait or run fail as cancelled. */
  close(): void;
}

/**
 * At most `size` workers, each started when there is work for it. A worker that dies fails the
 * job it was at and is replaced, once for each of the `size`; when all are gone, jobs fail with
 * `internal`.
 */
export function workerPool<Api>(size: number, spawn: () => Worker): WorkerPool<Api> {
  const idle: Connection<Api>[] = [];
  const all = new Set<Connection<Api>>();
  const queue: Job<Api>[] = [];
  let started = 0;
  let closed = false;

  function start(): Connection<Api> {
    started++;
    const worker = spawn();
    // Before `connect`, whose own listener fails the job at hand: by then the worker is struck off.
    worker.addEventListener('error', () => {
      all.delete(connection);
      const at = idle.indexOf(connection);
      if (at >= 0) idle.splice(at, 1);
      worker.terminate();
    });
    const connection = connect<Api>(worker);
    all.add(connection);
    return connection;
  }

  function free(): Connection<Api> | null {
    const waiting = idle.pop();
    if (waiting) return waiting;
    return all.size < size && started < 2 * size ? start() : null;
  }

  function pump(): void {
    while (queue.length > 0) {
      if (queue[queue.length - 1].signal?.aborted) {
        queue.pop()?.reject(cancelled());
        continue;
      }
      const worker = free();
      if (!worker) break;
      const job = queue.pop();
      if (job) void work(job, worker);
    }
    if (all.size === 0) for (const job of queue.splice(0)) job.reject(noWorkers());
  }

  async function work(job: Job<Api>, worker: Connection<Api>): Promise<void> {
    try {
      job.resolve((await job.run(worker)) as never);
    } catch (error) {
      job.reject(error);
    }
    if (all.has(worker)) idle.push(worker);
    pump();
  }

  return {
    run(run, signal) {
      return new Promise((resolve, reject) => {
        if (closed || signal?.aborted) throw cancelled();
        queue.push({ signal, run, resolve, reject });
        pump();
      });
    },
    close() {
      closed = true;
      for (const job of queue.splice(0)) job.reject(cancelled());
      for (const worker of all) worker.close();
      all.clear();
      idle.length = 0;
    },
  };
}

function noWorkers(): CytolensError {
  return new CytolensError(
    'internal',
    'A background worker of Cytolens stopped. Reload the page to start it again.',
    'every worker of the pool ended',
  );
}
