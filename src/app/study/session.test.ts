import { describe, expect, it } from 'vitest';
import { createCells } from '../../core/cells.ts';
import {
  answersCsv,
  isComplete,
  NOTHING_SAID,
  planTrials,
  press,
  type StudyPlan,
  type StudySession,
} from './session.ts';

const SIDE = 100;
const PLAN: StudyPlan = {
  reader: 'R1',
  seed: 7,
  cases: 10,
  views: ['attention', 'heatmap'],
};

/** `perField` cells in each of `fields` squares of a row. */
function cellsOf(fields: number, perField: number) {
  const table = createCells(fields * perField, 1);
  table.count = fields * perField;
  for (let i = 0; i < table.count; i++) {
    table.x[i] = Math.floor(i / perField) * SIDE + 50;
    table.y[i] = 50;
  }
  return table;
}

function sessionOf(cases = 3): StudySession {
  const plan = { ...PLAN, cases };
  return {
    plan,
    trials: planTrials(cellsOf(20, 6), SIDE, plan),
    answers: [],
    now: NOTHING_SAID,
    shown: 1000,
    of: { slide: 's', head: 'h', cells: 120 },
  };
}

const type = (session: StudySession, keys: string[], time = 5000) =>
  keys.reduce((now, key) => press(now, key, time), session);

describe('the trials of a study', () => {
  it('are the same for a seed, in another order for another seed, each field once', () => {
    const cells = cellsOf(20, 6);
    const trials = planTrials(cells, SIDE, PLAN);
    expect(trials).toEqual(planTrials(cells, SIDE, PLAN));
    expect(trials).not.toEqual(planTrials(cells, SIDE, { ...PLAN, seed: 8 }));
    expect(new Set(trials.map(({ rect }) => rect.x)).size).toBe(10);
  });

  it('show the two views as A and B by chance', () => {
    const trials = planTrials(cellsOf(200, 5), SIDE, { ...PLAN, cases: 200 });
    const asGiven = trials.filter(({ a }) => a === 'attention').length;
    expect(asGiven).toBeGreaterThan(70);
    expect(asGiven).toBeLessThan(130);
    for (const { a, b } of trials) expect([a, b].toSorted()).toEqual(['attention', 'heatmap']);
  });

  it('leave out fields with hardly a cell', () => {
    expect(planTrials(cellsOf(20, 4), SIDE, PLAN)).toEqual([]);
  });
});

describe('answering by keyboard', () => {
  it('goes on only when preference and both ratings are given', () => {
    let session = type(sessionOf(), ['Enter', 'b', 'Enter', '4', 'Enter']);
    expect(session.answers).toEqual([]);
    session = type(session, ['2']);
    expect(isComplete(session.now)).toBe(true);
    session = type(session, ['Enter'], 6000);
    expect(session.answers).toEqual([
      { trial: 0, preference: 'B', ratingA: 4, ratingB: 2, shown: 1000, answered: 6000 },
    ]);
    expect(session.now).toEqual(NOTHING_SAID);
    expect(session.shown).toBe(6000);
  });

  it('takes back step by step, and never an answered case', () => {
    let session = type(sessionOf(), ['a', '1', '2', 'Enter', '0', '5', '3']);
    session = type(session, ['Backspace', '4']);
    expect(session.now).toEqual({ preference: 'none', ratingA: 5, ratingB: 4 });
    session = type(session, ['Backspace', 'Backspace', 'Backspace', 'Backspace']);
    expect(session.now).toEqual(NOTHING_SAID);
    expect(session.answers).toHaveLength(1);
  });

  it('is not moved by other keys, nor after the last case', () => {
    const session = sessionOf(1);
    expect(type(session, ['6', 'x', '9', 'Tab'])).toBe(session);
    const done = type(session, ['a', '1', '2', 'Enter']);
    expect(type(done, ['b', '3', 'Enter'])).toBe(done);
  });
});

describe('answers as CSV', () => {
  it('name the views that were blinded, with times', () => {
    const session = type(sessionOf(2), ['a', '5', '1', 'Enter', '0', '3', '3', 'Enter'], 3500);
    const lines = answersCsv(session, ['Research use only.']).trimEnd().split('\n');
    const data = lines.filter((line) => !line.startsWith('#'));
    const columns = data[0].split(',');
    const rows = data.slice(1).map((line) => {
      const values = line.split(',');
      expect(values).toHaveLength(columns.length);
      return Object.fromEntries(columns.map((name, i) => [name, values[i]]));
    });
    expect(rows).toHaveLength(2);
    expect(rows[0].preferred_view).toBe(session.trials[0].a);
    expect(rows[0]).toMatchObject({
      case: '1',
      rating_a: '5',
      rating_b: '1',
      shown: '1970-01-01T00:00:01.000Z',
      seconds: '2.5',
    });
    expect(rows[1]).toMatchObject({ preferred: 'none', preferred_view: 'none' });
    expect(lines).toContain('# seed: 7');
  });
});
