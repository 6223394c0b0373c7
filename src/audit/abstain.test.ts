import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Conformal, conformalSet, noAnswer } from './abstain.ts';

interface Example {
  ask: number[];
  sets: { quantile: number; expected: string[] }[];
}

const probability = fc.double({ min: 0, max: 1, noNaN: true });

describe('conformal sets', () => {
  it('are those of the training code (training/tests/test_calibration.py)', () => {
    const file = new URL('testing/conformal.json', import.meta.url);
    const { ask, sets } = JSON.parse(readFileSync(file, 'utf8')) as Example;
    for (const { quantile, expected } of sets) {
      expect(ask.map((p) => conformalSet(p, quantile))).toEqual(expected);
    }
  });

  it('a larger quantile only adds classes', () => {
    fc.assert(
      fc.property(probability, probability, probability, (p, a, b) => {
        const holds = (quantile: number, one: string) =>
          [one, 'both'].includes(conformalSet(p, quantile));
        for (const one of ['negative', 'positive']) {
          if (holds(Math.min(a, b), one)) expect(holds(Math.max(a, b), one)).toBe(true);
        }
      }),
    );
  });

  it('never leave out both above one half, never hold both below', () => {
    fc.assert(
      fc.property(probability, probability, (p, quantile) => {
        const set = conformalSet(p, quantile);
        if (quantile >= 0.5) expect(set).not.toBe('none');
        else expect(set).not.toBe('both');
      }),
    );
  });
});

describe('no answer', () => {
  const conformal = (quantile: number): Conformal => ({
    alpha: 0.1,
    quantile,
    groupsNeeded: 9,
    coverage: 0.9,
    worst: 0.8,
    single: 0.7,
    both: 0.3,
    none: 0,
  });
  const sure = { probability: 0.95, unfamiliar: 0, conformal: conformal(0.7) };

  it('a familiar field with a single class is an answer', () => {
    expect(noAnswer(sure)).toBeNull();
    expect(noAnswer({ ...sure, probability: 0.05 })).toBeNull();
    expect(noAnswer({ ...sure, unfamiliar: null, conformal: null })).toBeNull();
    expect(noAnswer({ ...sure, probability: 0.5, conformal: null })).toBeNull();
  });

  it('too many fields unlike known tissue', () => {
    expect(noAnswer({ ...sure, unfamiliar: 0.2 })).toBeNull();
    expect(noAnswer({ ...sure, unfamiliar: 0.35 })).toMatch(/^35\u00a0% of the analysed fields/);
  });

  it('a set of both classes, or of none, without the number that is withheld', () => {
    const both = noAnswer({ ...sure, probability: 0.61 });
    expect(both).toMatch(/^Both classes .* 90\u00a0% of held-out fields .* at least 0\.30/);
    expect(both).not.toContain('0.61');
    const none = noAnswer({ ...sure, probability: 0.61, conformal: conformal(0.2) });
    expect(none).toMatch(/^Neither class fits: .* at least 0\.80/);
  });

  it('says both reasons', () => {
    const why = noAnswer({ ...sure, probability: 0.5, unfamiliar: 1 });
    expect(why).toContain('100\u00a0% of the analysed fields');
    expect(why).toContain('Both classes');
  });
});
