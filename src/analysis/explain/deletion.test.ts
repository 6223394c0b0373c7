import { describe, expect, it } from 'vitest';
import { toCytolensError } from '../../core/errors.ts';
import type { LedgerField } from '../ledger.ts';
import type { Background } from './background.ts';
import { deletionCurves, MOST_FIELDS, REMOVED } from './deletion.ts';
import { account, COUNT, DIM, linearHead, WEIGHTS } from './testing.ts';

const source = async (field: LedgerField) => field.tokens;
const ZERO: Background = { token: new Float32Array(DIM), fields: 1, of: 1 };
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

async function run(fields: number, background = ZERO, seed = 1, weights = WEIGHTS) {
  const head = linearHead('a', weights);
  const ledger = await account(head, fields, [], seed);
  const said = await deletionCurves(head, ledger.fields, source, background);
  if (!said) throw new Error('no curves');
  return { head, fields: ledger.fields, said };
}

describe('deletion curves of a linear head', () => {
  it('fall by exactly the contributions removed, largest first', async () => {
    const { fields, said } = await run(6);
    const side = Math.sign(mean(fields.map((f) => f.logit)));
    expect(said.side).toBe(side);
    REMOVED.forEach((share, s) => {
      const gone = Math.round(share * COUNT);
      const expected = fields.map((field) => {
        const sorted = [...field.contribution].sort((a, b) => side * (b - a));
        return field.logit - sorted.slice(0, gone).reduce((a, b) => a + b, 0);
      });
      expect(said.contribution.mean[s]).toBeCloseTo(mean(expected), 4);
    });
  });

  it('start at the logit and end at what no token says, in every order', async () => {
    const { fields, said } = await run(5);
    for (const curve of [said.contribution.mean, said.attention.mean, said.random.mean]) {
      expect(curve[0]).toBeCloseTo(mean(fields.map((f) => f.logit)), 5);
      const left = mean(fields.map((f) => f.logit - f.contribution.reduce((a, b) => a + b, 0)));
      expect(curve.at(-1)).toBeCloseTo(left, 5);
    }
  });

  it('random order falls in a straight line, on average', async () => {
    const { said } = await run(60);
    const [first, last] = [said.random.mean[0], said.random.mean.at(-1) ?? NaN];
    REMOVED.forEach((share, s) => {
      const gone = Math.round(share * COUNT) / COUNT;
      expect(said.random.mean[s]).toBeCloseTo(first + gone * (last - first), 1);
      expect(said.random.low[s]).toBeLessThanOrEqual(said.random.mean[s] + 1e-6);
      expect(said.random.high[s]).toBeGreaterThanOrEqual(said.random.mean[s] - 1e-6);
    });
  });

  it('finds the order by contribution better than chance, and by even attention not', async () => {
    const { said } = await run(40);
    const { contribution, attention } = said;
    expect(contribution.area).toBeGreaterThan(0);
    expect(contribution.interval?.[0]).toBeGreaterThan(0);
    // Attention of this head is even, so its order says nothing.
    expect(attention.interval?.[0]).toBeLessThan(0);
    expect(attention.interval?.[1]).toBeGreaterThan(0);
  });

  it('has a positive area for a prediction against, too', async () => {
    const { said } = await run(10, ZERO, 3, { ...WEIGHTS, bias: -5 });
    expect(said.side).toBe(-1);
    expect(said.contribution.area).toBeGreaterThan(0);
  });

  it('has no area where tokens are all background, and no interval from few fields', async () => {
    const silent = { ...WEIGHTS, patchWeight: [0, 0, 0, 0] };
    const { said } = await run(4, ZERO, 1, silent);
    expect(said.contribution.area).toBeCloseTo(0, 6);
    expect(said.contribution.interval).toBeNull();
  });

  it('repeats itself, and asks a sample of many fields', async () => {
    const a = await run(MOST_FIELDS + 30);
    const b = await run(MOST_FIELDS + 30);
    expect(a.said).toEqual(b.said);
    expect(a.said).toMatchObject({ fields: MOST_FIELDS, of: MOST_FIELDS + 30 });
  });

  it('is null without tokens, tells progress and can be cancelled', async () => {
    const head = linearHead();
    const { fields } = await account(head, 5, []);
    expect(await deletionCurves(head, fields, async () => null, ZERO)).toBeNull();
    const abort = new AbortController();
    const seen: number[] = [];
    const stop = (done: number) => {
      seen.push(done);
      if (done === 2) abort.abort();
    };
    const failed = deletionCurves(head, fields, source, ZERO, stop, abort.signal);
    expect(toCytolensError(await failed.catch((e) => e)).tag).toBe('cancelled');
    expect(seen).toEqual([1, 2]);
  });
});
