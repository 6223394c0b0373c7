/** Is the slide's scale plausible? By what it says of itself, and by the size of the nuclei found. */
import type { CellTable } from '../core/cells.ts';

/** Fewer nuclei say nothing of the scale. */
export const LEAST_CELLS = 50;
/** Median nuclei of routine sections lie between these, um across (a circle of the same area). */
export const NUCLEUS_UM = [3.5, 12] as const;
/** Scanners write between these, um per level-0 px: 100x down to 10x. */
const SCANNED_MPP = [0.08, 1.05] as const;

/** Median diameter of a circle of each nucleus' area, um; null below 50 nuclei. */
export function medianDiameter({ area, count }: Pick<CellTable, 'area' | 'count'>): number | null {
  if (count < LEAST_CELLS) return null;
  const sorted = area.slice(0, count).sort();
  return 2 * Math.sqrt(sorted[count >> 1] / Math.PI);
}

/** In a word: with no doubt and too few nuclei (`diameter` null) the rule could not be applied. */
export function scaleVerdict(
  doubt: string | null,
  diameter: number | null,
): 'doubtful' | 'plausible' | 'not known' {
  if (doubt) return 'doubtful';
  return diameter === null ? 'not known' : 'plausible';
}

/**
 * A sentence where the scale cannot be right, or is too coarse for models that read `neededMpp`; null
 * where nothing speaks against it. `mpp` in um per level-0 px, `diameter` in um.
 */
export function scaleDoubt(
  mpp: number | null,
  neededMpp: number,
  diameter: number | null,
): string | null {
  if (mpp === null) return 'The slide does not say its scale: enter it before analysing.';
  const [finest, coarsest] = SCANNED_MPP;
  if (mpp < finest || mpp > coarsest) {
    return `A scale of ${mpp.toFixed(3)} µm per pixel is not what slide scanners write: check it.`;
  }
  if (mpp > 1.2 * neededMpp) {
    return `The slide has ${mpp.toFixed(2)} µm per pixel and the models read ${neededMpp.toFixed(2)}: it lacks the detail they learned from.`;
  }
  const [small, large] = NUCLEUS_UM;
  if (diameter !== null && (diameter < small || diameter > large)) {
    return `Half of the nuclei found are ${diameter < small ? 'smaller' : 'larger'} than ${diameter.toFixed(1)} µm across; ${small} to ${large} µm is usual. The slide’s scale may be wrong.`;
  }
  return null;
}
