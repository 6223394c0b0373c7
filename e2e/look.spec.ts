/** Looking at a slide: opens by itself, right scale, keys, a link that restores the view. */
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';
import { start, watch } from './page.ts';

test('opens on the built-in slide, asks nothing of anyone, and complains of nothing', async ({
  page,
}) => {
  const seen = watch(page);
  await start(page);
  await expect(page.getByRole('banner')).toContainText('Synthetic H&E');
  await expect(page.getByRole('banner')).toContainText('0.25 µm/px');
  await page.waitForTimeout(1500);
  expect(seen.errors).toEqual([]);
  expect(seen.foreign).toEqual([]);
});

test('the scale bar is as long as it says, at every magnification', async ({ page }) => {
  await start(page, '?provider=wasm', false);
  for (const [key, objective] of [
    ['3', 5],
    ['5', 20],
    ['6', 40],
  ] as const) {
    await page.keyboard.press(key);
    await page.waitForTimeout(900);
    const { view, width } = await page.evaluate(() => ({
      view: window.cytolens.view(),
      width: document.querySelector('.stage')?.clientWidth ?? 0,
    }));
    const umPerScreenPx = (view.w / width) * 0.25;
    expect(umPerScreenPx).toBeCloseTo(10 / objective, 2);
    const bar = page.getByTestId('scale-bar');
    const box = await bar.boundingBox();
    const label = (await bar.locator('xpath=following-sibling::div').textContent()) ?? '';
    const [, amount, unit] = /([\d.]+) (µm|mm)/.exec(label) ?? [];
    const um = Number(amount) * (unit === 'mm' ? 1000 : 1);
    expect((box?.width ?? 0) * umPerScreenPx).toBeCloseTo(um, 0);
    await expect(page.getByRole('button', { name: `${objective}x`, exact: true })).toHaveAttribute(
      'aria-pressed',
      'true',
    );
  }
});

test('a link restores slide and view', async ({ page }) => {
  await start(
    page,
    '?provider=wasm&slide=synthetic:3:30000x20000&x=9000&y=6000&w=3000&h=2000',
    false,
  );
  expect(await page.evaluate(() => window.cytolens.slide()?.id)).toContain(
    'synthetic-3-30000x20000',
  );
  await page.keyboard.press('ArrowRight');
  await page.waitForTimeout(900);
  const view = await page.evaluate(() => window.cytolens.view());
  const link = await page.evaluate(() => location.href);
  await page.goto('about:blank');
  await page.goto(link);
  await page.waitForFunction(() => window.cytolens?.slide());
  const restored = await page.evaluate(() => window.cytolens.view());
  for (const key of ['x', 'y', 'w', 'h'] as const) {
    expect(Math.abs(restored[key] - view[key])).toBeLessThan(3);
  }
});

test('the same slide has the same pixels for the same seed, at 200,000 px', async ({ page }) => {
  await start(page, '?provider=wasm&slide=synthetic:11:200000x200000', false);
  const info = await page.evaluate(() => window.cytolens.slide());
  expect(info?.width).toBe(200_000);
  const truth = await page.evaluate(() =>
    window.cytolens.groundTruth({ x: 99_000, y: 99_000, w: 2000, h: 2000 }),
  );
  expect(Array.isArray(truth)).toBe(true);
});

/** Requests of this kind wait until `release` is called. */
async function hold(page: Page, url: string): Promise<() => void> {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route(url, async (route) => {
    await released;
    await route.continue();
  });
  return release;
}

test('a key pressed before the slide is there is done once it is', async ({ page }) => {
  const release = await hold(page, '**/catalog.json');
  await page.goto('?provider=wasm');
  await page.waitForFunction(() => window.cytolens !== undefined);
  await page.keyboard.press('6');
  expect(await page.evaluate(() => window.cytolens.slide())).toBe(null);
  release();
  await expect(page.getByRole('button', { name: '40x', exact: true })).toHaveAttribute(
    'aria-pressed',
    'true',
  );
});

test('the panels’ tabs keep to one row, and Genes says that models are loading', async ({
  page,
}) => {
  const release = await hold(page, '**/models/**');
  await start(page, '?provider=wasm', false);
  const tabs = page.getByRole('tablist', { name: 'Findings' });
  const border = page.getByRole('separator', { name: 'Width of the findings' });
  for (const key of ['Home', 'End']) {
    await border.press(key);
    const { height } = (await tabs.boundingBox()) ?? { height: 0 };
    expect(height).toBeLessThan(45);
    expect(await tabs.evaluate((list) => list.scrollWidth - list.clientWidth)).toBe(0);
    // Each has its name, shown or not.
    for (const name of ['Evidence', 'Cells', 'Region', 'Trust', 'Genes', 'Marks', 'Results']) {
      await tabs.getByRole('tab', { name, exact: true }).click();
    }
  }
  await tabs.getByRole('tab', { name: 'Genes' }).click();
  await expect(page.getByRole('status')).toContainText('Loading models');
  await expect(page.getByRole('progressbar', { name: 'Loading models' })).toBeVisible();
  release();
  await expect(page.getByRole('button', { name: 'Ask', exact: true })).toBeVisible({
    timeout: 120_000,
  });
});

test('help lists the keys, Esc closes it, and the page passes the accessibility check', async ({
  page,
}) => {
  await start(page);
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog')).toContainText('Analyse the tissue in view');
  const dialog = await new AxeBuilder({ page }).analyze();
  expect(dialog.violations.map((v) => `${v.id}: ${v.nodes[0].html}`)).toEqual([]);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  // A box that has the focus keeps Space alone.
  await page.getByRole('checkbox', { name: /^Fine/ }).focus({ timeout: 20_000 });
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog')).toHaveCount(1);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  const screen = await new AxeBuilder({ page }).analyze();
  expect(screen.violations.map((v) => `${v.id}: ${v.nodes[0].html}`)).toEqual([]);
});
