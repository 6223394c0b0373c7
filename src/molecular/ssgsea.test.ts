import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ssgsea } from './ssgsea.ts';
import fixture from './testing/ssgsea.json' with { type: 'json' };

const one = async (values: number[], set: number[]) =>
  (
    await ssgsea({ genes: values.length, values: Float32Array.from(values) }, [
      Uint32Array.from(set),
    ])
  )[0];

describe('ssgsea', () => {
  it.each([
    [[0, 2], 2.30064],
    [[0, 1], 3.011393],
    [[4, 5], -2.956786],
    [[1, 4], 0.171057],
  ])('has the golden value of the methods sheet for %j', async (set, golden) => {
    expect(await one([9, 7, 5, 3, 2, 1], set)).toBeCloseTo(golden, 6);
  });

  it('equals the Python function on random data with ties', async () => {
    const scores = await ssgsea(
      { genes: fixture.genes, values: Float32Array.from(fixture.values.flat()) },
      fixture.sets.map((set) => Uint32Array.from(set)),
    );
    const expected = fixture.scores.flat();
    expect(scores).toHaveLength(expected.length);
    expected.forEach((score, i) => {
      expect(Math.abs(scores[i] - score)).toBeLessThan(1e-6 * Math.max(1, Math.abs(score)));
    });
  });

  const value = fc.integer({ min: -4, max: 4 });
  const profile = fc.array(value, { minLength: 4, maxLength: 40 });

  it('does not depend on the order of genes, nor on what keeps their order', async () => {
    await fc.assert(
      fc.asyncProperty(profile, fc.nat(), async (values, turn) => {
        const by = turn % values.length;
        const moved = [...values.slice(by), ...values.slice(0, by)];
        const place = (i: number) => (i - by + values.length) % values.length;
        const score = await one(values, [0, 1]);
        expect(await one(moved, [place(0), place(1)])).toBeCloseTo(score, 9);
        expect(
          await one(
            values.map((v) => 3 * v + 7),
            [0, 1],
          ),
        ).toBeCloseTo(score, 9);
      }),
      { numRuns: 40 },
    );
  });

  it('is highest for the genes at the top, and counts -0 as 0', async () => {
    const values = [5, 4, 3, 0, -0, -2];
    const top = await one(values, [0, 1]);
    for (const set of [
      [0, 2],
      [1, 2],
      [3, 4],
      [0, 5],
    ])
      expect(await one(values, set)).toBeLessThan(top);
    expect(await one(values, [0, 3])).toBe(await one(values, [0, 4]));
  });

  it('refuses numbers that are none and sets of no or all genes, and can be cancelled', async () => {
    await expect(one([1, Number.NaN, 2], [0])).rejects.toMatchObject({ tag: 'format' });
    await expect(one([1, 2, 3], [])).rejects.toMatchObject({ tag: 'internal' });
    await expect(one([1, 2, 3], [0, 1, 2])).rejects.toMatchObject({ tag: 'internal' });
    const abort = new AbortController();
    const values = new Float32Array(2000 * 50);
    const sets = [Uint32Array.of(1)];
    const told: number[] = [];
    const pending = ssgsea({ genes: 50, values }, sets, {
      signal: abort.signal,
      onProgress: (done) => {
        told.push(done);
        abort.abort();
      },
    });
    await expect(pending).rejects.toMatchObject({ tag: 'cancelled' });
    expect(told).toEqual([0]);
  });

  it('reports progress up to 1', async () => {
    const told: number[] = [];
    const values = Float32Array.from({ length: 600 * 5 }, (_, i) => i % 7);
    await ssgsea({ genes: 5, values }, [Uint32Array.of(0)], { onProgress: (d) => told.push(d) });
    expect(told.at(-1)).toBe(1);
    expect(told).toEqual([...told].sort((a, b) => a - b));
  });
});
