import { describe, expect, it } from 'vitest';
import { answerRows, drivingGenes, embeddingOf, patientShares, profile } from './answer.ts';
import { ssgsea } from './ssgsea.ts';
import { fakeAlignment, fixture } from './testing/alignment.ts';

const ROWS = fixture.u.length;
const embeddings = Float32Array.from({ length: 2 * ROWS }, (_, i) => (i % 2 === 0 ? i / 2 : 9));
const alignment = fakeAlignment();

describe('embeddingOf', () => {
  it('puts class token and mean patch token side by side', () => {
    const tokens = {
      classToken: Float32Array.from([1, 2]),
      patchTokens: Float32Array.from([1, 10, 2, 20, 6, 60]),
    };
    expect([...embeddingOf(tokens, 2, 3)]).toEqual([1, 2, 3, 30]);
  });
});

describe('answerRows', () => {
  it.each(fixture.sets.map((set, s) => [set.length, s]))(
    'says of a set of %d genes what Python says',
    async (_, s) => {
      const said = await answerRows(alignment, embeddings, Uint32Array.from(fixture.sets[s]));
      for (let row = 0; row < ROWS; row++) {
        expect(said.predictor[row]).toBeCloseTo(fixture.predictor[row][s], 4);
        expect(said.knn[row]).toBeCloseTo(fixture.knn[row][s], 4);
        expect(said.spread[row]).toBeCloseTo(fixture.spread[row][s], 4);
        expect(said.effective[row]).toBeCloseTo(fixture.effective[row], 4);
        expect(said.nearest[row]).toBeCloseTo(fixture.nearest[row], 5);
      }
    },
  );

  it('is cancelled', async () => {
    const signal = AbortSignal.abort();
    await expect(
      answerRows(alignment, embeddings, Uint32Array.from([1, 2]), { signal }),
    ).rejects.toMatchObject({ tag: 'cancelled' });
  });
});

describe('drivingGenes', () => {
  it('tells what the mean score loses without each gene, the most first', async () => {
    const set = fixture.sets[1];
    const rows = await profile(alignment, embeddings);
    const driving = drivingGenes(alignment, rows, Uint32Array.from(set));
    const drops = driving.map(({ drop }) => drop);
    expect(drops).toEqual(drops.toSorted((a, b) => b - a));
    const profiles = {
      genes: fixture.expression[0].length,
      values: Float32Array.from(fixture.expression.flat()),
    };
    const mean = async (genes: number[]) =>
      (await ssgsea(profiles, [Uint32Array.from(genes)])).reduce((sum, v) => sum + v, 0) / ROWS;
    for (const { place, drop } of driving) {
      const without = await mean(set.filter((gene) => gene !== place));
      expect(drop).toBeCloseTo((await mean(set)) - without, 9);
    }
  });
});

describe('patientShares', () => {
  it('shares the weight of a prototype by the spots it stands for', async () => {
    const rows = await profile(alignment, embeddings);
    const shares = patientShares(alignment, rows);
    expect(shares.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 5);
    const { index, weight } = rows.neighbours;
    const last = fixture.library.length - 1;
    let expected = 0;
    index.forEach((j, i) => {
      expected += weight[i] * (j === 0 ? 1 : j === last ? 0 : 0.5);
    });
    expect(shares.find(({ patient }) => patient === 'A')?.share).toBeCloseTo(expected / ROWS, 5);
  });
});
