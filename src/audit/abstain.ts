/** When not to answer (methods sheet, section 5). */
import { formatPercent } from '../core/units.ts';
import type { HeadCalibration } from '../model/manifest.ts';

/** Above this share of fields unlike known tissue there is no answer. */
export const MOST_UNFAMILIAR = 0.2;

/** Which classes a conformal set holds. */
export type ConformalSet = 'negative' | 'positive' | 'both' | 'none';

/** What a head's manifest says of its sets. */
export type Conformal = HeadCalibration['conformal'];

/**
 * The set of a probability of the positive class: every class whose own probability is at least
 * 1 - quantile (split conformal, Angelopoulos and Bates 2021, arXiv:2107.07511;
 * training/head/conformal.py).
 */
export function conformalSet(probability: number, quantile: number): ConformalSet {
  const [negative, positive] = [probability <= quantile, 1 - probability <= quantile];
  if (negative && positive) return 'both';
  if (negative) return 'negative';
  return positive ? 'positive' : 'none';
}

/** What the rule has to know of a score and its head. */
export interface Doubted {
  /** Of the positive class. */
  probability: number;
  /** Share of the fields beyond the bank's threshold, null where it is not known. */
  unfamiliar: number | null;
  /** Null where the head has no held-out calibration: then this says nothing against it. */
  conformal: Conformal | null;
}

/** Every reason why a score is no answer, in sentences; null when it is one. */
export function noAnswer({ probability, unfamiliar, conformal }: Doubted): string | null {
  const reasons = [unfamiliarTissue(unfamiliar), conformal && undecided(probability, conformal)];
  return reasons.filter((reason) => reason !== null).join(' ') || null;
}

/** Why nothing should be believed of these fields, whatever is asked of them; null where it may be. */
export function unfamiliarTissue(unfamiliar: number | null): string | null {
  if (unfamiliar === null || unfamiliar <= MOST_UNFAMILIAR) return null;
  const [share, most] = [unfamiliar, MOST_UNFAMILIAR].map(formatPercent);
  return `${share} of the analysed fields are unlike all tissue that the encoder knows; more than ${most} are too many.`;
}

function undecided(probability: number, { alpha, quantile }: Conformal): string | null {
  const set = conformalSet(probability, quantile);
  if (set === 'negative' || set === 'positive') return null;
  const held = `${formatPercent(1 - alpha)} of held-out fields gave their true class at least ${(1 - quantile).toFixed(2)}`;
  return set === 'both'
    ? `Both classes stay possible: ${held}, and here both classes have as much.`
    : `Neither class fits: ${held}, and here neither class has as much.`;
}
