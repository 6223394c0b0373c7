/**
 * Commands of the panes: up to three beside the main one, each a slide in a viewer of its own.
 * Views that are locked move together, whichever of them is moved.
 */
import { type Affine, IDENTITY, type ScreenTransform } from '../../core/affine.ts';
import { CytolensError, toCytolensError } from '../../core/errors.ts';
import type { Point } from '../../core/geometry.ts';
import { openSlideForView } from '../../slide/slide.client.ts';
import type { Slide, SlideSource } from '../../slide/slide.ts';
import type { Explaining } from '../explaining.ts';
import { type AppState, getState, report, setState, useApp } from '../state.ts';
import type { Workbench } from '../workbench.ts';
import { Landmarks } from './aligning.ts';
import { Comparing } from './comparing.ts';
import { followed, led, offsetNow } from './locking.ts';
import { Pane } from './pane.ts';
import { paneOf, patchPane } from './patch.ts';
import { BLINK_RATES, MAX_PANES, type PaneMode, type PanesState } from './state.ts';

export class Panes {
  readonly landmarks: Landmarks;
  readonly comparing: Comparing;
  private readonly shown = new Map<number, Pane>();
  /** Slides that are open and wait for their pane to stand. */
  private readonly opened = new Map<number, Slide>();
  private readonly standing = new Map<number, () => void>();
  /** By pane: from level-0 px of the main slide to its own, while it is locked. */
  private readonly maps = new Map<number, Affine>();
  /** The pane that is moved by hand just now: all others are led by it. */
  private leader: number | null = null;
  private readonly unsubscribe: () => void;

  constructor(
    private readonly bench: Workbench,
    explaining: Explaining,
  ) {
    this.landmarks = new Landmarks(bench, (n) => this.realigned(n));
    this.comparing = new Comparing(bench, explaining, (n) => this.shown.get(n) ?? null, this);
    this.unsubscribe = useApp.subscribe((now, before) => this.followState(now, before));
  }

  /**
   * Open a slide in a further pane; the main pane's own when left out, at the same place and locked.
   * Gives the pane's number. Throws what opening throws, and `too-large` with four panes open.
   */
  async add(source?: SlideSource): Promise<number> {
    const { slide: main } = getState();
    if (!main) throw new CytolensError('not-found', 'Open a slide in the main pane first.');
    const slide = await openSlideForView(source ?? main.source);
    const taken = getState().panes.map(({ n }) => n);
    const n = [2, 3, 4].find((free) => !taken.includes(free));
    if (n === undefined) {
      slide.close();
      throw new CytolensError('too-large', `${MAX_PANES} slides are open. Close a pane first.`);
    }
    const { info } = slide;
    const same = info.id === main.info.id;
    const mpp = info.mpp ?? (same ? main.mpp : null);
    this.opened.set(n, slide);
    const stands = new Promise<void>((resolve) => this.standing.set(n, resolve));
    const added = {
      n,
      slide: { info, source: source ?? main.source, mpp },
      locked: false,
      shows: { kind: 'tissue' },
      asking: null,
      legend: null,
      missing: null,
      transform: null,
      ...this.landmarks.kept(info.id, mpp),
    } as const;
    setState(({ panes }) => ({ panes: [...panes, added].sort((a, b) => a.n - b.n) }));
    await stands;
    return n;
  }

  /** As `add`, for a person: an error becomes a sentence on screen. */
  async addShown(source?: SlideSource): Promise<void> {
    setState({ openInPane: false, dialog: null });
    await this.add(source).catch((error) => report(toCytolensError(error)));
  }

  /** Close a pane and its slide. */
  close(n: number): void {
    if (getState().aligning?.n === n) this.landmarks.stop();
    setState(({ panes, paneMode, blinking }) => {
      const left = panes.filter((pane) => pane.n !== n);
      return left.length > 0
        ? { panes: left, paneMode, blinking }
        : { panes: left, paneMode: 'side', blinking: false };
    });
  }

  /** A pane's elements stand: its slide is shown there. */
  async attach(n: number, stage: HTMLElement, canvas: HTMLCanvasElement): Promise<void> {
    const pane = new Pane(stage, canvas, this.bench, {
      onMove: (byLead) => this.paneMoved(n, byLead),
      onRest: () => this.paneRested(n),
      onClick: (at) => this.clicked(n, at),
      onMissing: (count, error) =>
        patchPane(n, { missing: { count, reason: toCytolensError(error).message } }),
      onLegend: (legend) => patchPane(n, { legend }),
      onStale: () => this.comparing.stale(),
    });
    this.shown.set(n, pane);
    const slide = this.opened.get(n) ?? (await openSlideForView(paneOf(n).slide.source));
    this.opened.delete(n);
    await pane.open(slide);
    // It may have been closed meanwhile.
    if (this.shown.get(n) !== pane) return;
    void pane.develop(getState().shownAs);
    const known = this.mapTold(n);
    if (known) this.lockBy(n, known);
    else patchPane(n, { transform: pane.transform() });
    this.stood(n);
  }

  /** A pane's elements go: its viewer, overlay and slide go with them. */
  detach(n: number): void {
    this.shown.get(n)?.destroy();
    this.shown.delete(n);
    this.maps.delete(n);
    if (this.leader === n) this.leader = null;
    this.stood(n);
  }

  /**
   * Move with the main pane, or alone. Landmarks say how the slides lie; without them the two views
   * stay as far apart as they are, at the same um per screen px.
   */
  lock(n: number, locked: boolean): void {
    const pane = this.shown.get(n);
    const { transform, slide: main } = getState();
    if (!pane || !transform || !main) return;
    if (!locked) {
      this.maps.delete(n);
      pane.free();
      patchPane(n, { locked, transform: pane.transform() });
      return;
    }
    const { slide, alignment } = paneOf(n);
    const scale = main.mpp && slide.mpp ? main.mpp / slide.mpp : null;
    this.lockBy(n, alignment?.map ?? offsetNow(transform, pane.transform(), scale));
  }

  lockAll(locked: boolean): void {
    for (const { n } of getState().panes) this.lock(n, locked);
  }

  /** Side by side, or the first further pane laid over the main one; it is locked then. */
  setMode(paneMode: PaneMode): void {
    const [first] = getState().panes;
    if (!first && paneMode !== 'side') return;
    this.landmarks.stop();
    if (paneMode !== 'side' && !first.locked) this.lock(first.n, true);
    // Who asked for less motion starts the blinking themselves.
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    setState({ paneMode, blinking: paneMode === 'blink' && !still });
  }

  /** Shares of the pane area and its look; values out of range are brought into it. */
  set(change: Partial<Pick<PanesState, 'split' | 'swipe' | 'blinkRate' | 'cellsOnTop'>>): void {
    const within = (v: number, low: number, high: number) => Math.min(high, Math.max(low, v));
    const { split, swipe, blinkRate, ...rest } = change;
    setState({
      ...rest,
      ...(split && { split: { x: within(split.x, 0.2, 0.8), y: within(split.y, 0.2, 0.8) } }),
      ...(swipe !== undefined && { swipe: within(swipe, 0, 1) }),
      ...(blinkRate !== undefined && {
        blinkRate: within(blinkRate, BLINK_RATES.least, BLINK_RATES.most),
      }),
    });
  }

  /** Ask again for the tiles that could not be had. */
  retryMissing(n: number): void {
    patchPane(n, { missing: null });
    this.shown.get(n)?.viewer.retryMissing();
  }

  destroy(): void {
    this.unsubscribe();
  }

  /** Whoever waits for a pane waits no longer. */
  private stood(n: number): void {
    this.standing.get(n)?.();
    this.standing.delete(n);
  }

  private followState(now: AppState, before: AppState): void {
    // The dialog was put away without a choice: the next slide is the main pane's again.
    if (now.openInPane && before.dialog && !now.dialog) setState({ openInPane: false });
    if (now.slide?.info.id !== before.slide?.info.id) this.mainChanged();
    // Told every frame that is drawn, moved or not: a pane under way by itself is not to be stopped.
    if (String(valuesOf(now.transform)) !== String(valuesOf(before.transform))) this.mainMoved();
    if (now.legend !== before.legend) this.comparing.matchColours();
    if (now.shownAs !== before.shownAs) {
      for (const pane of this.shown.values()) void pane.develop(now.shownAs);
    }
  }

  /** Another slide in the main pane: what was known of how it lies is of the former. */
  private mainChanged(): void {
    if (getState().aligning) this.landmarks.stop();
    for (const { n, slide } of getState().panes) {
      patchPane(n, this.landmarks.kept(slide.info.id, slide.mpp));
      this.comparing.rest(n);
      const map = this.mapTold(n);
      if (map) this.maps.set(n, map);
      else this.lock(n, false);
    }
  }

  /** How a pane's slide lies to the main one as far as is known: it is the same, or aligned. */
  private mapTold(n: number): Affine | null {
    const { slide, alignment } = paneOf(n);
    if (alignment) return alignment.map;
    return slide.info.id === getState().slide?.info.id ? IDENTITY : null;
  }

  private lockBy(n: number, map: Affine): void {
    this.maps.set(n, map);
    this.leader = null;
    patchPane(n, { locked: true });
    this.lead(n);
  }

  /** Landmarks were set, moved or taken away. */
  private realigned(n: number): void {
    const { locked, alignment } = paneOf(n);
    if (locked && alignment) this.lockBy(n, alignment.map);
  }

  private mainMoved(): void {
    for (const n of this.maps.keys()) if (n !== this.leader) this.lead(n);
  }

  /** Bring a locked pane to where the main one is. */
  private lead(n: number): void {
    const [pane, map] = [this.shown.get(n), this.maps.get(n)];
    const { transform } = getState();
    if (!pane || !map || !transform) return;
    pane.follow(followed(transform, map, pane.viewer.transform()));
    patchPane(n, { transform: pane.transform() });
  }

  private paneMoved(n: number, byLead: boolean): void {
    const [pane, map] = [this.shown.get(n), this.maps.get(n)];
    const { transform } = getState();
    if (!pane) return;
    if (map && pane.resized()) {
      this.lead(n);
      return;
    }
    if (map && transform && !byLead) {
      this.leader = n;
      this.bench.viewer.follow(led(pane.transform(), map, transform));
    }
    patchPane(n, { transform: pane.transform() });
  }

  private paneRested(n: number): void {
    if (this.leader !== n) return;
    this.leader = null;
    this.lead(n);
  }

  private clicked(n: number, at: Point): void {
    if (getState().aligning?.n === n) this.landmarks.clicked('other', at, paneOf(n).transform);
    else {
      const pane = this.shown.get(n);
      const { slide } = getState();
      if (pane && slide?.info.id === paneOf(n).slide.info.id) {
        void this.bench.select(pane.cells.pick(at.x, at.y));
      }
    }
  }
}

function valuesOf(transform: ScreenTransform | null): number[] {
  return transform ? Object.values(transform) : [];
}
