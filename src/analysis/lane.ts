/**
 * A lane sees one field after the other: it reads the pixels and runs segmenter and encoder. The
 * engine has a lane of its own; further ones, each in a worker of its own (lane.client.ts), keep
 * the cores busy while the first one decodes, resamples and shares out evidence.
 */
import { isCytolensError, throwIfAborted } from '../core/errors.ts';
import { nextTask } from '../core/tasks.ts';
import type { Slide } from '../slide/slide.ts';
import { type Eyes, type FieldSight, fieldGeometry, readField, seeField } from './field.ts';
import { type FieldPlace, fieldRect, fieldSideOf } from './plan.ts';

export interface Lane {
  /**
   * See a field; null when it is out of focus. May be called again before it has answered: the
   * pixels of the next field are then read meanwhile. Throws `cancelled`, and what slides and
   * models throw.
   */
  see(place: FieldPlace, signal?: AbortSignal): Promise<FieldSight | null>;
}

/** A lane in this thread; `mpp` is um per level-0 px, `fine` as in `seeField`. */
export function laneOf(slide: Slide, mpp: number, eyes: Eyes, fine = false): Lane {
  const geometry = fieldGeometry(eyes);
  const side = fieldSideOf(geometry.fieldUm, mpp);
  let models: Promise<unknown> = Promise.resolve();
  return {
    see(place, signal) {
      const rect = fieldRect(place, side);
      const reading = readField(slide, rect, mpp, eyes, geometry, signal);
      // A failed reading is reported when its turn comes, not as an unhandled rejection.
      reading.catch(() => undefined);
      const seen = models.then(async () => {
        const pixels = await reading;
        await nextTask();
        throwIfAborted(signal);
        return seeField(pixels, rect, mpp, eyes, geometry, fine);
      });
      models = seen.catch(() => undefined);
      return seen;
    },
  };
}

/** Fields a lane has at once: one in the models, one being read. */
const DEPTH = 2;
/** A further lane that is silent for so long, ms, is given up: its worker may have died. */
const SILENT_MS = 30_000;

/**
 * See the places from number `from` on, and tell them in their order, whichever lane was faster: the
 * same plan then always makes the same account. `further` lanes join when they are ready. One that
 * fails is left out and its fields are seen by the `first`, whose errors are thrown.
 */
export async function* seeInOrder(
  places: readonly FieldPlace[],
  from: number,
  first: Lane,
  further: readonly Promise<Lane>[] = [],
  signal?: AbortSignal,
): AsyncGenerator<{ at: number; sight: FieldSight | null }> {
  const busy = new Map([[first, 0]]);
  const seen = new Map<number, Promise<FieldSight | null>>();
  let next = from;
  let told = from;

  const see = async (lane: Lane, at: number): Promise<FieldSight | null> => {
    try {
      const sight = lane.see(places[at], signal);
      return await (lane === first ? sight : withinTime(sight));
    } catch (error) {
      if (lane === first || isCytolensError(error, 'cancelled')) throw error;
      busy.delete(lane);
      return first.see(places[at], signal);
    }
  };
  const fill = () => {
    while (next < places.length && next - told < DEPTH * busy.size + 1) {
      const free = [...busy].sort((a, b) => a[1] - b[1])[0];
      if (free[1] >= DEPTH) return;
      const [lane] = free;
      busy.set(lane, free[1] + 1);
      const sight = see(lane, next).finally(() => {
        const count = busy.get(lane);
        if (count) busy.set(lane, count - 1);
        fill();
      });
      sight.catch(() => undefined);
      seen.set(next++, sight);
    }
  };

  for (const opening of further) {
    opening.then(
      (lane) => {
        busy.set(lane, 0);
        fill();
      },
      () => undefined,
    );
  }
  for (; told < places.length; told++) {
    throwIfAborted(signal);
    fill();
    const sight = await seen.get(told);
    seen.delete(told);
    yield { at: told, sight: sight ?? null };
  }
}

function withinTime<T>(work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('no answer')), SILENT_MS);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
