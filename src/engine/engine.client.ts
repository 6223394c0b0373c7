/** The page's side of the engine. */
import { type Connection, connect } from '../core/rpc.ts';
import type { EngineApi } from './engine.ts';

export type Engine = Connection<EngineApi>;

export function startEngine(): Engine {
  const worker = new Worker(new URL('./engine.worker.ts', import.meta.url), {
    type: 'module',
    name: 'engine',
  });
  return connect<EngineApi>(worker);
}
