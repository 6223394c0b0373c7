import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { setState } from '../state.ts';
import { bestMatches, outlineIn } from './matches.ts';
import { concerns, type SimilarSearch } from './state.ts';
import { agreementText, amongText, answerName, placeText } from './words.ts';

describe('lines between a region and an answer', () => {
  it('are the best matches, none to the same place or beside it', () => {
    const token = Int32Array.of(0, 1, 15, 3, 0);
    const similarity = Float32Array.of(0.9, 0.95, 0.7, 0.8, 0.5);
    const found = bestMatches({ token, similarity }, 4, 3);
    expect(found.map(({ query }) => query)).toEqual([1, 3, 2]);
    expect(found[0]).toMatchObject({ token: 1, similarity: expect.closeTo(0.95, 5) });
  });

  it('are as many as wanted at most, in falling order', () => {
    const pair = fc.tuple(
      fc.integer({ min: 0, max: 24 }),
      fc.float({ min: -1, max: 1, noNaN: true }),
    );
    fc.assert(
      fc.property(
        fc.array(pair, { maxLength: 30 }),
        fc.integer({ min: 1, max: 9 }),
        (pairs, most) => {
          const token = Int32Array.from(pairs, ([t]) => t);
          const similarity = Float32Array.from(pairs, ([, s]) => s);
          const found = bestMatches({ token, similarity }, 5, most);
          expect(found.length).toBeLessThanOrEqual(most);
          const told = found.map((match) => match.similarity);
          expect(told).toEqual(told.toSorted((a, b) => b - a));
          if (pairs.length > 0) expect(told[0]).toBe(Math.max(...similarity));
        },
      ),
    );
  });
});

describe('the drawer', () => {
  const search = (answers: string[]): SimilarSearch =>
    ({
      slide: { info: { id: 'own', name: 'Own' }, source: { kind: 'synthetic' } },
      found: { byTokens: [], byClassToken: answers.map((slideId) => ({ slideId })) },
    }) as never;

  it('concerns the slide of the region and those of the answers, no other', () => {
    expect(concerns(search(['there']), 'own')).toBe(true);
    expect(concerns(search(['there']), 'there')).toBe(true);
    expect(concerns(search(['there']), 'elsewhere')).toBe(false);
    expect(concerns({ ...search([]), found: null }, 'elsewhere')).toBe(false);
  });

  it('draws the outline of a region where it lies in the picture around it', () => {
    const ring = [10, 25, 30, 25, 30, 35, 10, 35];
    const within = { x: 10, y: 20, w: 20, h: 20 };
    expect(outlineIn([ring], within, 200)).toBe('M0.0,50.0L200.0,50.0L200.0,150.0L0.0,150.0Z');
  });
});

describe('words', () => {
  const said = { spearman: 0.5, searched: 1000 };

  it('tell how far two lists agree, and of chance where there are few fields', () => {
    expect(agreementText(10, { ...said, shared: 8 })).toBe(
      'The two agree: 8 of 10 in both (by chance 0.1), rank correlation 0.50 over 1,000 fields.',
    );
    expect(agreementText(10, { ...said, shared: 5 })).toMatch(/^The two agree in part/);
    expect(agreementText(10, { ...said, shared: 1 })).toMatch(/^The two disagree/);
    const few = { shared: 9, spearman: null, searched: 12 };
    expect(agreementText(10, few)).toBe(
      'Too few fields to tell whether the two agree: 9 of 10 in both (by chance 8.3).',
    );
  });

  it('tell that analysed fields alone are searched', () => {
    expect(amongText({ searched: 1, slides: 1 })).toBe('among 1 analysed field');
    expect(amongText({ searched: 1200, slides: 3 })).toBe(
      'among 1,200 analysed fields of 3 slides',
    );
  });

  it('tell the place in mm, of the middle of a field', () => {
    const rect = { x: 4000, y: 8000, w: 448, h: 448 };
    expect(placeText({ rect, mpp: 0.25 })).toBe('x 1.06 mm, y 2.06 mm');
  });

  it('hide the names of other slides while names are masked', () => {
    const answer = { path: 'b/run', slideName: 'Miller, Anna' };
    const list = [{ path: 'a/run' }, { path: 'b/run' }] as never;
    setState({ kept: { list, used: 0, quota: 0, problem: null }, namesMasked: true });
    expect(answerName(answer)).toBe('Result 2');
    expect(answerName({ ...answer, path: 'gone/run' })).toBe('Another slide');
    setState({ namesMasked: false });
    expect(answerName(answer)).toBe('Miller, Anna');
  });
});
