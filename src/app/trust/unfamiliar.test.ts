import { describe, expect, it } from 'vitest';
import { hatchWanted } from './unfamiliar.ts';

describe('hatching of unknown tissue', () => {
  const of = (unfamiliarShown: boolean | null, unfamiliar: number | null) =>
    hatchWanted({ unfamiliarShown, score: { unfamiliar } });

  it('is wanted without being asked for where unknown tissue is why there is no answer', () => {
    expect(of(null, 0.5)).toBe(true);
    expect(of(null, 0.2)).toBe(false);
    expect(of(null, 0.9)).toBe(false);
    expect(of(null, null)).toBe(false);
    expect(hatchWanted({ unfamiliarShown: null, score: null })).toBe(false);
  });

  it('is as the user chose, once it was chosen', () => {
    expect(of(false, 0.5)).toBe(false);
    expect(of(true, 0)).toBe(true);
  });
});
