/** One pane's row of the state. */
import { CytolensError } from '../../core/errors.ts';
import { getState, setState } from '../state.ts';
import type { PaneState } from './state.ts';

/** Throws `not-found` with a sentence when there is no such pane. */
export function paneOf(n: number): PaneState {
  const pane = getState().panes.find((known) => known.n === n);
  if (!pane) throw new CytolensError('not-found', `There is no pane ${n}.`);
  return pane;
}

/** Change what is said of a pane; a pane that is gone stays gone. */
export function patchPane(n: number, change: Partial<PaneState>): void {
  setState(({ panes }) => ({
    panes: panes.map((pane) => (pane.n === n ? { ...pane, ...change } : pane)),
  }));
}
