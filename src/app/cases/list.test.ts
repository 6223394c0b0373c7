import { describe, expect, it } from 'vitest';
import { bookmarkOf } from './bookmark.ts';
import { readCaseList, writeCaseList } from './list.ts';

const ROWS = [
  { file: 'a/he.szi', name: 'H&E', stain: 'H&E', objective: 40, case: 'S24-1' },
  { url: 'https://example.org/p53.dzi', case: 'S24-1', reviewed: '2026-11-21T10:00:00.000Z' },
  { file: 'loose.szi', notes: 'Second opinion asked.' },
];

describe('a JSON list of cases', () => {
  it('groups rows by case, and names rows without one after the list', () => {
    const { cases } = readCaseList(
      JSON.stringify(ROWS),
      'tumour board',
      'https://host/x/list.json',
    );
    expect(cases.map(({ name, notes, slides }) => [name, notes, slides.length])).toEqual([
      ['S24-1', '', 2],
      ['tumour board', 'Second opinion asked.', 1],
    ]);
    const [he, p53] = cases[0].slides;
    expect(he.key).toBe('url:https://host/x/a/he.szi');
    expect(he.detail).toBe('H&E · 40x');
    expect(p53.name).toBe('p53');
    expect(p53.reviewed).toBe('2026-11-21T10:00:00.000Z');
  });

  it('leaves files of a list from this disk waiting for their folder', () => {
    const { cases } = readCaseList(JSON.stringify(ROWS), 'list', null);
    expect(cases[0].slides[0].kept).toEqual({ kind: 'files', paths: ['a/he.szi'] });
  });

  it('comes back as it was written, bookmarks, notes and marks included', () => {
    const { cases } = readCaseList(JSON.stringify(ROWS), 'list', null);
    const of = { ...cases[0], notes: 'Margins?' };
    of.slides[0].slide = 'sha256:1';
    const mark = bookmarkOf('sha256:1', {
      caption: 'Mitoses',
      view: { x: 10, y: 20, w: 300, h: 200 },
      turn: 90,
      made: '2026-11-21T11:00:00.000Z',
    });
    const other = bookmarkOf('sha256:2', { ...mark, caption: 'Of another slide' });
    const read = readCaseList(writeCaseList(of, [mark, other]), 'list', null);
    expect(read.cases).toEqual([of]);
    expect(read.bookmarks).toEqual([mark]);
  });

  it.each([
    ['{', 'not a JSON text'],
    ['[{"name": "x"}]', 'entry 1'],
    ['[{"file": "x", "reviewed": "yesterday"}]', 'entry 1, "reviewed"'],
    ['[{"file": "x"}, {"file": "y", "bookmarks": [{"caption": "z"}]}]', 'entry 2, "bookmarks.0'],
  ])('says what is wrong with %s', (json, words) => {
    expect(() => readCaseList(json, 'list', null)).toThrow(words);
  });
});
