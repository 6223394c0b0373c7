/** The published rules an encoder passes or fails, in words. */
import type { EncoderAudit } from './encoder-audit.ts';

export interface RuleVerdict {
  rule: string;
  /** The measure it is decided by (`Measure.id`), where it is defined. */
  measure: string;
  /** Null where the data do not decide. */
  passed: boolean | null;
  text: string;
}

/** Largest loss of neighbours at 90 degrees, and of F1 points between classes (arXiv:2510.23807). */
const MOST_DROP = 0.2;
const MOST_SPREAD = 30;

export function verdictsOf(audit: EncoderAudit): RuleVerdict[] {
  return [robust(audit), ...turning(audit), ...even(audit)];
}

/** Does biology outweigh the centre? */
function robust({ measures: { robustness }, set }: EncoderAudit): RuleVerdict {
  // Where all samples can be asked this is the index itself.
  const rule = { rule: 'Robustness index above 0.5', measure: 'index-both' };
  const { value, interval } = robustness.answerableIndex;
  if (value === null) {
    return {
      ...{ ...rule, passed: null },
      text: 'No class was seen by two centres that saw another class too: the question cannot be asked of this set.',
    };
  }
  const some = robustness.answerable < set.samples;
  const shown = `${value.toFixed(2)}${some ? ` over the ${robustness.answerable.toLocaleString('en')} of ${set.samples.toLocaleString('en')} samples that can be asked` : ''}`;
  if (!interval) {
    return {
      ...{ ...rule, passed: null },
      text: `${shown}, with fewer than five slides or patients: too few for an interval, so not decided.`,
    };
  }
  const [low, high] = interval;
  const range = `${shown} (95 % ${low.toFixed(2)} to ${high.toFixed(2)})`;
  if (low > 0.5) {
    return { ...rule, passed: true, text: `${range}: biology outweighs the centre.` };
  }
  if (high < 0.5) {
    return { ...rule, passed: false, text: `${range}: the centre outweighs biology.` };
  }
  return { ...rule, passed: null, text: `${range}: not told apart from neutral.` };
}

/** Published by value alone, so decided by value alone. */
function turning({ rotation }: EncoderAudit): RuleVerdict[] {
  const kept = rotation?.angles.find(({ angle }) => angle === 90)?.kept.value;
  if (!rotation || kept === null || kept === undefined) return [];
  const drop = 1 - kept;
  return [
    {
      rule: `At 90°, at most ${MOST_DROP} of the neighbours lost`,
      measure: 'quarter',
      passed: drop <= MOST_DROP,
      text: `${drop.toFixed(2)} lost (${rotation.samples} tiles, k ${rotation.k}).`,
    },
  ];
}

/** A class that could not be asked for may be worse: too large a spread is decided, a small one not. */
function even({ retrieval, set }: EncoderAudit): RuleVerdict[] {
  if (retrieval === null || typeof retrieval === 'string' || retrieval.classes.length < 2)
    return [];
  const sorted = retrieval.classes.toSorted((a, b) => a.dense - b.dense);
  const [worst, best] = [sorted[0], sorted[sorted.length - 1]];
  const spread = 100 * (best.dense - worst.dense);
  const [asked, all] = [sorted.length, set.classes.length];
  const over =
    asked < all
      ? ` over ${asked} of ${all} classes, the others being of one slide or patient each`
      : '';
  return [
    {
      rule: `At most ${MOST_SPREAD} F1 points between classes`,
      measure: 'f1-spread',
      passed: spread > MOST_SPREAD ? false : asked < all ? null : true,
      text: `${spread.toFixed(1)} points${over}: ${best.name} ${best.dense.toFixed(3)}, ${worst.name} ${worst.dense.toFixed(3)}.`,
    },
  ];
}
