/**
 * The audit of encoders from files of labelled embeddings, a column an encoder:
 * `npm run audit -- A.csv B.npy B-labels.csv`.
 * With `--encoder ID`, of a folder of labelled tiles (audit-tiles.ts).
 * docs/trust.md says what the files and the figures are.
 */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { auditSet, type SetAudit } from '../src/audit/audit-set.ts';
import { readEncoders, samplesDiffer } from '../src/audit/read/read-embeddings.ts';
import type { Estimate } from '../src/audit/robustness.ts';
import type { SampleSet } from '../src/audit/samples.ts';
import { isCytolensError } from '../src/core/errors.ts';

const number = (value: number | null) => (value === null ? '-' : value.toFixed(3));
const told = ({ value, interval }: Estimate) =>
  `${number(value)}${interval ? ` (${interval.map(number).join(' to ')})` : ''}`;

type Row = [what: string, value: string];

async function main(paths: readonly string[]): Promise<void> {
  if (paths.length === 0) {
    throw new Error(
      'Name labelled embeddings, one file an encoder: npm run audit -- A.csv B.npy B-labels.csv',
    );
  }
  const files = paths.map((path) => ({ name: basename(path), bytes: () => readFile(path) }));
  const sets = await readEncoders(files);
  const audits: Row[][] = [];
  for (const set of sets) audits.push(rowsOf(set, await auditSet(set)));
  const head = ['measure (95 % over groups)', ...sets.map(({ encoder, file }) => encoder ?? file)];
  const line = (fields: readonly string[]) => console.log(`| ${fields.join(' | ')} |`);
  line(head);
  line(head.map(() => '---'));
  audits[0].forEach(([what], i) => {
    line([what, ...audits.map((rows) => rows[i][1])]);
  });
  for (const { file, leftOut } of sets) {
    if (leftOut.length > 0) console.log(`\n${file}, not read: ${leftOut.join(', ')}.`);
  }
  const differ = samplesDiffer(sets);
  if (differ) console.log(`\nThese figures do not compare encoder with encoder. ${differ}`);
}

function rowsOf(set: SampleSet, { robustness: r, clusters: c, spectrum: s }: SetAudit): Row[] {
  const { ss, so, os, oo } = r.counts;
  return [
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
    ['index where it can be asked', `${told(r.answerableIndex)}, ${r.answerable} samples`],
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
}

/** Of tiles, with encoders named by `--encoder` or `--model`. */
async function tiles(folder: string, encoders: string[], turned?: string, out?: string) {
  const { auditTiles, tableOf, writeAudits } = await import('./audit-tiles.ts');
  const audits = await auditTiles({
    folder,
    encoders,
    turned: turned ? Number(turned) : undefined,
  });
  console.log(tableOf(audits));
  if (out) await writeAudits(audits, out);
}

const several = { type: 'string', multiple: true } as const;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    encoder: several,
    model: several,
    turned: { type: 'string' },
    out: { type: 'string' },
  },
});
const encoders = [...(values.encoder ?? []), ...(values.model ?? [])];
const run =
  encoders.length > 0
    ? tiles(positionals[0] ?? '.', encoders, values.turned, values.out)
    : main(positionals);
run.catch((error) => {
  console.error(isCytolensError(error) || error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
