/** The page's side of the drawn slide: tiles come from a small pool of workers. */
import { workerPool } from '../pool.ts';
import type { TruthSlide } from '../slide.ts';
import type { Painter } from './paint.ts';
import { createPainter, type SyntheticOptions, syntheticInfo, truthOf } from './synthetic.ts';
import type { SyntheticWorkerApi } from './synthetic.worker.ts';

/** Two keep up with panning and leave cores for the analysis. */
const POOL = 2;

/** Open a drawn slide to look at; `tile` gives an ImageBitmap that the caller closes. */
export function openSyntheticForView(source: SyntheticOptions): TruthSlide {
  const { seed, width, height } = source;
  const options: SyntheticOptions = { seed, width, height };
  const info = syntheticInfo(options);
  const workers = workerPool<SyntheticWorkerApi>(
    POOL,
    () => new Worker(new URL('./synthetic.worker.ts', import.meta.url), { type: 'module' }),
  );
  let painter: Painter | null = null;

  return {
    info,
    tile: (level, col, row, signal) =>
      workers.run(
        (worker) => worker.call('tile', { options, level, col, row }, { signal }),
        signal,
      ),
    groundTruth(rect) {
      painter ??= createPainter(options);
      return truthOf(painter, info, rect);
    },
    close: () => workers.close(),
  };
}
