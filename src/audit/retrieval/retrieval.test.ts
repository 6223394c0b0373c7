import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { account, COUNT, DIM, linearHead, SIDE } from '../../analysis/explain/testing.ts';
import type { FieldTokens, LedgerField } from '../../analysis/ledger.ts';
import { mulberry32, shuffle } from '../../core/random.ts';
import { maxSim } from '../retrieval.ts';
import { unitRows } from '../rows.ts';
import { Codebook } from './codebook.ts';
import { MOST_QUERY_TOKENS, regionQuery } from './query.ts';
import { TokenIndex, thinned } from './token-index.ts';
import { findSimilar } from './two-stage.ts';

const WIDE = 16;
const MANY = 12;

const drawn = (random: () => number, length: number) =>
  Float32Array.from({ length }, () => 2 * random() - 1);

function randomField(random: () => number): FieldTokens {
  return { classToken: drawn(random, WIDE), patchTokens: drawn(random, MANY * WIDE) };
}

/** The same tokens in another order, each a little changed. */
function repeated({ classToken, patchTokens }: FieldTokens, random: () => number): FieldTokens {
  const rows = Array.from({ length: MANY }, (_, i) => patchTokens.slice(i * WIDE, (i + 1) * WIDE));
  shuffle(rows, random);
  const noisy = (values: number[]) => Float32Array.from(values, (x) => x + 0.2 * (random() - 0.5));
  return { classToken: noisy([...classToken]), patchTokens: noisy(rows.flatMap((r) => [...r])) };
}

function queryOf({ classToken, patchTokens }: FieldTokens) {
  const tokens = unitRows(patchTokens, WIDE);
  return { classToken: unitRows(classToken, WIDE).rows, tokens };
}

function placeOf(fields: readonly (FieldTokens | null)[], left: readonly number[] = []) {
  const known = fields.flatMap((field) => (field ? [...field.patchTokens] : []));
  const index = new TokenIndex(Codebook.learn(unitRows(Float32Array.from(known), WIDE)));
  for (const field of fields) index.add(field);
  return {
    index,
    tokensOf: async (field: number) => fields[field],
    allowed: (field: number) => !left.includes(field),
  };
}

function bruteForce(
  query: ReturnType<typeof queryOf>,
  fields: readonly FieldTokens[],
  but: number,
) {
  return fields
    .map((field, at) => ({
      at,
      score: maxSim(query.tokens, unitRows(field.patchTokens, WIDE)).score / query.tokens.count,
    }))
    .filter(({ at }) => at !== but)
    .sort((a, b) => b.score - a.score);
}

describe('MaxSim', () => {
  const field = () => unitRows(randomField(mulberry32(3)).patchTokens, WIDE);

  it('does not mind the order of tokens', () => {
    const region = field();
    const order = Array.from({ length: MANY }, (_, i) => i);
    shuffle(order, mulberry32(4));
    const rows = Float32Array.from(
      order.flatMap((i) => [...region.rows.subarray(i * WIDE, (i + 1) * WIDE)]),
    );
    const query = unitRows(randomField(mulberry32(5)).patchTokens, WIDE);
    const [as, shuffled] = [maxSim(query, region), maxSim(query, { ...region, rows })];
    expect(shuffled.score).toBeCloseTo(as.score, 5);
    expect([...shuffled.token].map((t) => order[t])).toEqual([...as.token]);
  });

  it('does not look at padding', () => {
    const query = field();
    const region = { ...field(), count: MANY - 5 };
    const cut = { ...region, rows: region.rows.slice(0, (MANY - 5) * WIDE) };
    expect(maxSim(query, region)).toEqual(maxSim(query, cut));
    expect(maxSim(query, region).score).toBeLessThan(maxSim(query, field()).score);
  });
});

describe('the search in two stages', () => {
  it('finds a motif that is repeated with noise first', async () => {
    const random = mulberry32(7);
    const fields = Array.from({ length: 200 }, () => randomField(random));
    const planted = [17, 60, 99, 150, 188];
    for (const at of planted) fields[at] = repeated(fields[5], random);
    const found = await findSimilar(queryOf(fields[5]), [placeOf(fields, [5])], 5, 12);
    const listed = (list: typeof found.byTokens) =>
      list.map((a) => a.field).toSorted((a, b) => a - b);
    expect(listed(found.byTokens)).toEqual(planted);
    expect(listed(found.byClassToken)).toEqual(planted);
    expect(found).toMatchObject({ shared: 5, searched: 199 });
    expect(found.compared).toBeLessThan(40);
    expect(found.byTokens.map((a) => a.field)).toEqual(
      bruteForce(queryOf(fields[5]), fields, 5)
        .slice(0, 5)
        .map(({ at }) => at),
    );
  });

  it('gives what comparing every field gives, where few are left out', async () => {
    const sizes = fc.integer({ min: 2, max: 20 });
    await fc.assert(
      fc.asyncProperty(sizes, fc.integer(), async (n, seed) => {
        const random = mulberry32(seed);
        const fields = Array.from({ length: n }, () => randomField(random));
        const query = queryOf(fields[0]);
        const { byTokens, compared } = await findSimilar(query, [placeOf(fields, [0])], 10);
        const exact = bruteForce(query, fields, 0).slice(0, 10);
        expect(compared).toBe(n - 1);
        expect(byTokens.map((answer) => answer.field)).toEqual(exact.map(({ at }) => at));
        byTokens.forEach((answer, i) => {
          expect(answer.maxSim).toBeCloseTo(exact[i].score, 5);
        });
      }),
      { numRuns: 30 },
    );
  });

  it('looks on several slides and passes fields without tokens over', async () => {
    const random = mulberry32(9);
    const here = [randomField(random), null, randomField(random)];
    const there = [randomField(random), repeated(here[0] as FieldTokens, random)];
    const query = queryOf(here[0] as FieldTokens);
    const found = await findSimilar(query, [placeOf(here, [0]), placeOf(there)], 3);
    expect(found.searched).toBe(3);
    expect(found.byTokens[0]).toMatchObject({ of: 1, field: 1 });
  });

  it('stops when asked', async () => {
    const fields = [randomField(mulberry32(1)), randomField(mulberry32(2))];
    const search = findSimilar(queryOf(fields[0]), [placeOf(fields)], 3, 3, AbortSignal.abort());
    await expect(search).rejects.toMatchObject({ tag: 'cancelled' });
  });
});

describe('a region that is asked about', () => {
  const TOKEN = SIDE / 4;
  const source = async (field: LedgerField) => field.tokens;
  const box = (x: number, y: number, w: number, h: number) => [
    x,
    y,
    x + w,
    y,
    x + w,
    y + h,
    x,
    y + h,
  ];

  it('is the tokens whose middle lies in it, without holes', async () => {
    const ledger = await account(linearHead(), 3, []);
    const rings = [box(SIDE - TOKEN, 0, 2 * TOKEN, 3 * TOKEN), box(SIDE, TOKEN, TOKEN, TOKEN)];
    const query = await regionQuery(ledger, source, rings);
    expect(query).toMatchObject({ inside: 5, fields: 2, tokenSide: TOKEN });
    expect(query.tokens.count).toBe(5);
    expect([...query.middles.slice(0, 2)]).toEqual([SIDE - TOKEN / 2, TOKEN / 2]);
    const first = ledger.fields[0].tokens?.patchTokens.slice(3 * DIM, 4 * DIM) ?? [];
    const length = Math.hypot(...first);
    expect(query.tokens.rows[0]).toBeCloseTo(first[0] / length, 5);
  });

  it('leaves glass out, unless it is all there is', async () => {
    const ledger = await account(linearHead(), 1, []);
    const rings = [box(0, 0, SIDE, TOKEN)];
    const left = await regionQuery(ledger, source, rings, (x) => x < 2 * TOKEN);
    expect(left.inside).toBe(2);
    expect([...left.middles]).toEqual([0.5 * TOKEN, 0.5 * TOKEN, 1.5 * TOKEN, 0.5 * TOKEN]);
    const bare = await regionQuery(ledger, source, rings, () => false);
    expect(bare.inside).toBe(4);
  });

  it('is one token where it is smaller, and every so manieth where it is large', async () => {
    const ledger = await account(linearHead(), 20, []);
    const small = await regionQuery(ledger, source, [box(TOKEN + 1, 1, 2, 2)]);
    expect(small).toMatchObject({ inside: 1, fields: 1 });
    expect([...small.middles]).toEqual([1.5 * TOKEN, 0.5 * TOKEN]);
    const large = await regionQuery(ledger, source, [box(0, 0, 20 * SIDE, SIDE)]);
    expect(large.inside).toBe(20 * COUNT);
    expect(large.tokens.count).toBe(MOST_QUERY_TOKENS);
    expect(large.middles.length).toBe(2 * MOST_QUERY_TOKENS);
  });

  it('must be analysed', async () => {
    const ledger = await account(linearHead(), 2, []);
    const outside = regionQuery(ledger, source, [box(9 * SIDE, 0, SIDE, SIDE)]);
    await expect(outside).rejects.toMatchObject({ tag: 'no-tissue' });
    const gone = regionQuery(ledger, async () => null, [box(0, 0, SIDE, SIDE)]);
    await expect(gone).rejects.toMatchObject({ tag: 'no-tissue' });
  });
});

it('thinning keeps the order and the ends', () => {
  const rows = Float32Array.from({ length: 10 }, (_, i) => i);
  expect([...thinned({ count: 10, dim: 1, rows }, 5).rows]).toEqual([0, 2, 4, 6, 8]);
  expect(thinned({ count: 10, dim: 1, rows }, 10).count).toBe(10);
});
