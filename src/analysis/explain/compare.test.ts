import { describe, expect, it } from 'vitest';
import type { LedgerField } from '../ledger.ts';
import { compareHeads, spearman } from './compare.ts';
import { account, linearHead, WEIGHTS } from './testing.ts';

const source = async (field: LedgerField) => field.tokens;
const NUCLEI = [
  [16, 16, 10],
  [128, 48, 20],
  [80, 80, 14],
] as const;

describe('comparing two heads', () => {
  it('a head does not differ from itself', async () => {
    const head = linearHead('a');
    const ledger = await account(head, 8, NUCLEI);
    const said = await compareHeads(head, linearHead('b'), ledger, source);
    expect(said).toMatchObject({ a: 'a', b: 'b', fields: 8, agreement: 1 });
    expect(said?.spearman).toBeCloseTo(1, 6);
    expect(said?.difference).toHaveLength(3);
    for (const value of said?.difference ?? [NaN]) expect(value).toBeCloseTo(0, 6);
  });

  it('puts both on one scale: each is divided by its own temperature', async () => {
    const head = linearHead('a', WEIGHTS, 2);
    const ledger = await account(head, 6, NUCLEI);
    const said = await compareHeads(head, linearHead('b', WEIGHTS, 4), ledger, source);
    ledger.fields.forEach((field, i) => {
      expect(said?.logitsA[i]).toBeCloseTo(field.logit / 2, 5);
      expect(said?.logitsB[i]).toBeCloseTo(field.logit / 4, 5);
    });
    said?.difference.forEach((value, cell) => {
      expect(value).toBeCloseTo(ledger.cells.contribution[cell] * (1 / 2 - 1 / 4), 5);
    });
  });

  it('a head turned around agrees nowhere and differs by twice the contribution', async () => {
    const head = linearHead('a', { ...WEIGHTS, bias: 0 }, 1);
    const turn = (list: readonly number[]) => list.map((v) => -v);
    const { classWeight, patchWeight } = WEIGHTS;
    const opposite = { bias: 0, classWeight: turn(classWeight), patchWeight: turn(patchWeight) };
    const ledger = await account(head, 6, NUCLEI);
    const said = await compareHeads(head, linearHead('b', opposite, 1), ledger, source);
    expect(said?.agreement).toBe(0);
    expect(said?.spearman).toBeCloseTo(-1, 6);
    said?.difference.forEach((value, cell) => {
      expect(value).toBeCloseTo(2 * ledger.cells.contribution[cell], 5);
    });
  });

  it('is null when a field is missing: a part would pass for the whole', async () => {
    const head = linearHead('a');
    const ledger = await account(head, 3, NUCLEI);
    const some = async (field: LedgerField) => (field.id === 1 ? null : field.tokens);
    expect(await compareHeads(head, linearHead('b'), ledger, some)).toBeNull();
  });
});

describe('rank correlation', () => {
  it('follows order alone, with ties at their mean rank', () => {
    expect(spearman([1, 2, 3], [10, 100, 1000])).toBeCloseTo(1, 9);
    expect(spearman([1, 2, 3], [3, 2, 1])).toBeCloseTo(-1, 9);
    // scipy.stats.spearmanr([1, 2, 2, 4, 5], [2, 1, 3, 3, 5]) = 0.763157...
    expect(spearman([1, 2, 2, 4, 5], [2, 1, 3, 3, 5])).toBeCloseTo(0.7631578947, 9);
    expect(spearman([1, 1, 1], [1, 2, 3])).toBeNull();
  });
});
