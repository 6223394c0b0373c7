/** The analysis under way, and the tissue it is to run on, as React reads them. */
import type { Rect } from '../core/geometry.ts';

export type RunPhase = 'idle' | 'running' | 'paused' | 'watching' | 'done' | 'cancelled';

/** Seconds a field takes when nothing was measured yet: a laptop without a GPU. */
export const TYPICAL_FIELD_S = 0.35;

export interface Run {
  phase: RunPhase;
  /** The view that was on screen, or the whole slide. */
  scope: 'region' | 'slide';
  /** Level-0 px. */
  region: Rect | null;
  done: number;
  total: number;
  /** Fields left out: bare glass; out of focus. */
  skipped: number;
  blurred: number;
  /** Fields done before this stretch of work began: rates are of the rest. */
  before: number;
  /** Wall time of this stretch so far and at the end, ms; time inside the models' calls, ms. */
  ms: number;
  modelMs: number;
  /** Why results are not kept on disk; null when they are, or were not to be. */
  notKept: string | null;
}

export const NO_RUN: Run = {
  phase: 'idle',
  scope: 'region',
  region: null,
  done: 0,
  total: 0,
  skipped: 0,
  blurred: 0,
  before: 0,
  ms: 0,
  modelMs: 0,
  notKept: null,
};

/** The tissue mask before a slide is analysed; the mask itself stays outside of React. */
export interface Tissue {
  stage: 'finding' | 'found' | 'painting';
  /** Share read while it is being found. */
  share: number;
  /** Tissue, um2, and fields to analyse. */
  area: number;
  fields: number;
  /** Squares that look like pen, as a share of tissue and pen. */
  pen: number;
  brush: { kind: 'tissue' | 'glass'; radius: number };
}

/** A row of the list of kept results. */
export interface KeptResult {
  path: string;
  name: string;
  slideId: string | null;
  /** ISO 8601. */
  created: string | null;
  fields: number;
  total: number;
  done: boolean;
  bytes: number;
  models: string[];
  problem: string | null;
}

export interface Kept {
  list: KeptResult[];
  /** Bytes used and allowed, the browser's estimate. */
  used: number;
  quota: number;
  /** Why nothing can be kept here. */
  problem: string | null;
}

export interface RunState {
  run: Run;
  tissue: Tissue | null;
  /** The next view is analysed in fine mode. */
  fine: boolean;
  /** Reading kept results back: fields read, of how many; null when not. */
  restoring: { done: number; total: number } | null;
  /** Null until it was asked for. */
  kept: Kept | null;
}

export const RUN_STATE: RunState = {
  run: NO_RUN,
  tissue: null,
  fine: false,
  restoring: null,
  kept: null,
};
