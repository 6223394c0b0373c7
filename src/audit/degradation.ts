/**
 * What a task loses as its training labels get entangled with the centre. Rows of `accuracies` are
 * balanced accuracies: row 0 from balanced training data, every further row from data that are
 * more confounded; a column is one repetition.
 */
import { CytolensError } from '../core/errors.ts';

/**
 * Average performance drop (arXiv:2507.17845): mean over repetitions of the mean over confounded
 * rows of accuracy / balanced accuracy, minus 1. 0: nothing is lost. Throws `format`.
 */
export function averageDrop(accuracies: readonly (readonly number[])[]): number {
  check(accuracies);
  const [balanced, ...confounded] = accuracies;
  if (balanced.some((accuracy) => accuracy <= 0)) {
    throw new CytolensError(
      'format',
      'The balanced baseline has an accuracy of 0 in some repetition, so no drop from it can be told.',
    );
  }
  const drops = balanced.map((base, r) => meanOf(confounded.map((row) => row[r] / base)) - 1);
  return meanOf(drops);
}

/**
 * Normalized integrated performance degradation: the area under (mean accuracy - baseline) /
 * (baseline - chance) over Cramer's V from 0 to 1, by trapezoids. A straight fall to chance is
 * -0.5. `strengths` rises from 0 to 1, one a row; `chance` is 1 / classes. Throws `format`.
 */
export function integratedDegradation(
  accuracies: readonly (readonly number[])[],
  strengths: readonly number[],
  chance: number,
): number {
  check(accuracies);
  const rises = strengths.every((v, i) => i === 0 || v > strengths[i - 1]);
  if (strengths.length !== accuracies.length || !rises || strengths[0] !== 0) {
    throw new CytolensError(
      'format',
      'The strengths of confounding must rise from 0 to 1, one for every row of accuracies.',
    );
  }
  const means = accuracies.map(meanOf);
  const skill = means[0] - chance;
  if (skill <= 0) {
    throw new CytolensError(
      'format',
      'Even with balanced training data the task is not told better than by chance, so nothing can degrade.',
    );
  }
  const lost = means.map((mean) => (mean - means[0]) / skill);
  let area = 0;
  for (let i = 1; i < lost.length; i++) {
    area += ((strengths[i] - strengths[i - 1]) * (lost[i] + lost[i - 1])) / 2;
  }
  return area;
}

/** Cramer's V of a table of counts (rows: biology, columns: centre): 0 independent, 1 entangled. */
export function cramersV(table: readonly (readonly number[])[]): number {
  const rows = table.map((row) => row.reduce((a, b) => a + b, 0));
  const columns = table[0].map((_, c) => table.reduce((sum, row) => sum + row[c], 0));
  const total = rows.reduce((a, b) => a + b, 0);
  let chi2 = 0;
  table.forEach((row, r) => {
    row.forEach((count, c) => {
      const expected = (rows[r] * columns[c]) / total;
      if (expected > 0) chi2 += (count - expected) ** 2 / expected;
    });
  });
  const used = (sums: number[]) => sums.filter((sum) => sum > 0).length;
  const least = Math.min(used(rows), used(columns)) - 1;
  return least > 0 ? Math.sqrt(chi2 / (total * least)) : 0;
}

function check(accuracies: readonly (readonly number[])[]): void {
  const columns = accuracies[0]?.length ?? 0;
  const whole =
    accuracies.length > 1 &&
    columns > 0 &&
    accuracies.every((row) => row.length === columns && row.every(Number.isFinite));
  if (whole) return;
  throw new CytolensError(
    'format',
    'The accuracies need a balanced row and at least one confounded row, all of the same length and all numbers.',
  );
}

function meanOf(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}
