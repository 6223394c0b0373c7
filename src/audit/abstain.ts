/** When not to answer (methods sheet, section 5). */

/** Above this share of fields unlike known tissue there is no answer. */
export const MOST_UNFAMILIAR = 0.2;

/**
 * Why a score is no answer, in a sentence; null when it is one. `unfamiliar`: share of the fields
 * beyond the bank's threshold, null where it is not known.
 */
export function noAnswer(unfamiliar: number | null): string | null {
  if (unfamiliar === null || unfamiliar <= MOST_UNFAMILIAR) return null;
  const [share, most] = [unfamiliar, MOST_UNFAMILIAR].map((v) => `${(100 * v).toFixed(0)} %`);
  return `${share} of the analysed fields are unlike all tissue that the encoder knows; more than ${most} are too many.`;
}
