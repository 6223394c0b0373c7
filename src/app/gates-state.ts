import type { Histograms } from '../overlay/histograms.ts';

export interface GatesState {
  /** Of the cells found so far, while the Cells panel is looked at. */
  histograms: Histograms | null;
}

export const NO_GATES: GatesState = { histograms: null };
