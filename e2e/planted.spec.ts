/**
 * Evidence lands on the cells it comes from: a head that was trained to tell whether a field holds
 * lymphocytes, on the built-in slide, whose every nucleus is known.
 */
import { expect, test } from '@playwright/test';
import { insidePolygon } from '../src/core/geometry.ts';
import { analyse, start } from './page.ts';

/** 4 x 4 fields of stroma and glands with scattered lymphocytes. */
const REGION = { x: 20_608, y: 26_432, w: 1792, h: 1792 };
const PLANTED = 'lymphocyte';

test('contributions tell the planted cells from all others: AUROC at least 0.9', async ({
  page,
}) => {
  await start(page, '?provider=wasm&head=head-planted-baseline');
  const { table, score } = await analyse(page, REGION);
  const truth = await page.evaluate((rect) => {
    const drawn = window.cytolens.groundTruth(rect);
    return drawn.map(({ type, outline }) => ({ type, outline: [...outline] }));
  }, REGION);

  const planted: number[] = [];
  const others: number[] = [];
  table.x.forEach((x, i) => {
    const drawn = nucleusAt(truth, x, table.y[i]);
    if (drawn) (drawn.type === PLANTED ? planted : others).push(table.contribution[i]);
  });
  expect(planted.length).toBeGreaterThan(30);
  expect(others.length).toBeGreaterThan(100);
  const auroc = shareAbove(planted, others);
  console.log(
    `planted evidence in the page: AUROC ${auroc.toFixed(3)}, ${planted.length} planted cells, ${others.length} others`,
  );
  expect(auroc).toBeGreaterThanOrEqual(0.9);
  expect(score.probability).toBeGreaterThan(0.5);
});

interface DrawnNucleus {
  type: string;
  outline: number[];
}

/** The drawn nucleus that holds a place. */
function nucleusAt(truth: DrawnNucleus[], x: number, y: number): DrawnNucleus | undefined {
  return truth.find(({ outline }) => insidePolygon(outline, x, y));
}

/** Area under the ROC curve: how often a value of `high` exceeds one of `low`; ties count half. */
function shareAbove(high: number[], low: number[]): number {
  let wins = 0;
  for (const a of high) for (const b of low) wins += a > b ? 1 : a === b ? 0.5 : 0;
  return wins / (high.length * low.length);
}
