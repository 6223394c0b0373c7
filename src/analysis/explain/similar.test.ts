import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mulberry32 } from '../../core/random.ts';
import type { LedgerField } from '../ledger.ts';
import { cellEmbedding, SimilarityIndex, touchedTokens } from './similar.ts';
import { account, DIM, GRID, linearHead } from './testing.ts';
import { Best, cosineOf, Vectors } from './vectors.ts';

const source = async (field: LedgerField) => field.tokens;

describe('vectors of a byte a number', () => {
  it('scan gives the cosine to about a hundredth, whatever the length of the vectors', () => {
    const vector = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), {
      minLength: 16,
      maxLength: 16,
    });
    const long = vector.filter((v) => Math.hypot(...v) > 0.1);
    fc.assert(
      fc.property(long, long, fc.double({ min: 0.01, max: 100, noNaN: true }), (a, b, scale) => {
        const vectors = new Vectors(16);
        vectors.add(a.map((v) => v * scale));
        const best = new Best(1);
        vectors.scan(b, best, 0, 1, () => true);
        expect(Math.abs(best.list[0].cosine - cosineOf(a, b))).toBeLessThan(0.02);
      }),
    );
  });

  it('finds the true nearest once candidates are compared exactly', () => {
    const random = mulberry32(4);
    const rows = Array.from({ length: 2000 }, () =>
      Float32Array.from({ length: 64 }, () => random() - 0.3),
    );
    const vectors = new Vectors(64);
    for (const row of rows) vectors.add(row);
    const best = new Best(64);
    vectors.scan(rows[0], best, 0, rows.length, (row) => row !== 0);
    const exact = rows.map((row, i) => [cosineOf(row, rows[0]), i]).slice(1);
    exact.sort((a, b) => b[0] - a[0]);
    const candidates = best.list.map(({ row }) => row);
    for (const [, i] of exact.slice(0, 12)) expect(candidates).toContain(i);
  });

  it('passes over rows that are not known or not wanted', () => {
    const vectors = new Vectors(2);
    for (const row of [[1, 0], null, [0, 0], [1, 0.1]]) vectors.add(row);
    expect([0, 1, 2, 3].map((row) => vectors.has(row))).toEqual([true, false, false, true]);
    const best = new Best(4);
    vectors.scan([1, 0], best, 0, 4, (row) => row !== 0);
    expect(best.list.map(({ row }) => row)).toEqual([3]);
    expect(vectors.bytes).toBeGreaterThanOrEqual(4 * (2 + 4));
  });
});

describe('the embedding of a cell', () => {
  it('is the mean of the tokens that its box touches', async () => {
    const ledger = await account(linearHead(), 1, [[34, 16, 10]]);
    const [field] = ledger.fields;
    expect(touchedTokens(ledger.cells, 0, field.grid)).toEqual([0, 0, 1, 0]);
    const tokens = field.tokens ?? {
      classToken: new Float32Array(),
      patchTokens: new Float32Array(),
    };
    const vector = cellEmbedding(ledger.cells, 0, field.grid, tokens);
    for (let d = 0; d < DIM; d++) {
      const mean = (tokens.patchTokens[d] + tokens.patchTokens[DIM + d]) / 2;
      expect(vector[d]).toBeCloseTo(mean, 6);
    }
  });
});

describe('similar cells and fields', () => {
  /** A cell on each token of a row, small enough to touch no other, over three fields. */
  const row = Array.from({ length: 3 * GRID }, (_, i): [number, number, number] => [
    32 * i + 16,
    16,
    8,
  ]);

  it('are the nearest by cosine that share no token', async () => {
    const close: [number, number, number] = [20, 20, 8];
    const ledger = await account(linearHead(), 3, [...row, close]);
    const index = new SimilarityIndex(ledger, source, DIM);
    await index.extend();
    const { x } = ledger.cells;
    const query = x.indexOf(16);
    const found = await index.cellsLike(query, 5);
    const embed = (i: number) => {
      const field = ledger.fields[ledger.cells.field[i]];
      if (!field.tokens) throw new Error('no tokens');
      return cellEmbedding(ledger.cells, i, field.grid, field.tokens);
    };
    const expected = Array.from({ length: ledger.cells.count }, (_, i) => i)
      .filter((i) => i !== query && i !== x.indexOf(20))
      .map((i) => ({ index: i, cosine: cosineOf(embed(query), embed(i)) }))
      .sort((a, b) => b.cosine - a.cosine)
      .slice(0, 5);
    expect(found?.cells).toEqual(expected);
    expect(found).toMatchObject({ searched: 13, of: 13 });
  });

  it('keep up with fields that come later, and leave out what has no tokens', async () => {
    const ledger = await account(linearHead(), 3, row);
    const all = [...ledger.fields];
    ledger.fields.length = 1;
    const but1 = async (field: LedgerField) => (field.id === 1 ? null : field.tokens);
    const index = new SimilarityIndex(ledger, but1, DIM);
    await index.extend();
    ledger.fields.push(...all.slice(1));
    await index.extend();
    const found = await index.cellsLike(0, 20);
    expect(found?.searched).toBe(2 * GRID);
    expect(found?.of).toBe(3 * GRID);
    const owners = new Set(found?.cells.map((cell) => ledger.cells.field[cell.index]));
    expect([...owners].toSorted()).toEqual([0, 2]);
    const unknown = ledger.cells.field.indexOf(1);
    expect(await index.cellsLike(unknown, 3)).toBeNull();
  });

  it('take each field in once, though two questions ask at the same time', async () => {
    const ledger = await account(linearHead(), 3, row);
    const index = new SimilarityIndex(ledger, source, DIM);
    await Promise.all([index.extend(), index.extend()]);
    expect(await index.cellsLike(0, 20)).toMatchObject({ searched: 12, of: 12 });
  });

  it('search at most so many cells', async () => {
    const ledger = await account(linearHead(), 3, row);
    const index = new SimilarityIndex(ledger, source, DIM, 5);
    await index.extend();
    expect(await index.cellsLike(0, 20)).toMatchObject({ searched: 5, of: 12 });
  });
});
