import fc from 'fast-check';
import { gzipSync, strToU8 } from 'fflate';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import type { LocalFile } from '../../slide/slide.ts';
import { ranksOf } from '../alignment.ts';
import { GeneNames } from '../gene-names.ts';
import { buildLibrary, type OwnLibrary } from './build.ts';

const SYMBOLS = ['ERBB2', 'ESR1', 'KRT7', 'MKI67', 'SEPT2'];
const NAMES = new GeneNames(SYMBOLS, new Map([['ENSG00000141736', 'ERBB2']]));
/** The network of these tests: r is the first two genes. */
const encode = async (expression: Float32Array, rows: number) =>
  Float32Array.from(
    { length: 2 * rows },
    (_, i) => expression[(i >> 1) * SYMBOLS.length + (i % 2)],
  );

const TABLE =
  '\tERBB2\tESR1\tKRT7\tMKI67\tSEPT2\tOTHER\ns1\t3\t0\t1\t0\t0\t6\ns2\t0\t2\t2\t4\t1\t1\n';
const TURNED =
  'gene\ts1\ts2\nERBB2\t3\t0\nESR1\t0\t2\nKRT7\t1\t2\nMKI67\t0\t4\nSEPT2\t0\t1\nOTHER\t6\t1\n';

function file(path: string, content: string | Uint8Array | ArrayBuffer): LocalFile {
  const bytes = typeof content === 'string' ? strToU8(content) : new Uint8Array(content);
  return {
    path,
    file: new File([bytes as Uint8Array<ArrayBuffer>], path.split('/').pop() ?? ''),
  };
}

const READER = { names: NAMES, mean: Float32Array.from([5, 6, 7, 8, 9]), encode };

const read = (...files: LocalFile[]) => buildLibrary(files, READER);
const same = (a: OwnLibrary, b: OwnLibrary) => {
  expect([...a.library.r]).toEqual([...b.library.r]);
  expect([...a.ranks]).toEqual([...b.ranks]);
};

describe('a library of the user’s own', () => {
  it('is each sample’s own profile, per 10,000 molecules of all its genes', async () => {
    const { library, ranks, facts } = await read(file('mine/all.tsv', TABLE));
    const expression = [3, 0, 1, 0, 0, 0, 2, 2, 4, 1].map((n) => Math.log1p((n * 10_000) / 10));
    const expected = Float32Array.from(expression);
    expect([...ranks]).toEqual([...ranksOf(expected, SYMBOLS.length)]);
    expect([...library.r]).toEqual([expected[0], expected[1], expected[5], expected[6]]);
    expect(library).toMatchObject({ prototypes: 2, patients: ['all'] });
    expect(facts).toMatchObject({
      name: 'all',
      samples: 2,
      genes: 5,
      listed: 5,
      missing: [],
      depth: 10,
    });
  });

  it('is the same from every kind of table', async () => {
    const straight = await read(file('all.tsv', TABLE));
    const matrix = [
      file('m/matrix.mtx', matrixMarket()),
      file('m/barcodes.tsv', 's1\ns2\n'),
      file('m/features.tsv', `${[...SYMBOLS, 'OTHER'].map((s) => `id-${s}\t${s}`).join('\n')}\n`),
    ];
    const parquet = parquetWriteBuffer({
      columnData: [
        { name: 'sample', data: ['s1', 's2'], type: 'STRING' },
        ...[
          [3, 0],
          [0, 2],
          [1, 2],
          [0, 4],
          [0, 1],
          [6, 1],
        ].map((data, i) => ({
          name: [...SYMBOLS, 'OTHER'][i],
          data: Float32Array.from(data),
          type: 'FLOAT' as const,
        })),
      ],
    });
    const gct = `#1.2\n6\t2\n${TURNED.replace('gene\t', 'Name\tDescription\t').replace(/^([A-Z0-9]+)\t/gm, '$1\tsome words\t')}`;
    for (const files of [
      [file('all.tsv.gz', gzipSync(strToU8(TABLE)))],
      [file('all.csv', TURNED.replaceAll('\t', ','))],
      [file('all.gct', gct)],
      [file('all.parquet', parquet)],
      matrix,
    ]) {
      same(await read(...files), straight);
    }
  });

  it('says that it turned a table, and sums genes given twice', async () => {
    const twice = TURNED.replace('OTHER\t6\t1', 'ERBB2\t6\t1');
    const { facts, library } = await read(file('all.tsv', twice));
    expect(facts.notes.join(' ')).toMatch(/genes as rows: it was turned.* summed: ERBB2\./);
    expect(library.r[0]).toBeCloseTo(Math.log1p((9 * 10_000) / 10), 5);
  });

  it('reads ids, former names and dates where the symbol is not listed, and tells', async () => {
    const { facts, ranks } = await read(
      file('all.tsv', TURNED.replace('ERBB2', 'ENSG00000141736.18').replace('SEPT2', '2-Sep')),
    );
    expect([...ranks]).toEqual([...(await read(file('all.tsv', TABLE))).ranks]);
    expect(facts.renamed).toEqual([{ given: '2-Sep', symbol: 'SEPT2' }]);
    const both = await read(file('all.tsv', TURNED.replace('OTHER', 'HER2')));
    expect(both.facts.renamed).toEqual([]);
    const mangled = await read(file('all.tsv', TURNED.replace('OTHER', '1-Mar')));
    expect(mangled.facts.mangled).toEqual([{ given: '1-Mar', meant: ['MARCH1', 'MARC1'] }]);
  });

  it('names the genes that one of several files lacks', async () => {
    const { facts, library } = await read(
      file('lib/A1.tsv', TABLE),
      file('lib/D1.tsv', TABLE.replace('MKI67', 'G1')),
    );
    expect(facts).toMatchObject({ name: 'A1, D1', samples: 4, listed: 4, missing: ['MKI67'] });
    expect(facts.sources).toEqual([
      { name: 'A1', samples: 2 },
      { name: 'D1', samples: 2 },
    ]);
    expect([...library.spots]).toEqual([1, 0, 1, 0, 0, 1, 0, 1]);
  });

  it('lets genes that are not listed take the mean in the network, and 0 in the profile', async () => {
    const { library, ranks } = await read(file('a.tsv', TABLE.replace('ERBB2', 'G1')));
    expect([library.r[0], library.r[2]]).toEqual([5, 5]);
    const zero = await read(file('a.tsv', TABLE.replace('\t3\t', '\t0\t').replace('\t6', '\t9')));
    expect([...ranks]).toEqual([...zero.ranks]);
  });

  it('undoes logarithms of equal totals, whatever their base', () => {
    const counts = fc.array(fc.integer({ min: 1, max: 4000 }), { minLength: 6, maxLength: 6 });
    return fc.assert(
      fc.asyncProperty(
        counts,
        counts,
        fc.constantFrom(Math.log1p, (v: number) => Math.log2(v + 1)),
        async (a, b, log) => {
          const rows = [a, b].map((row) => {
            const total = row.reduce((sum, n) => sum + n, 0);
            return row.map((n) => (n * 10_000) / total);
          });
          const table = (write: (value: number) => number) =>
            `\t${[...SYMBOLS, 'OTHER'].join('\t')}\n${rows.map((row, i) => `s${i}\t${row.map((v) => write(v).toFixed(6)).join('\t')}`).join('\n')}\n`;
          const plain = await read(
            file(
              'a.tsv',
              table((v) => v),
            ),
          );
          const logged = await read(file('a.tsv', table(log)));
          expect(logged.facts.depth).toBeNull();
          expect(logged.facts.notes.join(' ')).toMatch(/Every sample (then )?sums to 10,000/);
          logged.library.r.forEach((value, i) => {
            expect(value).toBeCloseTo(plain.library.r[i], 3);
          });
        },
      ),
      { numRuns: 30 },
    );
  });

  it('leaves samples without counts out, with a note', async () => {
    const { facts } = await read(file('all.tsv', `${TABLE}s3\t0\t0\t0\t0\t0\t0\n`));
    expect(facts.samples).toBe(2);
    expect(facts.notes[0]).toBe('1 sample without counts was left out.');
  });

  it.each([
    ['NaN', TABLE.replace('\t3\t', '\tNaN\t'), /"NaN" in s1, ERBB2 is not a number/],
    ['negative numbers', TABLE.replace('\t3\t', '\t-2\t'), /is a negative number/],
    ['logarithms of selected genes', TABLE.replace('\t3\t', '\t1.37\t'), /look like logarithms/],
    ['no genes', TABLE.replace(/ERBB2|ESR1|KRT7|MKI67|SEPT2/g, 'G'), /Neither the rows nor/],
    ['a panel', TABLE.replace(/ERBB2|KRT7|MKI67/g, 'G'), /lists 2 of the 5 genes .* \(40 %\)/],
    ['nothing', '', /holds no counts/],
    ['zeros', TABLE.replace(/\t\d+/g, '\t0'), /holds no counts above 0/],
    ['a damaged gzip file', gzipSync(strToU8(TABLE)).slice(0, 40), /damaged or ends early/],
  ])('refuses %s with a sentence', async (_, content, message) => {
    await expect(read(file('all.tsv', content))).rejects.toThrow(message);
  });

  it('refuses files without counts, closed kinds and half a matrix', async () => {
    await expect(read(file('a.pdf', 'x'))).rejects.toThrow(/No table of counts/);
    await expect(read(file('a.h5ad', 'x'))).rejects.toMatchObject({ tag: 'unsupported' });
    await expect(read(file('m/matrix.mtx', 'x'))).rejects.toThrow(/belong together/);
  });

  it('is cancelled', async () => {
    const options = { signal: AbortSignal.abort() };
    await expect(buildLibrary([file('all.tsv', TABLE)], READER, options)).rejects.toMatchObject({
      tag: 'cancelled',
    });
  });
});

/** TABLE, features by samples. */
function matrixMarket(): string {
  const [, ...rows] = TABLE.trimEnd()
    .split('\n')
    .map((line) => line.split('\t'));
  const entries = rows.flatMap((row, sample) =>
    row
      .slice(1)
      .flatMap((value, gene) => (value === '0' ? [] : [`${gene + 1} ${sample + 1} ${value}`])),
  );
  return `%%MatrixMarket matrix coordinate integer general\n6 2 ${entries.length}\n${entries.join('\n')}\n`;
}
