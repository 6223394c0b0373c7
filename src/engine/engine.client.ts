/** The page's side of the engine. */
import { isCytolensError } from '../core/errors.ts';
import { type Connection, connect } from '../core/rpc.ts';
import type { EngineApi } from './engine.ts';

export type Engine = Connection<EngineApi>;

/** A worker that is alive answers between two calls of a model, ms. */
const ALIVE_WITHIN = 5000;

/** Whether the engine answers at all: its thread can hang with a graphics process that died. */
export function isAlive(engine: Engine): Promise<boolean> {
  return Promise.race([
    engine.call('ping', null).then(() => true),
    new Promise<false>((resolve) => setTimeout(() => resolve(false), ALIVE_WITHIN)),
  ]);
}

/** `onStopped` is told when a call fails because a model stopped working. */
export function startEngine(onStopped: () => void): Engine {
  const worker = new Worker(new URL('./engine.worker.ts', import.meta.url), {
    type: 'module',
    name: 'engine',
  });
  const engine = connect<EngineApi>(worker);
  return {
    ...engine,
    call: (name, arg, options) =>
      engine.call(name, arg, options).catch((error) => {
        if (isCytolensError(error, 'stopped')) onStopped();
        throw error;
      }),
  };
}
