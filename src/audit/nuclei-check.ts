/** Are most nuclei missed? What is said of the share that `missedShare` gives. */
import { formatPercent } from '../core/units.ts';

/**
 * Above this share of the area stained like nuclei outside of every outline, most nuclei count as
 * missed. Slides whose nuclei are outlined lie at 0.38 or below, those whose nuclei are plainly
 * missed at 0.85 or above (docs/trust.md).
 */
export const MOST_MISSED = 0.5;

/** What the share is of, for a label. */
export const MISSED_LABEL = 'Stained like nuclei, outside of every outline';

/** A sentence where most nuclei are missed; null where they are not, or it is not known. */
export function missedNuclei(share: number | null): string | null {
  if (share === null || share <= MOST_MISSED) return null;
  return `${formatPercent(share)} of the area stained like nuclei lies outside of every outline: most nuclei are missed here. Do not rely on counts, densities or the colours of cells; compare the outlines with the tissue.`;
}
