/** A cell, cells like it, a region and two heads are explained from what was analysed. */
import { expect, test } from '@playwright/test';
import { start } from './page.ts';

/** Nine fields of the built-in slide: an interval needs five. */
const FIELD = 448;
const REGION = { x: 46 * FIELD, y: 59 * FIELD, w: 3 * FIELD, h: 3 * FIELD };

test('explains a cell, a region and two heads', async ({ page }) => {
  await start(page);
  await page.evaluate(async (region) => {
    window.cytolens.view(region);
    await window.cytolens.analyse({ region });
  }, REGION);

  await page.locator('.crops button').first().click();
  const card = page.getByRole('region', { name: 'Selected cell' });
  await expect(card.getByTestId('without')).toHaveText(/[+\u2212]\d/);
  await card.getByRole('button', { name: 'Find cells like this' }).click();
  await expect(card.getByTestId('similar').locator('button')).toHaveCount(12);

  // The cell that speaks most for: without it the logit falls.
  const said = await page.evaluate(async () => {
    const { contribution } = window.cytolens.cells();
    const index = contribution.indexOf(Math.max(...contribution));
    const whatIf = await window.cytolens.whatIf(index);
    const alike = await window.cytolens.similarCells(index, { count: 5 });
    return { index, delta: whatIf?.delta ?? Number.NaN, alike: alike?.cells ?? [] };
  });
  expect(said.delta).toBeLessThan(0);
  expect(said.alike).toHaveLength(5);
  for (const { index, cosine } of said.alike) {
    expect(index).not.toBe(said.index);
    expect(cosine).toBeLessThanOrEqual(1.0001);
  }

  await page.getByRole('tab', { name: 'Region' }).click();
  await page.getByLabel(/All analysed/).check();
  await page.getByRole('button', { name: 'Explain', exact: true }).click();
  const faithful = page.getByRole('region', { name: 'Is the map faithful' });
  await expect(faithful).toContainText(/by contribution\s*[+\u2212]\d.* to /);
  await expect(page.getByRole('table')).toContainText('Ratio');

  const heads = page.getByRole('region', { name: 'Compare heads' });
  await heads.getByRole('combobox').selectOption({ index: 1 });
  await expect(heads).toContainText(/% of 9 fields/);
  const before = await page.evaluate(() => [...window.cytolens.cells().contribution]);
  await heads.getByRole('button', { name: 'Show difference on cells' }).click();
  await expect(page.getByRole('region', { name: 'Legend' })).toContainText('Difference');
  // What is drawn changed; what the head said did not.
  expect(await page.evaluate(() => [...window.cytolens.cells().contribution])).toEqual(before);
  await page.getByRole('tab', { name: 'Evidence' }).click();
  await expect(page.getByRole('region', { name: 'Legend' })).not.toContainText('Difference');
});

test('a reader study runs by keyboard and its answers can be saved', async ({ page }) => {
  await start(page);
  await page.evaluate(async (region) => {
    await window.cytolens.analyse({ region: { ...region, w: region.w / 3 } });
  }, REGION);
  await page.getByRole('tab', { name: 'Region' }).click();
  await page.getByRole('button', { name: 'Reader study' }).click();
  await page.getByLabel('Reader (initials').fill('R1');
  await page.getByLabel('Cases at most').fill('2');
  await page.getByRole('button', { name: 'Start' }).click();
  for (const key of ['b', '2', '4', 'Enter', '0', '3', '3', 'Enter'])
    await page.keyboard.press(key);
  await expect(page.getByRole('dialog')).toContainText('2 cases answered');
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Save answers (CSV)' }).click(),
  ]);
  expect(file.suggestedFilename()).toMatch(/reader-study\.csv$/);
});
