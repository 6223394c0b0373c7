/** Panes beside the main one, as React reads them; viewers and columns stay with the commands. */
import type { ScreenTransform } from '../../core/affine.ts';
import type { Alignment, LandmarkPair } from '../../core/alignment.ts';
import type { Point } from '../../core/geometry.ts';
import type { Legend } from '../../overlay/legend.ts';
import type { OverlayValue } from '../../overlay/style.ts';
import type { SlideInfo, SlideSource } from '../../slide/slide.ts';

/** What lies on a pane that shows the main pane's slide. */
export type PaneShows =
  | { kind: 'tissue' }
  /** The head in use. */
  | { kind: 'own'; value: OverlayValue }
  /** Another head's contributions. */
  | { kind: 'head'; id: string }
  /** Another head's contributions less those of the head in use. */
  | { kind: 'difference'; id: string };

export interface PaneState {
  /** 2, 3 or 4: what a person calls it. The main pane is 1. */
  n: number;
  /** `mpp`: um per level-0 px, the slide's own or what the user entered for the same slide. */
  slide: { info: SlideInfo; source: SlideSource; mpp: number | null };
  locked: boolean;
  shows: PaneShows;
  /** How far the other head has been asked, in fields; null when it is not being asked. */
  asking: { done: number; total: number } | null;
  legend: Legend | null;
  /** Tiles that could not be had, and why the last one could not. */
  missing: { count: number; reason: string } | null;
  /** Where its level-0 px lie on the pane, what CSS adds included. */
  transform: ScreenTransform | null;
  pairs: LandmarkPair[];
  /** What the pairs tell; null when they tell no map, and `trouble` says why. */
  alignment: Alignment | null;
  trouble: string | null;
}

/** Landmarks are being set on a pane and the main one. */
export interface Aligning {
  n: number;
  /** The first point of a pair, while its partner is awaited. */
  pending: { side: keyof LandmarkPair; at: Point } | null;
}

/** Side by side, or one pane laid over the main one, behind a divider or in turns. */
export type PaneMode = 'side' | 'swipe' | 'blink';

export interface PanesState {
  panes: PaneState[];
  paneMode: PaneMode;
  /** Share of the width and the height that the first column and row take. */
  split: { x: number; y: number };
  /** Share of the width left of the divider, where the main pane's slide is seen. */
  swipe: number;
  /** Changes from one slide to the other, a second. */
  blinkRate: number;
  blinking: boolean;
  /** The main pane's cells lie over both slides. */
  cellsOnTop: boolean;
  aligning: Aligning | null;
  /** The next slide that is opened goes to a new pane. */
  openInPane: boolean;
}

export const MAX_PANES = 4;
/** Flashes at up to three a second are held to be safe (WCAG 2.2, 2.3.1): two changes each. */
export const BLINK_RATES = { least: 0.5, most: 3 } as const;

export const NO_PANES: PanesState = {
  panes: [],
  paneMode: 'side',
  split: { x: 0.5, y: 0.5 },
  swipe: 0.5,
  blinkRate: 1,
  blinking: false,
  cellsOnTop: true,
  aligning: null,
  openInPane: false,
};

/** The pane that lies over the main one; null when all stand side by side. */
export function laidOver({ panes, paneMode }: PanesState): PaneState | null {
  return paneMode === 'side' ? null : (panes[0] ?? null);
}
