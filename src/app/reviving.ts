/** Starting the engine again when it hangs, as it was: models added, head chosen, slide open. */
import type { ModelSource } from '../analysis/analysis.ts';
import { toCytolensError } from '../core/errors.ts';
import { isAlive } from '../engine/engine.client.ts';
import { getState, report, setState } from './state.ts';
import type { Workbench } from './workbench.ts';

export class Reviving {
  /** The user's own models, by id. */
  private readonly added = new Map<string, ModelSource>();

  constructor(private readonly bench: Workbench) {}

  keep(id: string, source: ModelSource): void {
    this.added.set(id, source);
  }

  forget(id: string): void {
    this.added.delete(id);
  }

  /**
   * Call when a model stopped. True when the engine had to be replaced: it then knows of no analysis
   * but what is kept on disk. What goes wrong is told to the user.
   */
  async revive(): Promise<boolean> {
    if (await isAlive(this.bench.engine)) return false;
    const { kit, slide } = getState();
    setState({ preparing: 'the models' });
    try {
      await this.bench.renewEngine();
      const { engine } = this.bench;
      for (const source of this.added.values()) {
        const { entries } = await engine.call('addModel', { source });
        setState({ entries });
      }
      const head = kit?.head.status.id;
      if (head && getState().kit?.head.status.id !== head) {
        setState({ kit: (await engine.call('choose', { head })).kit });
      }
      if (slide) await engine.call('open', { source: slide.source });
    } catch (error) {
      report(toCytolensError(error));
    } finally {
      setState({ preparing: null });
    }
    return true;
  }
}
