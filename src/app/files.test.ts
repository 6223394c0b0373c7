import { describe, expect, it } from 'vitest';
import { createCells } from '../core/cells.ts';
import type { Legend } from '../overlay/legend.ts';
import { ImportBuilder } from '../store/import/builder.ts';
import { fileName, formatBytes } from './files.ts';
import { heatGrid } from './heat-grid.ts';
import { importedLegend } from './imported-legend.ts';

describe('names and sizes of files', () => {
  it.each([
    ['Synthetic H&E (built in)', 'Synthetic-H-E-built-in-cells.csv'],
    ['../a/b.szi', '..-a-b.szi-cells.csv'],
    ['', 'slide-cells.csv'],
  ])('%s is %s', (slide, name) => expect(fileName(slide, '-cells.csv')).toBe(name));

  it('sizes in the unit that fits', () => {
    expect([0, 1234, 4_560_000, 98_700_000, 1.23e9].map(formatBytes)).toEqual([
      '1 kB',
      '1 kB',
      '4.6 MB',
      '99 MB',
      '1.2 GB',
    ]);
  });
});

describe('cells on a grid for a file', () => {
  it('no cell is lost, and squares lie on the grid of the slide', () => {
    const cells = createCells(3, 1);
    cells.count = 3;
    cells.x.set([10, 300, 5000]);
    cells.y.set([10, 20, 900]);
    cells.contribution.set([1, 2, -4]);
    cells.attention.set([0.25, 0.25, 0.5]);
    const grid = heatGrid(cells, 0.5);
    expect(grid.size).toBe(128);
    expect([grid.x % grid.size, grid.y % grid.size]).toEqual([0, 0]);
    expect(grid.counts.reduce((sum, count) => sum + count)).toBe(3);
    const total = (values: Float32Array) =>
      values.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : value), 0);
    expect(total(grid.contribution)).toBe(-1);
    expect(total(grid.attention)).toBe(1);
    expect(grid.counts).toHaveLength(grid.cols * grid.rows);
  });
});

describe('the legend of imported cells', () => {
  const frame = { width: 1, height: 1, mpp: 1, radiusUnit: 1 };
  const report = new ImportBuilder(frame, 'CSV').report;
  const legend = {
    value: 'contribution',
    title: 'Contribution',
    unit: 'to the logit of its field',
    ticks: ['against', '0', 'for'],
    domain: [-2, 2],
  } as unknown as Legend;

  it('never speaks of a logit for a value of someone else', () => {
    const said = importedLegend(legend, { source: 'a.csv', report: { ...report, value: 'score' } });
    expect(said?.title).toBe('score, imported');
    expect(said?.ticks).toEqual(['\u22122', '0', '2']);
    expect(JSON.stringify(said)).not.toContain('logit');
  });

  it('says so when the file holds no values', () => {
    const said = importedLegend(legend, { source: 'a.csv', report });
    expect(said?.title).toBe('No such values');
  });

  it('values of ours keep their meaning, as imported', () => {
    const own = { ...report, prediction: 'Tumour' };
    expect(importedLegend(legend, { source: 'a.csv', report: own })?.title).toBe(
      'Contribution, imported',
    );
  });
});
