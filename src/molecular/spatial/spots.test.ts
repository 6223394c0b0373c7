import { gzipSync, strToU8 } from 'fflate';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import type { LocalFile } from '../../slide/slide.ts';
import { geneExpression, profilesOver } from './counts.ts';
import { placesIn } from './kept.ts';
import { claimsSpots, readSpots } from './read.ts';
import { patientOf, roleOf } from './role.ts';

const FRAME = { width: 10_000, height: 10_000, mpp: 0.5 };
const KNOWN = ['ERBB2', 'ESR1', 'KRT7', 'MKI67'];

const COUNTS = '\tERBB2\tESR1\tKRT7\n1x1\t3\t0\t1\n2x1\t0\t0\t4\n1x2\t1\t2\t0\n2x2\t0\t5\t5\n';
// 250 px for 200 um: 0.8 um per px.
const SPOTS =
  'x\ty\tnew_x\tpixel_x\tpixel_y\tselected\n1\t1\t0\t250\t250\t1\n2\t1\t0\t500\t250\t1\n1\t2\t0\t250\t500\t1\n2\t2\t0\t500\t500\t1\n';

function file(path: string, content: string | Uint8Array): LocalFile {
  const bytes = typeof content === 'string' ? strToU8(content) : content;
  return { path, file: new File([bytes as Uint8Array<ArrayBuffer>], path.split('/').pop() ?? '') };
}

const her2st = (counts: string | Uint8Array, spots = SPOTS, known = KNOWN) =>
  readSpots({
    files: [file('s/counts/B4.tsv.gz', counts), file('s/spots/B4.tsv', spots)],
    frame: FRAME,
    known,
  });

describe('the layout of her2st', () => {
  it('joins counts and places, packed or not, and measures the scale of the lattice', async () => {
    for (const counts of [COUNTS, gzipSync(strToU8(COUNTS))]) {
      const table = await her2st(counts);
      expect(table).toMatchObject({ layout: 'her2st', name: 'B4', diameterUm: 100, notes: [] });
      expect([...table.x]).toEqual([250, 500, 250, 500]);
      expect(table.mpp).toBeCloseTo(0.8, 9);
      expect([...table.counts.totals]).toEqual([4, 4, 3, 10]);
      const [first] = geneExpression(table.counts, 0);
      expect(first).toBeCloseTo(Math.log1p((3 * 10_000) / 4), 5);
    }
  });

  it('turns genes by spots, with a note', async () => {
    const turned = '\t1x1\t2x1\t1x2\t2x2\nERBB2\t3\t0\t1\t0\nESR1\t0\t0\t2\t5\nKRT7\t1\t4\t0\t5\n';
    for (const known of [KNOWN, []]) {
      const table = await her2st(turned, SPOTS, known);
      const straight = await her2st(COUNTS);
      expect(table.notes).toEqual([expect.stringMatching(/it was turned/)]);
      expect([...table.counts.totals]).toEqual([...straight.counts.totals]);
      expect([...geneExpression(table.counts, 2)]).toEqual([...geneExpression(straight.counts, 2)]);
    }
  });

  it('sums genes that come twice, and names them', async () => {
    const twice = COUNTS.replace('KRT7', 'ERBB2');
    const { counts, notes } = await her2st(twice);
    expect(notes).toEqual([expect.stringMatching(/1 gene names .* summed: ERBB2\./)]);
    expect(counts.genes).toEqual(['ERBB2', 'ESR1']);
    expect(geneExpression(counts, 0)[0]).toBeCloseTo(Math.log1p(10_000), 5);
    const [one] = profilesOver(counts, Int32Array.of(0));
    expect(one).toBeCloseTo(Math.log1p(10_000), 5);
  });

  it('counts spots that have no place, no counts, or lie outside', async () => {
    const places = `${SPOTS.replace('2\t2\t0\t500\t500', '2\t2\t0\t50000\t500').replace('1\t2\t0', '9\t9\t0')}`;
    const { counts, notes } = await her2st(COUNTS, places);
    expect(counts.spots).toEqual(['1x1', '2x1']);
    expect(notes).toEqual([
      '1 spot with counts has no place and was left out.',
      '1 place has no counts and was left out.',
      '1 spot lies outside of the slide and was left out.',
    ]);
  });

  it.each([
    ['NaN', COUNTS.replace('\t3\t', '\tNaN\t'), /"NaN" in 1x1, ERBB2 is not a number/],
    ['nothing', COUNTS.replace('\t3\t', '\t\t'), /is not a number/],
    ['a negative number', COUNTS.replace('\t3\t', '\t-1.5\t'), /"-1.5" .* is a negative number/],
    [
      'a short line',
      COUNTS.replace('\t5\t5\n', '\t5\n'),
      /line 5 has 2 values where its header has 3/,
    ],
    ['unknown genes', COUNTS.replace(/ERBB2|ESR1|KRT7/g, 'G1'), /Neither the rows nor the columns/],
    ['damaged gzip', gzipSync(strToU8(COUNTS)).slice(0, 30), /damaged or ends early/],
    ['another section', COUNTS.replace(/\dx/g, '77x'), /No spot of B4.tsv.gz has a place/],
  ])('refuses %s with a sentence', async (_, counts, message) => {
    await expect(her2st(counts)).rejects.toThrow(message);
  });

  it('says so when values are normalised already', async () => {
    const { notes } = await her2st(COUNTS.replace('\t3\t', '\t3.25\t'));
    expect(notes).toEqual([expect.stringMatching(/not whole numbers/)]);
  });

  it('takes the section of the slide among several', async () => {
    const several = ['A1', 'B4', 'C2'].flatMap((name) => [
      file(`h/counts/${name}.tsv.gz`, COUNTS),
      file(`h/spots/${name}.tsv`, SPOTS),
      file(`h/pathologist_labels/${name}.tsv`, 'x\ty\tlabel\n1\t1\ttumour\n'),
    ]);
    const request = { files: several, frame: FRAME, known: KNOWN };
    expect((await readSpots(request, { section: 'C2' })).name).toBe('C2');
    await expect(readSpots(request, { section: 'other' })).rejects.toThrow(/several sections/);
  });
});

describe('10x Visium', () => {
  const POSITIONS =
    'barcode,in_tissue,array_row,array_col,pxl_row_in_fullres,pxl_col_in_fullres\n' +
    'AAACAAGTATCTCCCA-1,1,0,0,100,100\nAAACACCAATAACTGC-1,1,0,2,100,300\n' +
    'AAACAGAGCGACTCCT-1,1,1,1,273.205,200\nAAACAGCTTTCAGAAG-1,1,1,3,273.205,400\nAAACGGGT-1,0,9,9,9,9\n';
  const MATRIX =
    '%%MatrixMarket matrix coordinate integer general\n%\n3 4 4\n1 1 5\n2 1 5\n3 2 7\n1 4 2\n';
  const FEATURES =
    'ENSG00000141736\tERBB2\tGene Expression\nENSG00000091831\tESR1\tGene Expression\nENSG00000135480\tKRT7\tGene Expression\n';
  const BARCODES =
    'AAACAAGTATCTCCCA-1\nAAACACCAATAACTGC-1\nAAACAGAGCGACTCCT-1\nAAACAGCTTTCAGAAG-1\n';
  const visium = (matrix = MATRIX, extra: LocalFile[] = []) =>
    readSpots({
      files: [
        file('out/spatial/tissue_positions.csv', POSITIONS),
        file('out/spatial/scalefactors_json.json', '{"spot_diameter_fullres": 130}'),
        file('out/filtered_feature_bc_matrix/matrix.mtx.gz', gzipSync(strToU8(matrix))),
        file('out/filtered_feature_bc_matrix/features.tsv.gz', gzipSync(strToU8(FEATURES))),
        file('out/filtered_feature_bc_matrix/barcodes.tsv.gz', gzipSync(strToU8(BARCODES))),
        ...extra,
      ],
      frame: FRAME,
      known: KNOWN,
    });

  it('reads spots under tissue with their counts, and the pitch of 100 um', async () => {
    const table = await visium();
    expect(table).toMatchObject({ layout: 'visium', name: 'out', diameterUm: 55, notes: [] });
    expect([...table.counts.totals]).toEqual([10, 7, 0, 2]);
    expect(table.mpp).toBeCloseTo(0.5, 4);
    expect(table.ids).toContainEqual(['ENSG00000141736', 'ERBB2']);
    expect([...geneExpression(table.counts, 0)].map((v) => v > 0)).toEqual([
      true,
      false,
      false,
      true,
    ]);
  });

  it.each([
    ['cut off', MATRIX.replace('1 4 2\n', ''), /ends early: 3 of 4/],
    ['of other files', MATRIX.replace('3 4 4', '9 4 4'), /do not belong together/],
    ['with NaN', MATRIX.replace('1 4 2', '1 4 nan'), /not a number/],
  ])('refuses a matrix %s', async (_, matrix, message) => {
    await expect(visium(matrix)).rejects.toThrow(message);
  });

  it('turns a matrix of barcodes by genes, and says what to do with HDF5', async () => {
    const turned = MATRIX.replace('3 4 4', '4 3 4')
      .replace('2 1 5', '1 2 5')
      .replace('3 2 7', '2 3 7')
      .replace('1 4 2', '4 1 2');
    const table = await visium(turned);
    expect([...table.counts.totals]).toEqual([10, 7, 0, 2]);
    expect(table.notes).toEqual([expect.stringMatching(/barcodes as rows/)]);
    const h5 = [file('out/spatial/tissue_positions.csv', POSITIONS), file('out/a.h5', 'x')];
    await expect(readSpots({ files: h5, frame: FRAME, known: KNOWN })).rejects.toThrow(/HDF5/);
  });
});

describe('AnnData as Parquet', () => {
  const parquet = (columns: Record<string, number[] | string[]>) =>
    new Uint8Array(
      parquetWriteBuffer({
        columnData: Object.entries(columns).map(([name, data]) => ({
          name,
          data,
          type: typeof data[0] === 'string' ? 'STRING' : 'DOUBLE',
        })),
      }),
    );
  const OBS = parquet({ cell: ['a', 'b'], x_um: [100, 200], y_um: [50, 60] });
  const read = (x: Record<string, number[]>, mpp: number | null = 0.5) =>
    readSpots({
      files: [file('e/obs.parquet', OBS), file('e/X.parquet', parquet(x))],
      frame: { ...FRAME, mpp },
      known: KNOWN,
    });

  it('reads places in um and a column a gene', async () => {
    const table = await read({ ERBB2: [3, 0], other: [1, 1] });
    expect([...table.x]).toEqual([200, 400]);
    expect([...table.counts.totals]).toEqual([4, 1]);
    expect(table.notes).toEqual([expect.stringMatching(/drawn at 55 µm/)]);
  });

  it('refuses tables of cells, other lengths, and a slide without a scale', async () => {
    await expect(read({ area_um2: [3, 0] })).rejects.toThrow(/no column that is a gene/);
    await expect(read({ ERBB2: [1, 2, 3] })).rejects.toThrow(/3 rows, but obs.parquet 2/);
    await expect(read({ ERBB2: [3, 0] }, null)).rejects.toMatchObject({ tag: 'no-scale' });
  });
});

it('claims files of spots, and leaves slides and cells alone', () => {
  expect(claimsSpots(['a/counts/B4.tsv.gz', 'a/spots/B4.tsv'])).toBe(true);
  expect(claimsSpots(['v/spatial/tissue_positions_list.csv'])).toBe(true);
  expect(claimsSpots(['obs.parquet', 'var.parquet', 'X.parquet'])).toBe(true);
  expect(claimsSpots(['cells.csv'])).toBe(false);
  expect(claimsSpots(['a/slide.dzi', 'a/slide_files/0/0_0.png'])).toBe(false);
});

it('finds genes of a vocabulary by their exact names first, then by former ones', () => {
  const found = placesIn({ genes: ['erbb2', 'ERBB2', 'SEPTIN2'] }, ['ERBB2', 'SEPT2', 'NONE']);
  expect([...found]).toEqual([1, 2, -1]);
});

it('tells what the patient of a section was to the model', () => {
  const model = { trained: ['C'], tested: ['B'], library: { patients: ['A', 'C', 'D'] } };
  const role = (section: string) => roleOf(patientOf('her2st', section), model);
  expect(['B4', 'C2', 'A1', 'E1', 'slide'].map(role)).toEqual([
    'held-out',
    'trained',
    'library',
    'unknown',
    'unknown',
  ]);
  expect(roleOf(patientOf('visium', 'B4'), model)).toBe('unknown');
});
