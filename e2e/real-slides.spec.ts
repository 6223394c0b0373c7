/** Real slides, read in place from the shared data; skipped, with a line, where it is absent. */
import { expect, test } from '@playwright/test';
import { dataFile } from '../src/slide/testing/data.ts';
import { analyse, start } from './page.ts';

const SLIDES = [
  { file: 'lung-squamous-gt450.szi', mpp: 0.263018, x: 8600, y: 6000, um: 1024, cells: 2000 },
  { file: 'duodenum-giardia-at2.szi', mpp: 0.2528, x: 6400, y: 12_300, um: 448, cells: 400 },
];

for (const { file, mpp, x, y, um, cells } of SLIDES) {
  test(`${file}: ${um} um of tissue, thousands of cells a mm2, evidence conserved`, async ({
    page,
  }) => {
    test.skip(dataFile(`slides/${file}`) === null, `no shared data: ${file}`);
    await start(page);
    await page.evaluate((name) => window.cytolens.open(`slides/${name}`), file);
    // The catalog beside the slides gives the scale.
    expect(await page.evaluate(() => window.cytolens.slide()?.mpp)).toBe(mpp);
    const side = um / mpp;
    const run = await analyse(page, { x, y, w: side, h: side });
    expect(run.cells).toBeGreaterThan(cells);
    expect(Math.abs(run.score.residual)).toBeLessThan(1e-4);
    expect(run.table.x.every((v) => v > x - side && v < x + 2 * side)).toBe(true);
    const areas = [...run.table.area].sort((a, b) => a - b);
    const median = areas[areas.length >> 1];
    expect(median).toBeGreaterThan(12);
    expect(median).toBeLessThan(120);
    console.log(
      `${file}: ${run.fields} fields, ${run.cells} cells, median nucleus ${median.toFixed(0)} um2, score ${run.score.probability.toFixed(2)}, ${(run.ms / run.fields).toFixed(0)} ms a field`,
    );
  });
}
