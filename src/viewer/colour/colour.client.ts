/** The page's side of a slide's colours: asked for once a slide, kept while it is. */
import { CytolensError } from '../../core/errors.ts';
import { type Connection, connect } from '../../core/rpc.ts';
import { readRegion } from '../../slide/region.ts';
import type { Slide } from '../../slide/slide.ts';
import type { StainVectors } from '../../slide/stain.ts';
import type { ColourWorkerApi } from './colour.worker.ts';
import type { ColourTable } from './look.ts';

/** Longer side of the thumbnail from which stains are told, px. */
const THUMBNAIL = 768;

const tables = new WeakMap<Slide, Promise<ColourTable | null>>();
const stains = new WeakMap<Slide, Promise<StainVectors>>();

/** Of the slide's profile; null when it has none. Throws `format` and what reading the slide throws. */
export function tableFor(slide: Slide): Promise<ColourTable | null> {
  const known = tables.get(slide);
  if (known) return known;
  const asked = readTable(slide);
  tables.set(slide, asked);
  return asked;
}

/** From a thumbnail of the whole slide. Throws `no-tissue` where it does not show two stains. */
export function stainsFor(slide: Slide): Promise<StainVectors> {
  const known = stains.get(slide);
  if (known) return known;
  const asked = readStains(slide);
  stains.set(slide, asked);
  // What failed may be tried again.
  asked.catch(() => stains.delete(slide));
  return asked;
}

async function readTable(slide: Slide): Promise<ColourTable | null> {
  const profile = (await slide.iccProfile?.()) ?? null;
  return profile && inWorker((worker) => worker.call('table', profile));
}

async function readStains(slide: Slide): Promise<StainVectors> {
  const { width, height } = slide.info;
  const scale = THUMBNAIL / Math.max(width, height);
  const [w, h] = [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
  const image = await readRegion(slide, { x: 0, y: 0, w: width, h: height }, w, h);
  const found = await inWorker((worker) =>
    worker.call('stains', image, { transfer: [image.data.buffer] }),
  );
  if (found) return found;
  throw new CytolensError(
    'no-tissue',
    'The stains of this slide cannot be told from its pixels: there is too little tissue, or a single stain. Choose published vectors instead.',
  );
}

/** For one question: it is asked rarely, and a worker that waits holds memory. */
async function inWorker<T>(ask: (worker: Connection<ColourWorkerApi>) => Promise<T>): Promise<T> {
  const worker = connect<ColourWorkerApi>(
    new Worker(new URL('./colour.worker.ts', import.meta.url), { type: 'module' }),
  );
  try {
    return await ask(worker);
  } finally {
    worker.close();
  }
}
