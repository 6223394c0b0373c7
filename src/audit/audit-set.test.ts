import { describe, expect, it } from 'vitest';
import { auditSet } from './audit-set.ts';
import { readEmbeddings } from './read/read-embeddings.ts';
import { fileOf } from './testing/embedding-files.ts';
import { clouds } from './testing/worlds.ts';

/** The same set as a table. */
function csvOf({ n, dim, rows, biology, centre, group }: ReturnType<typeof clouds>): string {
  const head = [
    'group',
    'e0',
    'biology',
    ...Array.from({ length: dim - 1 }, (_, d) => `e${d + 1}`),
  ];
  const lines = Array.from({ length: n }, (_, i) => {
    const [first, ...rest] = rows.subarray(i * dim, (i + 1) * dim);
    return [group[i], first, `class ${biology[i]}`, ...rest, `centre ${centre[i]}`].join(',');
  });
  return `${[...head, 'centre'].join(',')}\r\n${lines.join('\r\n')}\r\n`;
}

describe('the audit of a set', () => {
  it('says the same of a set and of its table, and tells worlds apart', async () => {
    const set = clouds({ biology: 2, centre: 0.5 });
    const own = await auditSet(set);
    const read = await auditSet(await readEmbeddings([fileOf('set.csv', csvOf(set))]));
    expect(read.robustness.index.value).toBe(own.robustness.index.value);
    expect(read.robustness.margin.value).toBeCloseTo(own.robustness.margin.value ?? 0, 5);
    expect(read.spectrum.effectiveRank).toBeCloseTo(own.spectrum.effectiveRank, 3);
    const other = await auditSet(clouds({ biology: 0.5, centre: 2 }));
    expect(own.clusters.score).toBeGreaterThan(other.clusters.score);
    expect(own.robustness.margin.value ?? 0).toBeGreaterThan(other.robustness.margin.value ?? 0);
  });
});
