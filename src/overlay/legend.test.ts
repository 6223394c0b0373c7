import { describe, expect, test } from 'vitest';
import { type LegendInput, legendOf } from './legend.ts';
import type { OverlayStyle } from './style.ts';

const MINUS = '\u2212';

function input(style: Partial<OverlayStyle>, change: Partial<LegendInput> = {}): LegendInput {
  return {
    style: { mode: 'cells', value: 'contribution', opacity: 1, threshold: 0, ...style },
    shown: 'cells',
    domain: [-0.1, 0.1],
    cut: style.threshold ?? 0,
    gridUm: 0,
    gated: false,
    types: ['epithelial', 'inflammatory'],
    colours: [
      [0, 158, 115],
      [242, 220, 30],
    ],
    counts: [12, 3],
    ...change,
  };
}

describe('legend', () => {
  test('contribution: signed ends with a true minus, zero in the middle, cuts on both sides', () => {
    const legend = legendOf(input({ threshold: 0.025 }));
    expect(legend.shows).toBe('cells');
    expect(legend.ticks).toEqual([`against ${MINUS}0.10`, '0', 'for +0.10']);
    expect(legend.cuts.map((cut) => cut.toFixed(3))).toEqual(['0.375', '0.625']);
    expect(legend.gradient).toContain('linear-gradient');
    expect(legend.categories).toEqual([]);
  });

  test('a column that stands for something else has its own words, under contribution alone', () => {
    const renamed = { title: 'Difference', unit: 'log-odds', ends: ['B more', 'A more'] } as const;
    const legend = legendOf(input({ renamed }));
    expect([legend.title, legend.unit]).toEqual(['Difference', 'log-odds']);
    expect(legend.ticks).toEqual([`B more ${MINUS}0.10`, '0', 'A more +0.10']);
    expect(legendOf(input({ renamed, value: 'attention' })).title).toContain('Attention');
  });

  test('the grid says that it is a sum, and over what', () => {
    const legend = legendOf(input({}, { shown: 'grid', gridUm: 64 }));
    expect(legend.shows).toBe('sum per grid (64 µm)');
  });

  test('attention by density: the cut stands at the density, not at the rank', () => {
    const style: Partial<OverlayStyle> = { value: 'attention', threshold: 0.9 };
    const legend = legendOf(input(style, { domain: [0, 0.002], cut: 0.0005 }));
    expect(legend.cuts).toEqual([0.25]);
    expect(legend.unit).toContain('per µm²');
    expect(legend.ticks).toEqual(['0 %', '0.1 %', '0.2 %']);
  });

  test('attention by rank has no numbers to tick', () => {
    const style = { value: 'attention', attentionScale: 'rank', threshold: 0.8 } as const;
    const legend = legendOf(input(style, { domain: [0, 1], cut: 0.8 }));
    expect(legend.ticks).toEqual(['lowest', 'median', 'highest']);
    expect(legend.cuts).toEqual([0.8]);
    expect(legend.unit).toContain('rank');
  });

  test('types: a colour and a count each, no ramp', () => {
    const legend = legendOf(input({ value: 'type' }));
    expect(legend.gradient).toBeNull();
    expect(legend.categories).toEqual([
      { name: 'epithelial', color: '#009e73', count: 12 },
      { name: 'inflammatory', color: '#f2dc1e', count: 3 },
    ]);
    const grid = legendOf(input({ value: 'type' }, { shown: 'grid', gridUm: 128 }));
    expect(grid.shows).toBe('most frequent per grid (128 µm)');
  });

  test('the heatmap says how it is lined and hatched, and whether cells are left out', () => {
    const grid = { shown: 'grid', gridUm: 64, gated: true } as const;
    const legend = legendOf(input({ lines: true }, grid));
    expect(legend.shows).toBe('sum per grid (64 µm), filtered');
    expect(legend.grid).toEqual({
      lines: 'a line every 0.025',
      sparse: 'hatched: fewer than 3 cells',
    });
    expect(legendOf(input({ hatch: false }, grid)).grid).toEqual({ lines: null, sparse: null });
    expect(legendOf(input({}, { gated: true })).shows).toBe('cells, filtered');
    expect(legendOf(input({})).grid).toBeNull();
  });

  test('values of the slide’s level say so', () => {
    expect(legendOf(input({ level: 'slide' })).unit).toBe('to the logit of the slide');
    const attention = legendOf(input({ level: 'slide', value: 'attention' }));
    expect(attention.unit).toBe('share of the slide’s, per µm²');
  });

  test('without a threshold nothing is marked as cut', () => {
    expect(legendOf(input({})).cuts).toEqual([]);
  });
});
