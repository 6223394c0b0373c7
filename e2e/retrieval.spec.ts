/** Fields like a region are found on the slide and among results kept of another. */
import { expect, test } from '@playwright/test';
import { start } from './page.ts';

const FIELD = 448;
const REGION = { x: 46 * FIELD, y: 59 * FIELD, w: 3 * FIELD, h: 2 * FIELD };

test('finds fields like a region here and on another slide', async ({ page }) => {
  await start(page);
  await page.evaluate(
    async ([region, side]) => {
      window.cytolens.view(region);
      await window.cytolens.analyseSlide({ within: region });
      const { x, y } = region;
      window.cytolens.annotate([
        { geometry: { kind: 'rectangle', x: x + 40, y: y + 40, w: side - 80, h: side - 80 } },
      ]);
    },
    [REGION, FIELD] as const,
  );
  await page.getByRole('tab', { name: 'Marks' }).click();
  await page.getByRole('button', { name: /^Rectangle/ }).click();
  await page.getByRole('button', { name: 'Find similar regions' }).click();

  const drawer = page
    .getByRole('region', { name: 'Similar regions' })
    .filter({ hasText: 'Rectangle' });
  const byTokens = drawer.getByTestId('byTokens').getByRole('button');
  await expect(drawer.getByTestId('agreement')).toContainText(/\d of \d in both/);
  const answers = await byTokens.count();
  expect(answers).toBeGreaterThan(1);
  await expect(drawer.getByTestId('byClassToken').getByRole('button')).toHaveCount(answers);
  await expect(drawer.getByTestId('match').locator('line')).not.toHaveCount(0);
  await expect(drawer.getByTestId('region-outline')).toHaveCount(1);
  await expect(drawer).toContainText(/among \d+ analysed fields/);

  // Pressed, an answer is in the middle of the view; the region itself is none.
  await byTokens.last().click();
  const shown = await page.evaluate(
    async ([region, side]) => {
      const rect = { x: region.x, y: region.y, w: side, h: side };
      const { byTokens: found } = await window.cytolens.similar({ region: rect });
      await new Promise((resolve) => setTimeout(resolve, 1500));
      return { view: window.cytolens.view(), fields: found.map((answer) => answer.rect) };
    },
    [REGION, FIELD] as const,
  );
  const middle = { x: shown.view.x + shown.view.w / 2, y: shown.view.y + shown.view.h / 2 };
  const inMiddle = shown.fields.filter(({ x, y, w, h }) => {
    return Math.hypot(middle.x - x - w / 2, middle.y - y - h / 2) < w / 4;
  });
  expect(inMiddle).toHaveLength(1);
  for (const { x, y } of shown.fields) expect([x, y]).not.toEqual([REGION.x, REGION.y]);

  // From another slide the first one is found in the library, and opened by a press.
  await page.evaluate(
    async ([region, side]) => {
      await window.cytolens.open('synthetic:8:30000x30000');
      const part = { x: 20 * side, y: 20 * side, w: region.w, h: side };
      window.cytolens.view(part);
      await window.cytolens.analyse({ region: part });
    },
    [REGION, FIELD] as const,
  );
  // There the answers would be another slide's.
  await expect(drawer).toHaveCount(0);
  await page.getByRole('tab', { name: 'Region' }).click();
  await page.getByRole('button', { name: 'Find fields like the view' }).click();
  await page.getByRole('button', { name: 'Other slides kept here' }).click();
  const elsewhere = page.getByTestId('byTokens').getByRole('button');
  await expect(page.getByTestId('agreement')).toContainText(/in both/);
  await elsewhere.first().click();
  await expect
    .poll(() => page.evaluate(() => window.cytolens.slide()?.width), { timeout: 30_000 })
    .toBe(60_000);
  // It has the answer, so the list stays, and names the slide that was asked about.
  await expect(page.getByRole('region', { name: 'Similar regions' })).toContainText(/the view of /);
});
