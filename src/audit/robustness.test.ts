import { describe, expect, it } from 'vitest';
import { findNeighbours } from './neighbours.ts';
import { robustnessOf } from './robustness.ts';
import { sampleSet } from './samples.ts';
import { biologyDominant, centreDominant, clouds, contested, sheet } from './testing/worlds.ts';

const at = async (set: ReturnType<typeof sheet>, k: number, m = 5) =>
  robustnessOf(set, await findNeighbours(set, k, { m }), [k]);

describe('the methods sheet', () => {
  it.each([
    [1, 1, null],
    [2, 0.5, 1],
    [3, 0.6, 4 / 3],
  ])('at k = %i', async (k, index, ratio) => {
    const { index: ri, ratio: old } = await at(sheet(), k);
    expect(ri.value).toBeCloseTo(index, 6);
    if (ratio !== null) expect(old.value).toBeCloseTo(ratio, 4);
  });

  it('margins', async () => {
    const set = sheet();
    const near = await findNeighbours(set, 3, { m: 1 });
    const margins = [0, 1, 2].map((i) => {
      const [so, os] = [near.sameElsewhere[i], near.otherHere[i]];
      return (os - so) / (os + so);
    });
    [0.824716, 0.986343, -0.821287].forEach((value, i) => {
      expect(margins[i]).toBeCloseTo(value, 5);
    });
    const { margin, marginNotPositive } = robustnessOf(set, near, [3]);
    expect(margin.value).toBeCloseTo(0.824716, 5);
    expect(marginNotPositive.value).toBeCloseTo(1 / 3, 6);
  });
});

describe('worlds with a known answer', () => {
  it('biology alone: 1, whatever the weights; margins above zero', async () => {
    const found = await at(biologyDominant(), 3);
    expect(found.index.value).toBe(1);
    expect(found.marginAware.value).toBe(1);
    expect(found.margin.value).toBeGreaterThan(0.9);
    expect(found.marginLow.value).toBeGreaterThan(0.5);
    expect(found.marginNotPositive.value).toBe(0);
    expect(found.counts.os).toBe(0);
    expect(found.ratio.value).toBeGreaterThan(1);
  });

  it('the centre alone: 0, margins below zero', async () => {
    const found = await at(centreDominant(), 3);
    expect(found.index.value).toBe(0);
    expect(found.marginAware.value).toBe(0);
    expect(found.margin.value).toBeLessThan(-0.9);
    expect(found.marginNotPositive.value).toBe(1);
    expect(found.ratio.value).toBeLessThan(1);
  });

  it('exactly contested: a half, no margin, every sample counts', async () => {
    const found = await at(contested(), 3);
    expect(found.index.value).toBeCloseTo(0.5, 6);
    expect(found.marginAware.value).toBeCloseTo(0.5, 6);
    expect(found.ratio.value).toBeCloseTo(1, 6);
    expect(found.support).toBe(1);
    expect((await at(contested(), 3, 1)).margin.value).toBeCloseTo(0, 4);
  });

  it('stronger centres lower every measure', async () => {
    const weak = await at(clouds({ biology: 0.8, centre: 0.1 }), 7);
    const strong = await at(clouds({ biology: 0.8, centre: 0.8 }), 7);
    expect(strong.index.value).toBeLessThan(weak.index.value ?? 0);
    expect(strong.marginAware.value).toBeLessThan(weak.marginAware.value ?? 0);
    expect(strong.margin.value).toBeLessThan(weak.margin.value ?? 0);
    const { value, interval } = weak.index;
    expect(interval?.[0]).toBeLessThanOrEqual(value ?? 0);
    expect(interval?.[1]).toBeGreaterThanOrEqual(value ?? 1);
  });

  it('k is the one that tells biology best', async () => {
    const set = clouds({ biology: 1, centre: 1 });
    const near = await findNeighbours(set, 15);
    const { k, accuracies } = robustnessOf(set, near, [1, 5, 15]);
    const best = Math.max(...accuracies.map(({ accuracy }) => accuracy));
    expect(accuracies.find((a) => a.k === k)?.accuracy).toBe(best);
  });
});

describe('the search', () => {
  it('never takes a neighbour from the same slide, and can be cancelled', async () => {
    const set = clouds({ biology: 1, centre: 1 });
    const { index } = await findNeighbours(set, 10);
    index.forEach((j, at) => {
      expect(set.group[j]).not.toBe(set.group[Math.floor(at / 10)]);
    });
    await expect(findNeighbours(set, 10, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      tag: 'cancelled',
    });
  });

  it('says so when there are too few', async () => {
    await expect(findNeighbours(sheet(), 6)).rejects.toThrow(/6 neighbours are asked for/);
  });
});

describe('a set that cannot be audited', () => {
  const label = (biology: string, centre: string) => ({ biology, centre, group: centre });
  const two = [label('a', '1'), label('b', '2')];
  it.each([
    ['nothing', [], 2, [], /empty/],
    ['other numbers', [1, 2, 3], 2, two, /do not fit the labels/],
    ['a gap', [1, 0, 0, 1], 2, [label('a', '1'), label(' ', '2')], /Sample 2 has no biology/],
    ['one class', [1, 0, 0, 1], 2, [label('a', '1'), label('a', '2')], /one biological class/],
    ['one centre', [1, 0, 0, 1], 2, [label('a', '1'), label('b', '1')], /one centre/],
    ['NaN', [1, 0, Number.NaN, 1], 2, two, /sample 2 holds a value that is not a number/],
    ['zeros', [1, 0, 0, 0], 2, two, /sample 2 holds only zeros/],
  ])('%s', (_, values, dim, labels, sentence) => {
    expect(() => sampleSet(Float32Array.from(values), dim, labels)).toThrow(sentence);
  });
});
