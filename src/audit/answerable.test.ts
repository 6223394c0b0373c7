import { describe, expect, it } from 'vitest';
import { findNeighbours } from './neighbours.ts';
import { robustnessOf } from './robustness.ts';
import { world } from './testing/worlds.ts';

/** Class a is seen by both centres and lies apart; class b comes from centre 1 alone, beside nothing. */
function halfTied() {
  return world(
    Array.from({ length: 24 }, (_, i) => {
      const of = i < 16 ? 'a' : `b${i & 1}`;
      const vector = of === 'a' ? [1, 0.01 * i, 0] : [0, 1, 0.01 * i];
      return [vector, of, of === 'a' && i % 2 === 0 ? '2' : '1'];
    }),
  );
}

describe('the index where it can be asked', () => {
  it('leaves out classes that one centre alone has seen, which pull the index down', async () => {
    const set = halfTied();
    const near = await findNeighbours(set, 5);
    const { index, answerableIndex, answerable } = robustnessOf(set, near, [5]);
    // Centre 2 saw nothing but class a: its samples have no OS to be tempted by.
    expect(answerable).toBe(8);
    expect(answerableIndex.value).toBe(1);
    expect(index.value).toBeLessThan(0.8);
  });

  it('gives no interval where fewer than five groups speak', async () => {
    const grouped = halfTied();
    const set = { ...grouped, group: Int32Array.from(grouped.group, (g) => (g < 16 ? g % 4 : g)) };
    const near = await findNeighbours(set, 5);
    const found = robustnessOf(set, near, [5]);
    expect(found.answerableIndex.value).toBe(1);
    expect(found.answerableIndex.interval).toBeNull();
    expect(found.index.interval).not.toBeNull();
  });
});
