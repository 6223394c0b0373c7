import { expect, test } from 'vitest';
import { inOrder, pause } from './tasks.ts';

test('results come in the order of the items, never more than asked for under way', async () => {
  let [underWay, most] = [0, 0];
  const work = async (ms: number, at: number) => {
    most = Math.max(most, ++underWay);
    await pause(ms);
    underWay--;
    return at;
  };
  const told: number[] = [];
  for await (const at of inOrder([9, 1, 5, 0, 2, 7], () => 3, work)) told.push(at);
  expect(told).toEqual([0, 1, 2, 3, 4, 5]);
  expect(most).toBe(3);
});

test('an error is thrown when its turn comes, and nothing more is begun', async () => {
  const begun: number[] = [];
  const work = async (item: number) => {
    begun.push(item);
    if (item === 1) throw new Error('one');
    await pause(2);
    return item;
  };
  const told: number[] = [];
  const telling = async () => {
    for await (const item of inOrder([0, 1, 2, 3, 4], () => 2, work)) told.push(item);
  };
  await expect(telling()).rejects.toThrow('one');
  expect(told).toEqual([0]);
  expect(begun).toEqual([0, 1, 2]);
});
