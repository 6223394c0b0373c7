/** Landmarks of a pane and the main one: set by clicks, moved, kept, and what they tell. */
import { type ScreenTransform, unapply } from '../../core/affine.ts';
import { type Alignment, alignmentOf, type LandmarkPair, troubleOf } from '../../core/alignment.ts';
import { CytolensError } from '../../core/errors.ts';
import type { Point } from '../../core/geometry.ts';
import { getState, setState } from '../state.ts';
import type { Workbench } from '../workbench.ts';
import { readLandmarks, writeLandmarks } from './landmarks.ts';
import { paneOf, patchPane } from './patch.ts';
import type { PaneState } from './state.ts';

type Told = Pick<PaneState, 'pairs' | 'alignment' | 'trouble'>;

export class Landmarks {
  /** `changed` hears of every change of a pane's landmarks. */
  constructor(
    private readonly bench: Workbench,
    private readonly changed: (n: number) => void,
  ) {}

  /** What is kept of a slide and the one in the main pane. `mpp` is the other slide's. */
  kept(id: string, mpp: number | null): Told {
    const main = getState().slide?.info.id;
    if (!main || main === id) return told([], mpp);
    return told(readLandmarks(main, id, localStorage), mpp);
  }

  /** Let clicks on the main pane and on pane `n` set landmarks. */
  start(n: number): void {
    setState({ aligning: { n, pending: null }, paneMode: 'side', blinking: false });
    this.bench.clicked = (at) => this.clicked('main', at, getState().transform);
  }

  stop(): void {
    this.bench.clicked = null;
    setState({ aligning: null });
  }

  /** A click at a place of a pane (CSS px): the first point of a pair, or its partner. */
  clicked(side: keyof LandmarkPair, at: Point, view: ScreenTransform | null): void {
    const { aligning } = getState();
    if (!aligning || !view) return;
    const { n, pending } = aligning;
    const point = unapply(view, at.x, at.y);
    if (!pending || pending.side === side) {
      setState({ aligning: { n, pending: { side, at: point } } });
      return;
    }
    const [main, other] = side === 'main' ? [point, pending.at] : [pending.at, point];
    setState({ aligning: { n, pending: null } });
    this.put(n, [...paneOf(n).pairs, { main, other }]);
  }

  move(n: number, index: number, side: keyof LandmarkPair, to: Point): void {
    this.put(
      n,
      paneOf(n).pairs.map((pair, i) => (i === index ? { ...pair, [side]: to } : pair)),
    );
  }

  remove(n: number, index: number): void {
    this.put(
      n,
      paneOf(n).pairs.filter((_, i) => i !== index),
    );
  }

  clear(n: number): void {
    this.put(n, []);
  }

  /** Set all landmarks of a pane at once. Throws `format` when they tell no map, and changes nothing. */
  set(n: number, pairs: readonly LandmarkPair[]): Alignment {
    const { alignment, trouble } = told(pairs, paneOf(n).slide.mpp);
    if (!alignment) throw new CytolensError('format', trouble ?? troubleOf(pairs) ?? '');
    this.put(n, pairs);
    return alignment;
  }

  private put(n: number, pairs: readonly LandmarkPair[]): void {
    const { slide } = paneOf(n);
    const main = getState().slide?.info.id;
    patchPane(n, told(pairs, slide.mpp));
    if (main && main !== slide.info.id) writeLandmarks(main, slide.info.id, pairs, localStorage);
    this.changed(n);
  }
}

/** Without a scale lengths stay in px, and the screen says so. */
function told(pairs: readonly LandmarkPair[], mpp: number | null): Told {
  const enough = pairs.length > 1;
  const trouble = enough ? troubleOf(pairs) : null;
  const alignment = enough && !trouble ? alignmentOf(pairs, mpp ?? 1) : null;
  return { pairs: [...pairs], alignment, trouble };
}
