/**
 * The audit of an encoder from a table of labelled embeddings, as text: `npm run audit -- FILE.csv`.
 * docs/trust.md says what the columns and the figures are.
 */
import { readFile } from 'node:fs/promises';
import { auditSet } from '../src/audit/audit-set.ts';
import type { Estimate } from '../src/audit/robustness.ts';
import { samplesFromCsv } from '../src/audit/table.ts';
import { isCytolensError } from '../src/core/errors.ts';

const number = (value: number | null) => (value === null ? '-' : value.toFixed(3));
const told = ({ value, interval }: Estimate) =>
  `${number(value)}${interval ? ` (${interval.map(number).join(' to ')})` : ''}`;

async function main(file: string | undefined): Promise<void> {
  if (!file) throw new Error('Name a table of labelled embeddings: npm run audit -- FILE.csv');
  const set = samplesFromCsv(await readFile(file, 'utf8'));
  const { robustness: r, clusters: c, spectrum: s } = await auditSet(set);
  const { ss, so, os, oo } = r.counts;
  const rows: [what: string, value: string][] = [
    ['samples, dimensions', `${set.n}, ${set.dim}`],
    [
      'classes, centres, groups',
      `${set.biologyNames.length}, ${set.centreNames.length}, ${set.groupNames.length}`,
    ],
    [
      'k, by balanced accuracy of biology',
      `${r.k} (${r.accuracies.map((a) => `${a.k}: ${number(a.accuracy)}`).join(', ')})`,
    ],
    ['robustness index (neutral 0.5)', told(r.index)],
    ['robustness ratio (neutral 1)', told(r.ratio)],
    ['margin-aware robustness index', told(r.marginAware)],
    ['margin, median', told(r.margin)],
    ['margin, mean of the lowest tenth', told(r.marginLow)],
    ['share of margins at or below 0', told(r.marginNotPositive)],
    ['support', number(r.support)],
    ['neighbours SS, SO, OS, OO', [ss, so, os, oo].join(', ')],
    [
      'clusters: Rand with biology, centre',
      `${number(c.biology)}, ${number(c.centre)} (k ${c.clusters})`,
    ],
    ['clusters: biology minus centre', `${number(c.score)} ± ${number(c.deviation)}`],
    ['effective rank', number(s.effectiveRank)],
    ['skewness, excess kurtosis', `${number(s.skewness)}, ${number(s.kurtosis)}`],
  ];
  console.log('| measure | value (95 % over groups) |\n| --- | --- |');
  for (const row of rows) console.log(`| ${row.join(' | ')} |`);
}

main(process.argv[2]).catch((error) => {
  console.error(isCytolensError(error) || error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
