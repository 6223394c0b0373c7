import { mean } from 'd3-array';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mulberry32 } from '../core/random.ts';
import { adjustedRand, clusterScore } from './clusters.ts';
import { averageDrop, cramersV, integratedDegradation } from './degradation.ts';
import { macroF1, maxSim } from './retrieval.ts';
import { neighboursKept } from './rotation.ts';
import { unitRows } from './rows.ts';
import { spectrumOf } from './spectrum.ts';
import { biologyDominant, centreDominant } from './testing/worlds.ts';

const tokens = (...rows: number[][]) => unitRows(Float32Array.from(rows.flat()), rows[0].length);

describe('MaxSim', () => {
  it('gives the values of the methods sheet and tells what matched what', () => {
    const query = tokens([1, 0], [1, 1]);
    const { score, token } = maxSim(query, tokens([1, 0], [0, 1]));
    expect(score).toBeCloseTo(1.707107, 5);
    expect(token[0]).toBe(0);
    expect(maxSim(query, tokens([0, 1])).score).toBeCloseTo(Math.SQRT1_2, 5);
  });

  it('a region answers itself best', () => {
    const row = fc.array(fc.double({ min: 0.1, max: 1, noNaN: true }), {
      minLength: 3,
      maxLength: 3,
    });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 8 }), (rows) => {
        const region = tokens(...rows);
        expect(maxSim(region, region).score).toBeCloseTo(rows.length, 4);
      }),
    );
  });
});

it('macro F1 counts every class alike', () => {
  expect(macroF1([0, 0, 0, 1], [0, 0, 0, 0])).toBeCloseTo((6 / 7 + 0) / 2, 9);
  expect(macroF1([0, 1, 2], [0, 1, 2])).toBe(1);
});

describe('mutual neighbours', () => {
  const random = mulberry32(3);
  const [n, dim] = [60, 8];
  const cloud = () =>
    unitRows(
      Float32Array.from({ length: n * dim }, () => random() - 0.5),
      dim,
    ).rows;
  const first = cloud();
  it('1 for the same view, near chance for another', async () => {
    const same = await neighboursKept({ n, dim, first, second: first }, 10);
    expect([...same]).toEqual(Array(n).fill(1));
    const other = await neighboursKept({ n, dim, first, second: cloud() }, 10);
    expect(Math.abs((mean(other) ?? 0) - 10 / 59)).toBeLessThan(0.08);
  });
});

describe('clusters', () => {
  it('follow biology in one world and the centre in the other', async () => {
    const one = await clusterScore(biologyDominant(), { most: 4, trials: 3 });
    expect(one).toMatchObject({ clusters: 2, biology: 1 });
    expect(one.score).toBeGreaterThan(0.9);
    const other = await clusterScore(centreDominant(), { most: 4, trials: 3 });
    expect(other.score).toBeLessThan(-0.9);
  });

  it('the adjusted Rand index does not mind names, and is 0 by chance', () => {
    expect(adjustedRand([0, 0, 1, 1], [7, 7, 3, 3])).toBe(1);
    // By hand: 2 pairs in common of 6, expected 2 * 3 / 15.
    expect(adjustedRand([0, 0, 0, 1, 1, 1], [0, 0, 1, 1, 2, 2])).toBeCloseTo(0.242424, 5);
    const random = mulberry32(9);
    const labels = () => Array.from({ length: 2000 }, () => Math.floor(random() * 4));
    expect(Math.abs(adjustedRand(labels(), labels()))).toBeLessThan(0.02);
  });
});

describe('degradation', () => {
  it('is 0 without loss, and a straight fall to chance has the area of half', () => {
    expect(
      averageDrop([
        [0.9, 0.8],
        [0.9, 0.8],
      ]),
    ).toBeCloseTo(0, 9);
    expect(
      averageDrop([
        [0.8, 1],
        [0.4, 1],
        [0.6, 0.5],
      ]),
    ).toBeCloseTo(-0.3125, 9);
    expect(integratedDegradation([[0.9], [0.7], [0.5]], [0, 0.5, 1], 0.5)).toBeCloseTo(-0.5, 9);
  });

  it('refuses what cannot degrade', () => {
    expect(() => averageDrop([[0.8]])).toThrow(/at least one confounded row/);
    expect(() => averageDrop([[0], [0.5]])).toThrow(/accuracy of 0/);
    expect(() => integratedDegradation([[0.5], [0.5]], [0, 1], 0.5)).toThrow(/not told better/);
    expect(() => integratedDegradation([[0.9], [0.5]], [0.2, 1], 0.5)).toThrow(/must rise/);
  });

  it("Cramer's V is 0 for independent labels and 1 for entangled ones", () => {
    expect(
      cramersV([
        [10, 10],
        [20, 20],
      ]),
    ).toBeCloseTo(0, 9);
    expect(
      cramersV([
        [30, 0],
        [0, 5],
      ]),
    ).toBeCloseTo(1, 9);
  });
});

describe('spectrum', () => {
  it('counts the directions that are used', () => {
    const random = mulberry32(1);
    const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const [n, dim] = [4000, 6];
    const used = (count: number) =>
      Float32Array.from({ length: n * dim }, (_, at) => (at % dim < count ? normal() : 0));
    expect(spectrumOf(used(1), n, dim).effectiveRank).toBeCloseTo(1, 6);
    expect(spectrumOf(used(4), n, dim).effectiveRank).toBeCloseTo(4, 1);
    const { skewness, kurtosis } = spectrumOf(used(6), n, dim);
    expect(skewness).toBeLessThan(0.1);
    expect(Math.abs(kurtosis)).toBeLessThan(0.2);
  });
});
