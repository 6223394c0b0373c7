/** Keeps the cells that are marked as inside in step with the filter's choice and the shapes. */
import { insideAny } from '../../annotation/inside.ts';
import { gateOf } from '../../overlay/style.ts';
import type { Gates } from '../gates.ts';
import { getState, useApp } from '../state.ts';
import type { Workbench } from '../workbench.ts';
import type { Annotator } from './annotator.ts';
import { areasInside } from './counting.ts';

/** Marked anew so long after the last change of a shape, ms: it is a pass over all cells. */
const SETTLED_MS = 200;

export class InsideFilter {
  private timer = 0;
  private readonly stop: () => void;

  constructor(
    private readonly bench: Pick<Workbench, 'setInside'>,
    private readonly gates: Gates,
    private readonly annotator: Pick<Annotator, 'list'>,
  ) {
    this.stop = useApp.subscribe((state, before) => {
      const inside = gateOf(state.style).inside;
      if (inside !== gateOf(before.style).inside) this.mark();
      else if (inside !== undefined && state.annotate.version !== before.annotate.version) {
        clearTimeout(this.timer);
        this.timer = window.setTimeout(() => this.mark(), SETTLED_MS);
      }
    });
  }

  destroy(): void {
    clearTimeout(this.timer);
    this.stop();
  }

  private mark(): void {
    const { inside } = gateOf(getState().style);
    const areas = inside === undefined ? [] : areasInside(this.annotator.list, inside);
    this.bench.setInside(areas.length > 0 ? insideAny(areas) : null);
    // What the filter named is gone: all cells are shown again, rather than none.
    if (inside !== undefined && areas.length === 0) this.gates.set({ inside: undefined });
    this.gates.refresh();
  }
}
