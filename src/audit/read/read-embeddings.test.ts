import fc from 'fast-check';
import { gzipSync, strToU8, zipSync } from 'fflate';
import h5wasm, { ready } from 'h5wasm';
import { describe, expect, it } from 'vitest';
import {
  fileOf,
  h5Of,
  npyFile,
  npyOf,
  npzOf,
  parquetOf,
  type Samples,
  textOf,
} from '../testing/embedding-files.ts';
import { readEmbeddings, readEncoders, samplesDiffer } from './read-embeddings.ts';

const SAMPLES: Samples = {
  rows: [
    [1, 0, 0.5],
    [0.25, -2, 1],
    [0, 1, -0.5],
    [4, 0.5, 0],
  ],
  labels: [
    { biology: 'tumour', centre: 'A', group: 's1' },
    { biology: 'normal', centre: 'A', group: 's2' },
    { biology: 'tumour', centre: 'B', group: 's3' },
    { biology: 'normal', centre: 'B', group: 's4' },
  ],
};
const labelsFile = fileOf('set-labels.csv', textOf(SAMPLES, ',', true));

/** The set in every kind of file. */
const KINDS: Record<string, (samples: Samples) => Promise<ReturnType<typeof fileOf>[]>> = {
  CSV: async (s) => [fileOf('set.csv', textOf(s))],
  TSV: async (s) => [fileOf('set.tsv', textOf(s, '\t'))],
  'CSV, gzipped': async (s) => [fileOf('set.csv.gz', gzipSync(strToU8(textOf(s, ';'))))],
  'Parquet, wide': async (s) => [fileOf('set.parquet', parquetOf(s, false))],
  'Parquet, lists': async (s) => [fileOf('set.parquet', parquetOf(s, true))],
  npz: async (s) => [fileOf('set.npz', npzOf(s))],
  'npz, stored': async (s) => [fileOf('set.npz', npzOf(s, 0))],
  H5: async (s) => [fileOf('set.h5', await h5Of(s))],
  ...Object.fromEntries(
    (['f2', 'f4', 'f8'] as const).flatMap((type) =>
      [false, true].flatMap((bigEndian) =>
        [false, true].map((fortran) => [
          `npy ${type}${bigEndian ? ', big-endian' : ''}${fortran ? ', Fortran' : ''}`,
          async (s: Samples) => [
            fileOf('set.npy', npyOf(s.rows, { type, bigEndian, fortran })),
            fileOf('set-labels.csv', textOf(s, ',', true)),
          ],
        ]),
      ),
    ),
  ),
};

/** Values that half precision holds, so that every kind can tell the same. */
const samples = fc
  .record({ n: fc.integer({ min: 2, max: 9 }), dim: fc.integer({ min: 2, max: 7 }) })
  .chain(({ n, dim }) =>
    fc.record({
      rows: fc.array(
        fc
          .array(fc.integer({ min: -256, max: 256 }), { minLength: dim, maxLength: dim })
          .map((row) => row.map((v, d) => (d === 0 ? 300 : v) / 64)),
        { minLength: n, maxLength: n },
      ),
      labels: fc
        .array(fc.constantFrom('Ä, b', 'say "x"', 'c;d', '7', 'µm'), { minLength: n, maxLength: n })
        .map((names) =>
          names.map((name, i) => ({
            biology: `${name}${i % 2}`,
            centre: `${name} ${i % 2}`,
            group: `g${i >> 1}`,
          })),
        ),
    }),
  );

describe.each(Object.entries(KINDS))('%s', (_, write) => {
  it('gives the set that was written', async () => {
    await fc.assert(
      fc.asyncProperty(samples, async (own) => {
        const set = await readEmbeddings(await write(own));
        const plain = await readEmbeddings([fileOf('plain.csv', textOf(own))]);
        for (const key of ['n', 'dim', 'rows', 'biology', 'centre', 'group'] as const) {
          expect(set[key]).toEqual(plain[key]);
        }
        expect(set.biologyNames).toEqual([...new Set(own.labels.map(({ biology }) => biology))]);
        expect(set.centreNames).toEqual(plain.centreNames);
      }),
      { numRuns: 25 },
    );
  });
});

describe('what a file tells of itself', () => {
  it('takes other names of the labels, numbered columns, and says what was left out', async () => {
    const text = [
      '# encoder: Toy 7',
      'tile,Patient_ID,slide,medical_center,Class,f0,f1,age',
      'a,p1,s1,X,t,1,2,60',
      'b,p1,s2,Y,n,2,1,61',
      'c,p2,s3,X,t,1,1,62',
    ].join('\r\n');
    const set = await readEmbeddings([fileOf('set.csv', text)]);
    expect(set).toMatchObject({ n: 3, dim: 2, encoder: 'Toy 7', groupNames: ['p1', 'p2'] });
    expect(set).toMatchObject({ centreNames: ['X', 'Y'], biologyNames: ['t', 'n'] });
    expect(set.leftOut).toEqual(['tile', 'slide', 'age']);
  });

  it('the encoder from H5, half precision, a leading axis, tile places passed over', async () => {
    const { FS } = await ready;
    expect((await readEmbeddings([fileOf('a.h5', await h5Of(SAMPLES))])).encoder).toBe('toy-1');
    const file = new h5wasm.File('own.h5', 'w');
    const data = Float32Array.from(SAMPLES.rows.flat());
    file.create_group('level');
    file.create_dataset({ name: 'level/whatever', data, shape: [1, 4, 3] });
    file.create_dataset({ name: 'coords', data: Int32Array.from(data), shape: [4, 3] });
    file.close();
    const set = await readEmbeddings([fileOf('a.h5', FS.readFile('own.h5')), labelsFile]);
    expect(set).toMatchObject({ n: 4, dim: 3, leftOut: ['coords'], encoder: null });
  });

  it('takes a part of a larger buffer, as Node reads files', async () => {
    const npy = npyOf(SAMPLES.rows, { fortran: true });
    const file = fileOf('B.npy', Buffer.concat([Buffer.alloc(5, 255), npy]).subarray(5));
    const [part, whole] = await readEncoders([file, fileOf('B.npy', npy), labelsFile]);
    expect(part.rows).toEqual(whole.rows);
  });

  it('several encoders share a table of labels, and each finds its own', async () => {
    const other = { ...SAMPLES, labels: SAMPLES.labels.toReversed() };
    const sets = await readEncoders([
      fileOf('A.csv', textOf(SAMPLES)),
      fileOf('B.npy', npyOf(SAMPLES.rows)),
      fileOf('C.npy', npyOf(SAMPLES.rows)),
      fileOf('B-labels.csv', textOf(SAMPLES, ',', true)),
      fileOf('C-labels.csv', textOf(other, ',', true)),
    ]);
    expect(sets.map(({ file }) => file)).toEqual(['A.csv', 'B.npy', 'C.npy']);
    expect(samplesDiffer(sets.slice(0, 2))).toBeNull();
    expect(samplesDiffer(sets)).toMatch(/Sample 1 has biology "tumour" in A.csv and "normal" in C/);
    await expect(
      readEmbeddings([fileOf('A.csv', textOf(SAMPLES)), fileOf('B.csv', textOf(SAMPLES))]),
    ).rejects.toThrow(/A.csv, B.csv. Open those of one encoder/);
  });
});

describe('a file that cannot be audited', () => {
  const csv = (...lines: string[]) => [fileOf('a.csv', lines.join('\n'))];
  const npy = (header: string, bytes = 96) => [
    fileOf('a.npy', npyFile(header, new Uint8Array(bytes))),
    labelsFile,
  ];
  const head = 'biology,centre,group,e0,e1';
  const good = textOf(SAMPLES).split('\n');
  const parquet = parquetOf(SAMPLES, false);
  it.each<[string, ReturnType<typeof csv>, RegExp]>([
    ['nothing', [], /^Nothing: no embeddings/],
    ['an empty file', csv(''), /^a\.csv is empty/],
    ['no labels', csv('e0,e1', '1,2'), /no column or array "biology", "centre", "group"/],
    ['labels alone', [labelsFile], /set-labels\.csv: no embeddings in it/],
    ['no rows', csv(head), /a\.csv is empty: 0 rows of 2/],
    ['a short row', csv(head, 'a,1,s,1,2', 'b,2,t,1'), /row 3 has 4 columns, the header has 5/],
    ['a label left out', csv(head, 'a,1,s,1,2', 'b,,t,1,2'), /a\.csv: row 3 has no centre/],
    ['NaN', csv(head, 'a,1,s,1,2', 'b,2,t,1,nan'), /a\.csv: row 3, column "e1" holds no finite/],
    ['infinity', csv(head, 'a,1,s,1,2', 'b,2,t,-Infinity,2'), /row 3, column "e0"/],
    ['another column', csv('class,site,case,p,age', 'a,1,s,x,2'), /number the columns that are/],
    ['one name twice', csv('class,site,case,e1,e1', 'a,1,s,1,2'), /two columns "e1"/],
    ['one class', csv(head, 'a,1,s,1,2', 'a,2,t,1,3'), /^a\.csv: All samples are of one biol/],
    [
      'one centre',
      csv(head, 'a,1,s,1,2', 'b,1,t,1,3'),
      /^a\.csv: All samples come from one centre/,
    ],
    ['zeros', csv(head, 'a,1,s,0,0', 'b,2,t,1,3'), /sample 1 holds only zeros/],
    ['other rows', [...csv(head, 'a,1,s,1,2'), labelsFile], /^a\.csv: All samples are of one/],
    [
      'too few labels',
      [fileOf('a.npy', npyOf([[1, 2]])), labelsFile],
      /a\.npy has 1 rows, set-labels\.csv 4/,
    ],
    ['a picture', [fileOf('a.png', Uint8Array.of(0x41, 0, 1, 2))], /not a kind of file/],
    [
      'a cut gzip',
      [fileOf('a.csv.gz', gzipSync(strToU8(good.join('\n'))).subarray(0, 40))],
      /gzip file that is damaged or ends early/,
    ],
    [
      'a cut npy',
      [fileOf('a.npy', npyOf(SAMPLES.rows).subarray(0, 140)), labelsFile],
      /a\.npy ends early: an array of 4 x 3 takes/,
    ],
    ['no npy', [fileOf('a.npy', 'text'), labelsFile], /not an npy file/],
    [
      'pickled',
      npy("{'descr': '|O', 'fortran_order': False, 'shape': (4, 3), }"),
      /Python objects \(pickled\)/,
    ],
    [
      'a record',
      npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (4,), }"),
      /of a type that is not read/,
    ],
    [
      'one axis',
      npy("{'descr': '<f4', 'fortran_order': False, 'shape': (4,), }"),
      /array of 4; embeddings are n rows/,
    ],
    [
      'too large',
      npy("{'descr': '<f4', 'fortran_order': False, 'shape': (99999, 99999), }"),
      /at most 134,217,728 numbers/,
    ],
    [
      'a cut Parquet',
      [fileOf('a.parquet', parquet.subarray(0, parquet.length - 9))],
      /cannot be read as Parquet/,
    ],
    [
      'ragged lists',
      [fileOf('a.parquet', parquetOf({ ...SAMPLES, rows: [[1, 2], [1], [1, 2], [2, 2]] }, true))],
      /row 2 holds 1 numbers, row 1 holds 2/,
    ],
    ['a cut npz', [fileOf('a.npz', npzOf(SAMPLES).subarray(0, 300))], /cannot be read as npz/],
    [
      'npz without a table',
      [fileOf('a.npz', zipSync({ 'a.txt': strToU8('x') }))],
      /no table of n rows and d columns/,
    ],
  ])('%s', async (_, files, sentence) => {
    await expect(readEmbeddings(files)).rejects.toThrow(sentence);
    await expect(readEmbeddings(files)).rejects.toMatchObject({ name: 'CytolensError' });
  });

  it('H5 without a table, with two, cut short, or claiming more than is written', async () => {
    const { FS } = await ready;
    const written = (fill: (file: InstanceType<typeof h5wasm.File>) => void) => {
      const file = new h5wasm.File('own.h5', 'w');
      fill(file);
      file.close();
      return [fileOf('a.h5', FS.readFile('own.h5').slice()), labelsFile];
    };
    const four = Float32Array.of(1, 2, 3, 4);
    await expect(
      readEmbeddings(written((file) => file.create_dataset({ name: 'f', data: four }))),
    ).rejects.toThrow(/a\.h5 has no table of n rows.*f \(4\)/);
    await expect(
      readEmbeddings(
        written((file) => {
          file.create_dataset({ name: 'f', data: four, shape: [2, 2] });
          file.create_dataset({ name: 'g', data: four, shape: [2, 2] });
        }),
      ),
    ).rejects.toThrow(/several tables of numbers: f \(2 x 2\), g \(2 x 2\)/);
    const cut = (await h5Of(SAMPLES)).subarray(0, 900);
    await expect(readEmbeddings([fileOf('a.h5', cut)])).rejects.toThrow(/cannot be read as HDF5/);
    const bomb = written((file) =>
      file
        .create_dataset({
          name: 'f',
          data: four,
          shape: [2, 2],
          maxshape: [null, null],
          chunks: [2, 2],
        })
        .resize([1e6, 1e6]),
    );
    await expect(readEmbeddings(bomb)).rejects.toMatchObject({ tag: 'too-large' });
  });

  it('what unpacks to more than agreed is refused, and reading can be cancelled', async () => {
    const zeros = gzipSync(new Uint8Array(4 * 2 ** 20).fill(48));
    const { gunzipped } = await import('../../core/gzip.ts');
    await expect(gunzipped('a.csv.gz', zeros, 2 ** 20)).rejects.toMatchObject({
      tag: 'too-large',
      message: 'a.csv.gz unpacks to more than 1 MB. Take fewer rows.',
    });
    await expect(
      readEmbeddings([fileOf('a.csv', textOf(SAMPLES))], AbortSignal.abort()),
    ).rejects.toMatchObject({ tag: 'cancelled' });
  });
});
