import { describe, expect, it } from 'vitest';
import type { Case, CaseSlide, KeptSource } from './case.ts';
import { mergeCase } from './merge.ts';

const slide = (key: string, order: number, more: Partial<CaseSlide> = {}): CaseSlide => ({
  case: 'S24-1',
  key,
  order,
  name: key,
  detail: '',
  kept: { kind: 'files', paths: [key] },
  reviewed: null,
  slide: null,
  ...more,
});
const caseOf = (slides: CaseSlide[], more: Partial<Case> = {}): Case => ({
  name: 'S24-1',
  number: 4,
  notes: '',
  slides,
  ...more,
});

describe('a case that is told again', () => {
  it('keeps its number, notes, marks and the places of its slides', () => {
    const reviewed = '2026-11-21T10:00:00.000Z';
    const known = caseOf([slide('b', 0, { reviewed, slide: 'sha256:b' })], { notes: 'Margins?' });
    const added = caseOf([slide('a', 0), slide('b', 1, { name: 'B anew' })], {
      number: 0,
      notes: 'Other',
    });
    const merged = mergeCase(known, added);
    expect(merged).toMatchObject({ number: 4, notes: 'Margins?' });
    expect(merged.slides.map(({ key, order }) => [key, order])).toEqual([
      ['b', 0],
      ['a', 1],
    ]);
    expect(merged.slides[0]).toMatchObject({ name: 'B anew', reviewed, slide: 'sha256:b' });
  });

  it('does not let files of a list replace a folder that can be read, but the other way round', () => {
    const handles: KeptSource = { kind: 'handles', files: [] };
    const readable = caseOf([slide('a', 0, { kept: handles })]);
    const listed = caseOf([slide('a', 0)]);
    expect(mergeCase(readable, listed).slides[0].kept).toEqual(handles);
    expect(mergeCase(listed, readable).slides[0].kept).toEqual(handles);
  });
});
