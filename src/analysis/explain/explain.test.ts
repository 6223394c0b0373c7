import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mulberry32 } from '../../core/random.ts';
import type { LedgerField } from '../ledger.ts';
import { sigmoid } from '../score.ts';
import { askMany, copyTokens, evenly } from './ask.ts';
import { meanBackground } from './background.ts';
import { explainCell } from './cell.ts';
import { fieldsWithin } from './region.ts';
import { account, COUNT, DIM, dot, linearHead, randomTokens, SIDE, WEIGHTS } from './testing.ts';
import { whatIf } from './what-if.ts';

const source = async (field: LedgerField) => field.tokens;
/** On one token; across the edge of two fields; two that share tokens. */
const NUCLEI = [
  [16, 16, 10],
  [SIDE, 48, 20],
  [80, 80, 14, 1],
  [92, 84, 12, 2],
] as const;

describe('asking about many sets of tokens', () => {
  const sets = Array.from({ length: 70 }, (_, i) => randomTokens(mulberry32(i)));
  const ask = (most?: number) => {
    const head = linearHead('h', WEIGHTS, 1, most);
    const said = askMany(head, sets.length, (i, into) => copyTokens(sets[i], into));
    return { head, said };
  };

  it('answers each set in its place, in few calls', async () => {
    const { head, said } = ask();
    const answers = await said;
    expect(head.batches.length).toBeLessThan(5);
    answers.forEach((answer, i) => {
      const { classToken, patchTokens } = sets[i];
      expect(answer.classShare).toBeCloseTo(dot(classToken, WEIGHTS.classWeight), 5);
      const first = dot(patchTokens.subarray(0, DIM), WEIGHTS.patchWeight) / COUNT;
      expect(answer.contribution[0]).toBeCloseTo(first, 5);
      expect(answer.contribution).toHaveLength(COUNT);
    });
  });

  it('asks a head with a fixed batch axis one by one, with the same answers', async () => {
    const one = ask(1);
    expect((await one.said).map((a) => a.logit)).toEqual((await ask().said).map((a) => a.logit));
    expect(Math.max(...one.head.batches)).toBe(1);
  });

  it('reports a head that fails whatever the batch', async () => {
    await expect(ask(0).said).rejects.toThrow('batch of 1');
  });
});

describe('evenly', () => {
  it('takes all of a short list and spreads over a long one', () => {
    expect(evenly([1, 2, 3], 5)).toEqual([1, 2, 3]);
    expect(evenly([0, 1, 2, 3, 4, 5, 6, 7], 4)).toEqual([0, 2, 4, 6]);
  });
});

describe('the mean background token', () => {
  it('weighs each token by what no cell covers', async () => {
    const { fields } = await account(linearHead(), 2, NUCLEI);
    const background = await meanBackground(fields, source);
    let [sum, weight] = [0, 0];
    for (const { tokens, overlap } of fields) {
      overlap.rest.forEach((rest, t) => {
        sum += rest * (tokens?.patchTokens[t * DIM + 1] ?? NaN);
        weight += rest;
      });
    }
    expect(background?.token[1]).toBeCloseTo(sum / weight, 5);
    expect(background).toMatchObject({ fields: 2, of: 2 });
  });

  it('is null where no tokens are kept', async () => {
    const { fields } = await account(linearHead(), 2, NUCLEI);
    expect(await meanBackground(fields, async () => null)).toBeNull();
  });
});

describe('a cell', () => {
  it('changes the logit by what its tokens differ from background, as far as it covers them', async () => {
    const head = linearHead();
    const ledger = await account(head, 2, NUCLEI);
    const background = await meanBackground(ledger.fields, source);
    for (let index = 0; index < ledger.cells.count; index++) {
      let expected = 0;
      for (const { overlap, tokens } of ledger.fieldsOf(index)) {
        overlap.cell.forEach((cell, e) => {
          if (cell !== index || !tokens || !background) return;
          const at = overlap.token[e] * DIM;
          const own = dot(tokens.patchTokens.subarray(at, at + DIM), WEIGHTS.patchWeight);
          const bare = dot(background.token, WEIGHTS.patchWeight);
          expected += (overlap.share[e] * (bare - own)) / COUNT;
        });
      }
      const said = await whatIf(head, ledger, source, background, index);
      expect(said?.delta).toBeCloseTo(expected, 5);
      expect(Math.abs(said?.delta ?? 0)).toBeGreaterThan(1e-4);
    }
    expect((await whatIf(head, ledger, source, background, 1))?.fields).toBe(2);
  });

  it('tells what the class token alone says', async () => {
    const head = linearHead();
    const ledger = await account(head, 1, NUCLEI);
    const said = await whatIf(head, ledger, source, null, 0);
    expect(said?.classAlone).toBeCloseTo(
      sigmoid((WEIGHTS.bias + ledger.fields[0].classShare) / 2),
      6,
    );
    expect(said?.delta).toBeNull();
  });

  it('has no change where the tokens of one of its fields are gone', async () => {
    const head = linearHead();
    const ledger = await account(head, 2, NUCLEI);
    const background = await meanBackground(ledger.fields, source);
    const half = async (field: LedgerField) => (field.id === 0 ? field.tokens : null);
    expect((await whatIf(head, ledger, half, background, 1))?.delta).toBeNull();
    expect((await whatIf(head, ledger, half, background, 0))?.delta).not.toBeNull();
    expect(await whatIf(head, ledger, half, background, 99)).toBeNull();
  });

  it('knows its ranks and who shares its tokens', async () => {
    const ledger = await account(linearHead(), 2, NUCLEI);
    const said = [0, 1, 2, 3].map((i) => explainCell(ledger, i));
    expect(said.map((cell) => cell?.contributionRank).toSorted()).toEqual([1, 2, 3, 4]);
    const { contribution } = ledger.cells;
    const top = said.find((cell) => cell?.contributionRank === 1);
    expect(top?.contribution).toBe(Math.max(...contribution.subarray(0, 4)));
    const at = (x: number) => ledger.cells.x.indexOf(x);
    expect(said[at(80)]?.neighbours).toEqual([at(92)]);
    expect(said[at(16)]?.neighbours).toEqual([]);
    expect(explainCell(ledger, 4)).toBeNull();
  });
});

describe('the fields of a region', () => {
  it('are those that meet it', async () => {
    const ledger = await account(linearHead(), 5, []);
    const ids = (x: number, w: number) =>
      fieldsWithin(ledger, { x, y: 0, w, h: 10 }).map((field) => field.id);
    expect(ids(SIDE + 1, SIDE)).toEqual([1, 2]);
    expect(fieldsWithin(ledger, null)).toHaveLength(5);
    expect(() => ids(10 * SIDE, 5)).toThrow(/No analysed field is in view/);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4 }), (col) => {
        expect(ids(col * SIDE + 3, 5)).toEqual([col]);
      }),
    );
  });
});
