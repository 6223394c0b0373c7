import { describe, expect, it } from 'vitest';
import { apply } from '../../core/affine.ts';
import type { Prompt } from '../../molecular/prompt.ts';
import { comparisonOf, spanOf, valuesOf } from './comparing.ts';
import { colourOf, spotAt } from './draw.ts';
import { shownSet } from './shown.ts';
import { frameOf, viewOf } from './tissue-picture.ts';

const column = (...values: number[]) => Float32Array.from(values);
const tested = {
  predictor: { slope: 2 },
  knn: { slope: 0 },
} as unknown as Prompt['tested'];
const prompt = { set: { name: 'HALLMARK_HYPOXIA' }, tested } as Prompt;

const { columns, compared } = comparisonOf({
  prompt,
  measured: Float64Array.of(10, 99, 20, 30),
  predicted: {
    predictor: column(1, 2, 6),
    knn: column(5, 5, 8),
    spread: column(0, 0, 0),
    effective: column(1, 1, 1),
    nearest: column(0.9, 0.8, 0.7),
  },
  rows: Uint32Array.of(0, 2, 3),
  um: { x: Float64Array.of(0, 1, 2, 3), y: Float64Array.of(0, 0, 0, 0) },
  totals: Float64Array.of(5, 5, 7, 6),
  listed: 4,
  own: false,
});

describe('measured beside predicted', () => {
  it('takes both from their mean over the compared spots, and scales by the slope', () => {
    expect([...columns.measured]).toEqual([-10, 0, 10]);
    expect([...columns.predicted.predictor]).toEqual([-4, -2, 6]);
    // No relation in training: as it is, and said so.
    expect([...columns.predicted.knn]).toEqual([-1, -1, 2]);
    expect(compared.slope).toEqual({ predictor: 2, knn: null });
    expect(compared.agreement.predictor).toMatchObject({ rho: 1, spots: 3, interval: null });
    expect([...valuesOf(columns, 'difference', 'predictor')]).toEqual([-6, 2, 4]);
  });

  it('leaves spots without a prediction uncoloured', () => {
    const shown = shownSet({ columns, prompt, view: 'difference', answer: 'predictor' }, 4);
    expect(Array.from(shown.values)).toEqual([-6, Number.NaN, 2, 4]);
    expect(shown.shown.map).toBe('vik');
    expect(shown.shown.low).toBe(-shown.shown.high);
  });

  it('spans the middle of the values, and never nothing', () => {
    expect(spanOf([3, 3, 3])).toEqual([2.5, 3.5]);
    expect(spanOf([1, Number.NaN, 2])[0]).toBeGreaterThanOrEqual(1);
    expect(colourOf('viridis', -9, 0, 1)).toBe('#440154');
    expect(colourOf('viridis', 9, 0, 1)).toBe('#fde725');
  });

  it('frames all spots, and finds them again, turned and mirrored', () => {
    const spots = { x: [100, 900], y: [400, 500], radius: 50 };
    const rect = frameOf(spots, 50, { width: 300, height: 200 });
    expect(rect.x).toBeLessThan(50);
    expect(rect.x + rect.w).toBeGreaterThan(950);
    expect(rect.w / rect.h).toBeCloseTo(1.5);
    const upright = viewOf(rect, 300);
    const turned = { a: 0, b: 0.3, c: 0.3, d: 0, e: 10, f: -20 };
    for (const view of [upright, turned]) {
      expect(spotAt(spots, view, apply(view, 880, 510))).toBe(1);
      expect(spotAt(spots, view, apply(view, 500, 450))).toBe(-1);
    }
  });
});
