/** The page's side of the codecs: a pool of workers that all open slides share. */
import type { Decoder } from '../decode.ts';
import { type WorkerPool, workerPool } from '../pool.ts';
import { isNative, type TileCodec } from './codec.ts';
import type { CodecWorkerApi } from './codec.worker.ts';
import { directCodec } from './codecs.ts';

/** More than four would leave no core for the analysis, and each holds a decoder of its own. */
const MAX_WORKERS = 4;

let shared: WorkerPool<CodecWorkerApi> | null = null;

function pool(): WorkerPool<CodecWorkerApi> {
  shared ??= workerPool(
    Math.max(1, Math.min(MAX_WORKERS, navigator.hardwareConcurrency || 2)),
    () => new Worker(new URL('./codec.worker.ts', import.meta.url), { type: 'module' }),
  );
  return shared;
}

/**
 * The codec that fits where we are. On a page, workers do what the browser does not decode by
 * itself (that it does off the page's thread anyway), and a job whose signal fires before a worker
 * takes it is dropped; in a worker and in Node tiles are decoded where they are asked for.
 */
export function defaultCodec(decode: Decoder): TileCodec {
  const direct = directCodec(decode);
  if (typeof document === 'undefined' || typeof Worker === 'undefined') return direct;
  return (tile, signal) =>
    isNative(tile.compression)
      ? direct(tile, signal)
      : // Bytes are copied, not moved: a caller may hold them in a cache.
        pool().run((worker) => worker.call('decode', tile, { signal }), signal);
}
