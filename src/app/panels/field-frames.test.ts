import { expect, test } from 'vitest';
import type { SimilarSearch } from '../retrieval/state.ts';
import { framesOn } from './field-frames.ts';

const RECT = { x: 4480, y: 896, w: 448, h: 448 };
const answers = ['here', 'there'].map((slideId) => ({ slideId, rect: RECT }));
const search = (at: number) =>
  ({ found: { byTokens: answers }, shown: { list: 'byTokens', at } }) as unknown as SimilarSearch;

test('the shown similar field is framed on its own slide alone', () => {
  expect(framesOn('here', search(0), null)).toMatchObject([
    { rect: RECT, text: 'Similar field 1' },
  ]);
  expect(framesOn('here', search(1), null)).toEqual([]);
  expect(framesOn('there', search(1), null)).toMatchObject([{ text: 'Similar field 2' }]);
});

test('the stressed field is framed too; without either there is nothing', () => {
  const stressed = { rect: { ...RECT, x: 0 } };
  expect(framesOn('here', search(0), stressed).map(({ rect }) => rect.x)).toEqual([4480, 0]);
  expect(framesOn('here', null, null)).toEqual([]);
});
