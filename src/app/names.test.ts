import { describe, expect, it } from 'vitest';
import type { SlideSource } from '../slide/slide.ts';
import { type CaseSlide, rememberOrigin } from './cases/case.ts';
import { rowsOf } from './cases/rows.ts';
import { shownName } from './names.ts';
import type { SlideChoice } from './state.ts';

const url = (name: string): SlideSource => ({ kind: 'url', url: `https://example.org/${name}` });
const choice = (name: string): SlideChoice => ({ name, detail: 'H&E', source: url(name) });
const info = { name: 'Jane Doe 1970.svs' };
const first = { case: 'Doe', key: 'file:ward/Doe/a.svs', order: 0 };
const lists = {
  namesMasked: true,
  cases: [{ name: 'Doe', number: 7, slides: 1, reviewed: 0, first: null }],
  caseSlides: [] as CaseSlide[],
  local: [choice('one.dzi'), choice('two.dzi')],
};

describe('names of slides', () => {
  it('are their own while they are not masked', () => {
    const open = { info, source: url('two.dzi') };
    expect(shownName(open, { ...lists, namesMasked: false })).toBe(info.name);
  });

  it('become the number in the list they are from', () => {
    expect(shownName({ info, source: url('two.dzi') }, lists)).toBe('Slide 2');
    const source: SlideSource = { kind: 'file', file: new File([], info.name) };
    expect(shownName({ info, source }, lists)).toBe('Slide');
    rememberOrigin(source, first);
    expect(shownName({ info, source }, lists)).toBe('Case 7, slide 1');
  });

  it('stay when another case is looked at', () => {
    const source: SlideSource = { kind: 'file', file: new File([], info.name) };
    rememberOrigin(source, first);
    const other = { ...lists, caseSlides: [{ key: 'file:x' } as CaseSlide] };
    expect(shownName({ info, source }, other)).toBe(shownName({ info, source }, lists));
  });

  it('cannot be found by searching while they are masked', () => {
    const row: CaseSlide = {
      ...first,
      name: info.name,
      detail: 'Jane Doe · SVS',
      kept: { kind: 'files', paths: [] },
      reviewed: null,
      slide: null,
    };
    const shown = { currentCase: 'Doe', caseSlides: [row], local: [] };
    expect(rowsOf({ ...shown, namesMasked: false }, 'doe jane')).toHaveLength(1);
    expect(rowsOf({ ...shown, namesMasked: true }, 'jane')).toHaveLength(0);
    expect(rowsOf({ ...shown, namesMasked: true }, 'slide')[0]).toMatchObject({
      name: 'Slide 1',
      detail: '',
    });
  });
});
