/** Panes from a script: `window.cytolens.panes()`. */
import type { ScreenTransform } from '../../core/affine.ts';
import type { Alignment, LandmarkPair } from '../../core/alignment.ts';
import type { SlideSource } from '../../slide/slide.ts';
import type { Commands } from '../commands.ts';
import { resolveSource } from '../slides.ts';
import { getState } from '../state.ts';
import { paneOf } from './patch.ts';
import type { PaneMode, PaneShows } from './state.ts';

export interface PaneFacts {
  n: number;
  id: string;
  name: string;
  mpp: number | null;
  locked: boolean;
  aligned: boolean;
  shows: PaneShows;
  /** Where its level-0 px lie on the pane, CSS px. */
  screen: ScreenTransform | null;
}

export interface PanesHandle {
  list(): PaneFacts[];
  /** A slide in a new pane, the main one's when left out; gives the pane's number. */
  open(source?: string | File | SlideSource): Promise<number>;
  close(n: number): void;
  lock(n: number, locked?: boolean): void;
  /** Set the landmarks of a pane and lock it by them. */
  align(n: number, pairs: readonly LandmarkPair[]): Alignment;
  /** What lies on a pane of the main pane's slide. */
  show(n: number, shows: PaneShows): Promise<void>;
  /** Head B beside the head in use, and B less it in a third pane. */
  compare(id: string): Promise<void>;
  mode(mode?: PaneMode): PaneMode;
}

export function panesHandle({ panes }: Commands): PanesHandle {
  return {
    list: () =>
      getState().panes.map(({ n, slide, locked, alignment, shows, transform }) => ({
        n,
        id: slide.info.id,
        name: slide.info.name,
        mpp: slide.mpp,
        locked,
        aligned: alignment !== null,
        shows,
        screen: transform,
      })),
    open: (source) => panes.add(source === undefined ? undefined : resolveSource(source)),
    close: (n) => panes.close(paneOf(n).n),
    lock: (n, locked = true) => panes.lock(paneOf(n).n, locked),
    align(n, pairs) {
      const alignment = panes.landmarks.set(n, pairs);
      panes.lock(n, true);
      return alignment;
    },
    show: (n, shows) => panes.comparing.show(paneOf(n).n, shows),
    compare: (id) => panes.comparing.compare(id),
    mode(mode) {
      if (mode) panes.setMode(mode);
      return getState().paneMode;
    },
  };
}
