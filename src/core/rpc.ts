/**
 * Typed calls between a page and its worker, with cancel and progress. The page's side is
 * `connect<Api>(worker)`, the worker's `serve(handlers)`; errors arrive as CytolensError with the
 * same tag, message and detail; AbortSignals cross the border; big arrays are transferred.
 */
import { CytolensError, cancelled, type ErrorTag, toCytolensError } from './errors.ts';

/** What a handler is given beside its argument. */
export interface CallContext {
  signal: AbortSignal;
  /** Report progress to the caller; `transfer` lists buffers to move instead of copy. */
  progress(value: unknown, transfer?: Transferable[]): void;
}

/** One call: its argument, its result and what it reports on the way. */
export interface Call<Arg, Result, Progress = never> {
  arg: Arg;
  result: Result;
  progress: Progress;
}

type AnyApi = { [name: string]: Call<unknown, unknown, unknown> };

/** A result whose buffers are to be moved, not copied. */
export class Transfer<T> {
  constructor(
    readonly value: T,
    readonly buffers: Transferable[],
  ) {}
}

export type Handlers<Api> = {
  [K in keyof Api]: Api[K] extends Call<infer A, infer R, unknown>
    ? (arg: A, context: CallContext) => Promise<R | Transfer<R>> | R | Transfer<R>
    : never;
};

export interface CallOptions<Progress> {
  signal?: AbortSignal;
  onProgress?: (value: Progress) => void;
  transfer?: Transferable[];
}

export interface Connection<Api> {
  call<K extends keyof Api & string>(
    name: K,
    arg: ArgOf<Api[K]>,
    options?: CallOptions<ProgressOf<Api[K]>>,
  ): Promise<ResultOf<Api[K]>>;
  /** End the worker; every call under way fails as cancelled. */
  close(): void;
}
type ArgOf<C> = C extends Call<infer A, unknown, unknown> ? A : never;
type ResultOf<C> = C extends Call<unknown, infer R, unknown> ? R : never;
type ProgressOf<C> = C extends Call<unknown, unknown, infer P> ? P : never;

type ToWorker = { id: number; call: string; arg: unknown } | { id: number; abort: true };
type FromWorker =
  | { id: number; progress: unknown }
  | { id: number; result: unknown }
  | { id: number; error: { tag: ErrorTag; message: string; detail: string } };

/** The part of Worker and of a worker's global scope that is used; also what tests fake. */
export interface Port {
  postMessage(message: unknown, transfer: Transferable[]): void;
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
}

/** Answer calls that come through `port` (in a worker: `self`). */
export function serve<Api>(handlers: Handlers<Api>, port: Port): void {
  const running = new Map<number, AbortController>();
  const table = handlers as unknown as Record<
    string,
    ((arg: unknown, context: CallContext) => unknown) | undefined
  >;
  const send = (message: FromWorker, transfer: Transferable[] = []) =>
    port.postMessage(message, transfer);

  async function answer(id: number, call: string, arg: unknown): Promise<void> {
    const abort = new AbortController();
    running.set(id, abort);
    try {
      const handler = table[call];
      if (!handler) throw new CytolensError('internal', `No such call: ${call}`);
      const progress = (value: unknown, transfer?: Transferable[]) =>
        send({ id, progress: value }, transfer);
      const result = await handler(arg, { signal: abort.signal, progress });
      if (result instanceof Transfer) send({ id, result: result.value }, result.buffers);
      else send({ id, result });
    } catch (error) {
      const { tag, message, detail } = toCytolensError(error);
      send({ id, error: { tag, message, detail } });
    } finally {
      running.delete(id);
    }
  }

  port.addEventListener('message', (event: MessageEvent<ToWorker>) => {
    const message = event.data;
    // Other code in a worker may post messages of its own; ours carry a numeric id.
    if (typeof message?.id !== 'number') return;
    if ('abort' in message) running.get(message.id)?.abort();
    else void answer(message.id, message.call, message.arg);
  });
}

/** Call into a worker. A worker that cannot start fails every call with `internal`. */
export function connect<Api = AnyApi>(worker: Worker): Connection<Api> {
  interface Pending {
    resolve(value: unknown): void;
    reject(error: CytolensError): void;
    onProgress?: (value: unknown) => void;
  }
  const pending = new Map<number, Pending>();
  let next = 1;

  const failAll = (error: CytolensError) => {
    for (const entry of pending.values()) entry.reject(error);
    pending.clear();
  };
  worker.addEventListener('message', (event: MessageEvent<FromWorker>) => {
    const message = event.data;
    const entry = pending.get(message?.id);
    if (!entry) return;
    if ('progress' in message) {
      entry.onProgress?.(message.progress);
      return;
    }
    pending.delete(message.id);
    if ('error' in message) {
      const { tag, message: text, detail } = message.error;
      entry.reject(new CytolensError(tag, text, detail));
    } else entry.resolve(message.result);
  });
  worker.addEventListener('error', (event) => {
    failAll(
      new CytolensError(
        'internal',
        'A background worker of Cytolens stopped. Reload the page to start it again.',
        event.message ?? 'worker error',
      ),
    );
  });

  return {
    call(name, arg, options = {}) {
      const id = next++;
      const { signal, onProgress, transfer = [] } = options;
      return new Promise((resolve, reject) => {
        if (signal?.aborted) {
          reject(cancelled());
          return;
        }
        const onAbort = () => worker.postMessage({ id, abort: true } satisfies ToWorker);
        signal?.addEventListener('abort', onAbort, { once: true });
        const done = () => signal?.removeEventListener('abort', onAbort);
        pending.set(id, {
          resolve: (value) => {
            done();
            resolve(value as never);
          },
          reject: (error) => {
            done();
            reject(error);
          },
          onProgress: onProgress as ((value: unknown) => void) | undefined,
        });
        worker.postMessage({ id, call: name, arg } satisfies ToWorker, transfer);
      });
    },
    close() {
      worker.terminate();
      failAll(cancelled());
    },
  };
}

/** Progress is told at most this often, as a share. */
const STEP = 0.01;

/** Tells a share of work that is done, 0 to 1, in steps: messages cost more than small work. */
export function inSteps(tell: CallContext['progress']): (share: number) => void {
  let told = -1;
  return (share) => {
    if (share < 1 && share - told < STEP) return;
    told = share;
    tell(share);
  };
}
