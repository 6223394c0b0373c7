/**
 * Whether values are counts, or were normalised or logged before. Expression is taken relative to
 * all genes of a sample, so normalised values serve as well as counts, and logarithms do once they
 * are undone.
 */
import { CytolensError } from '../../core/errors.ts';
import { brokenNote, brokenShare, type Counts } from '../spatial/counts.ts';

/** Below this share of values that are not whole numbers they are counts with some rounding. */
const BROKEN = 0.01;
/** No logarithm of a count, CPM or TPM is larger: 2^30 is a thousand million. */
const LARGEST_LOG = 30;
/** Totals that differ by less, as a share of their mean, were made equal. */
const EQUAL = 0.02;
/** What tools scale a sample to. */
const USUAL = [1, 1e4, 1e5, 1e6];
const BASES: [name: string, undo: (value: number) => number][] = [
  ['natural logarithms (log1p)', Math.expm1],
  ['logarithms to base 2', (value) => 2 ** value - 1],
  ['logarithms to base 10', (value) => 10 ** value - 1],
];

export interface Scaled {
  counts: Counts;
  /** False where the values were normalised: their sums are no depth. */
  depthKnown: boolean;
}

/**
 * Counts that can be taken per 10,000; `notes` gets a sentence for what is not counts. Throws
 * `format` for logarithms of no base that makes the samples' sums equal.
 */
export function scaled(counts: Counts, notes: string[]): Scaled {
  const share = brokenShare(counts);
  if (share < BROKEN) return { counts, depthKnown: true };
  const largest = counts.values.reduce((most, value) => Math.max(most, value), 0);
  const asIs = { name: null, counts, unlike: unlikeness(counts.totals) };
  const undone = BASES.map(([name, undo]) => {
    const tried = changed(counts, undo);
    return { name, counts: tried, unlike: unlikeness(tried.totals) };
  });
  const ways = largest > LARGEST_LOG ? [asIs] : [asIs, ...undone];
  const best = ways.reduce((a, b) => (b.unlike < a.unlike ? b : a));
  if (best.unlike <= EQUAL) {
    const total = Math.round(middleOf(best.counts.totals)).toLocaleString('en');
    notes.push(
      best.name === null
        ? `Every sample sums to ${total}: normalised values, taken as they are.`
        : `The values are ${best.name}: undone. Every sample then sums to ${total}.`,
    );
    return { counts: best.counts, depthKnown: false };
  }
  if (largest > LARGEST_LOG) {
    notes.push(brokenNote(share));
    return { counts, depthKnown: true };
  }
  throw new CytolensError(
    'format',
    'These values are not counts: they look like logarithms or corrected values, and no base gives all samples the same sum. Export the raw counts, CPM or TPM of all genes.',
    `largest value ${largest}`,
  );
}

/**
 * How far totals are from being made equal: their largest distance from the middle one, as a share
 * of it; of one sample, from a usual total. Ways that are alike otherwise differ by the latter.
 */
function unlikeness(totals: Float64Array): number {
  const middle = middleOf(totals);
  const apart = (from: number) => (total: number) => Math.abs(total - from) / from;
  const filled = [...totals].filter((total) => total > 0);
  const usual = Math.min(...USUAL.map((total) => apart(total)(middle)));
  if (filled.length < 2) return usual;
  return filled.map(apart(middle)).reduce((most, d) => Math.max(most, d), 0) + usual * 1e-9;
}

/** Median of the totals above 0; 1 for none. */
function middleOf(totals: Float64Array): number {
  const sorted = totals.filter((total) => total > 0).sort();
  return sorted[sorted.length >> 1] ?? 1;
}

function changed(counts: Counts, undo: (value: number) => number): Counts {
  const { starts } = counts;
  const values = counts.values.map(undo);
  const totals = Float64Array.from(counts.totals, (_, spot) => {
    let sum = 0;
    for (let i = starts[spot]; i < starts[spot + 1]; i++) sum += values[i];
    return sum;
  });
  return { ...counts, values, totals };
}
