/** The page's side of the worker that keeps the spots. */
import { type Connection, connect } from '../../core/rpc.ts';
import type { SpatialApi } from './spatial.ts';

export function startSpatial(): Connection<SpatialApi> {
  const worker = new Worker(new URL('./spatial.worker.ts', import.meta.url), {
    type: 'module',
    name: 'spatial',
  });
  return connect<SpatialApi>(worker);
}
