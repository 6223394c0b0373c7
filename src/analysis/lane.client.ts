/** Further lanes, each in a worker of its own. */
import { type Call, connect } from '../core/rpc.ts';
import type { Kit } from '../model/kit.ts';
import type { SlideSource } from '../slide/slide.ts';
import type { FieldSight } from './field.ts';
import type { Lane } from './lane.ts';
import type { FieldPlace } from './plan.ts';

export interface LaneApi {
  /** Start the models of the viewer named here, and open the slide; `mpp` is um per level-0 px. */
  open: Call<
    { base: string; segmenter: string; encoder: string; source: SlideSource; mpp: number },
    null
  >;
  see: Call<{ place: FieldPlace }, FieldSight | null>;
}

export interface FurtherLane extends Lane {
  close(): void;
}

/**
 * Open a lane beside the first. Throws what models and slides throw; it is then as if it had never
 * been asked for.
 */
export async function openLane(
  base: string,
  kit: Kit,
  source: SlideSource,
  mpp: number,
  signal?: AbortSignal,
): Promise<FurtherLane> {
  const worker = new Worker(new URL('./lane.worker.ts', import.meta.url), {
    type: 'module',
    name: 'lane',
  });
  const connection = connect<LaneApi>(worker);
  const segmenter = kit.segmenter.manifest.id;
  const encoder = kit.encoder.manifest.id;
  try {
    await connection.call('open', { base, segmenter, encoder, source, mpp }, { signal });
  } catch (error) {
    connection.close();
    throw error;
  }
  return {
    see: (place, signal) => connection.call('see', { place }, { signal }),
    close: () => connection.close(),
  };
}
