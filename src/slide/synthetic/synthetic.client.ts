/** The page's side of the drawn slide: tiles come from a small pool of workers. */
import { cancelled, throwIfAborted } from '../../core/errors.ts';
import { type Connection, connect } from '../../core/rpc.ts';
import type { TruthSlide } from '../slide.ts';
import type { Painter } from './paint.ts';
import { createPainter, type SyntheticOptions, syntheticInfo, truthOf } from './synthetic.ts';
import type { SyntheticWorkerApi } from './synthetic.worker.ts';

/** Two keep up with panning and leave cores for the analysis. */
const POOL = 2;

/** A task that waits for a worker. */
interface Waiting {
  signal?: AbortSignal;
  start(worker: Connection<SyntheticWorkerApi>): void;
  drop(): void;
}

/** Open a drawn slide to look at; `tile` gives an ImageBitmap that the caller closes. */
export function openSyntheticForView(source: SyntheticOptions): TruthSlide {
  const { seed, width, height } = source;
  const options: SyntheticOptions = { seed, width, height };
  const info = syntheticInfo(options);
  const workers = Array.from({ length: POOL }, spawn);
  const idle = [...workers];
  const queue: Waiting[] = [];
  let painter: Painter | null = null;
  let closed = false;

  // Tasks wait here and not in a worker's mailbox, so that what was scrolled away costs nothing.
  // Newest first: what was asked for last is what is on the screen.
  const pump = () => {
    while (idle.length > 0 && queue.length > 0) {
      const task = queue.pop();
      const worker = task?.signal?.aborted ? undefined : idle.pop();
      if (worker) task?.start(worker);
      else task?.drop();
    }
  };

  return {
    info,
    tile(level, col, row, signal) {
      return new Promise<ImageBitmap>((resolve, reject) => {
        throwIfAborted(signal);
        if (closed) throw cancelled();
        queue.push({
          signal,
          drop: () => reject(cancelled()),
          start(worker) {
            worker
              .call('tile', { options, level, col, row }, { signal })
              .then(resolve, reject)
              .finally(() => {
                idle.push(worker);
                pump();
              });
          },
        });
        pump();
      });
    },
    groundTruth(rect) {
      painter ??= createPainter(options);
      return truthOf(painter, info, rect);
    },
    close() {
      closed = true;
      for (const task of queue.splice(0)) task.drop();
      for (const worker of workers) worker.close();
    },
  };
}

function spawn(): Connection<SyntheticWorkerApi> {
  return connect<SyntheticWorkerApi>(
    new Worker(new URL('./synthetic.worker.ts', import.meta.url), { type: 'module' }),
  );
}
