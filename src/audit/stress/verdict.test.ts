import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StressLook } from './stress.ts';
import type { Family } from './variants.ts';
import { axesOf, verdictOf } from './verdict.ts';

const look = (family: Family, probability: number): StressLook => ({
  id: `${family}-${probability}`,
  family,
  label: family,
  angle: null,
  probability,
  partner: null,
  rank: null,
});

describe('verdicts', () => {
  it('take the field as it is into the spread, and stain and scanner together', () => {
    const axes = axesOf({
      original: look('rotation', 0.6),
      families: [
        { family: 'rotation', looks: [look('rotation', 0.62), look('rotation', 0.66)] },
        { family: 'stain', looks: [look('stain', 0.55)] },
        { family: 'scanner', looks: [look('scanner', 0.4), look('scanner', 0.7)] },
      ],
    });
    const of = Object.fromEntries(axes.map((axis) => [axis.axis, axis]));
    expect(of.rotation).toMatchObject({ looks: 2, flips: 0, verdict: 'steady' });
    expect(of.rotation.spread).toBeCloseTo(0.06);
    expect(of.stain).toMatchObject({ looks: 3, flips: 1, verdict: 'unsteady' });
    expect(of.stain.spread).toBeCloseTo(0.3);
    // Nothing was made: nothing is said.
    expect(of.scale).toMatchObject({ looks: 0, verdict: null });
  });

  it('a flip is never steady, however small the spread', () => {
    expect(verdictOf(0.02, 1)).toBe('moves');
    expect(verdictOf(0.1, 0)).toBe('steady');
    expect(verdictOf(0.2, 0)).toBe('moves');
    expect(verdictOf(0.21, 0)).toBe('unsteady');
  });

  it('more looks never make a field steadier', () => {
    const probability = fc.double({ min: 0, max: 1, noNaN: true });
    const order = ['steady', 'moves', 'unsteady'];
    fc.assert(
      fc.property(probability, fc.array(probability, { minLength: 1 }), probability, (p, q, r) => {
        const verdict = (all: number[]) =>
          axesOf({
            original: look('scale', p),
            families: [{ family: 'scale', looks: all.map((v) => look('scale', v)) }],
          }).find(({ axis }) => axis === 'scale')?.verdict ?? '';
        expect(order.indexOf(verdict([...q, r]))).toBeGreaterThanOrEqual(order.indexOf(verdict(q)));
      }),
    );
  });
});
