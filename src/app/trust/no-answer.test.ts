import { describe, expect, it } from 'vitest';
import type { LoadedKit } from '../../analysis/analysis.ts';
import type { RegionScore } from '../../analysis/score.ts';
import { noAnswerNow, partnerNoAnswer } from './NoAnswer.tsx';

const headed = (quantile: number) => ({ calibration: { conformal: { alpha: 0.1, quantile } } });

describe('the head’s other variant', () => {
  const score = {
    probability: 0.8,
    unfamiliar: 0,
    partner: { logit: 1, probability: 0.7, interval: null },
  } as RegionScore;
  const kit = { target: headed(0.75), partnerTarget: headed(0.76) } as LoadedKit;

  it('is held to its own set of classes, not to that of the head in use', () => {
    expect(noAnswerNow({ score, kit })).toBeNull();
    expect(partnerNoAnswer({ score, kit })).toContain('Both classes stay possible');
    const sure = { ...kit, partnerTarget: headed(0.6) } as LoadedKit;
    expect(partnerNoAnswer({ score, kit: sure })).toBeNull();
  });

  it('gives no answer of unknown tissue either, and nothing where there is none', () => {
    const strange = { ...score, unfamiliar: 0.5 };
    const sure = { ...kit, partnerTarget: headed(0.6) } as LoadedKit;
    expect(partnerNoAnswer({ score: strange, kit: sure })).toContain('unlike all tissue');
    expect(partnerNoAnswer({ score: { ...score, partner: null }, kit })).toBeNull();
  });
});
