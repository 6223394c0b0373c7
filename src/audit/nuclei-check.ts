/** Are many nuclei missed? What is said of the share that `missedShare` gives. */
import { formatPercent } from '../core/units.ts';

/**
 * Above this share of the area stained like nuclei outside of every outline, many nuclei count as
 * missed. Slides whose nuclei are outlined lie at 0.38 or below, those whose nuclei are plainly
 * missed at 0.85 or above (docs/trust.md).
 */
export const MANY_MISSED = 0.5;

/** What the share is of, for a label. */
export const MISSED_LABEL = 'Stained like nuclei, outside of every outline';

/** A sentence where many nuclei are missed; null where they are not, or it is not known. */
export function missedNuclei(share: number | null): string | null {
  if (share === null || share <= MANY_MISSED) return null;
  return `${formatPercent(share)} of the area stained like nuclei lies outside of every outline: many nuclei are missed here, unless it is keratin or pigment. Compare the outlines with the tissue before you rely on counts, densities or the colours of cells.`;
}
