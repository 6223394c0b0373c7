/** Analysing the built-in slide, whose truth is known: the main job from key press to cell card. */
import { expect, test } from '@playwright/test';
import { matchCentroids } from './match.ts';
import { analyse, exported, showNumber, start } from './page.ts';

const REGION = { x: 20_160, y: 20_160, w: 1344, h: 1344 };

test('press A: progress, cells, a score that its parts add up to, a cell explained', async ({
  page,
}) => {
  await start(page);
  await page.evaluate((rect) => window.cytolens.view(rect), REGION);
  await page.waitForTimeout(500);
  await page.keyboard.press('a');
  const progress = page.getByRole('region', { name: 'Analysis progress' });
  await expect(progress).toContainText(/\d+ of \d+ fields/);
  await expect(progress).toHaveCount(0, { timeout: 180_000 });

  await showNumber(page);
  const score = Number(((await page.getByTestId('score').textContent()) ?? '').slice(0, 4));
  expect(score).toBeGreaterThan(0);
  expect(score).toBeLessThan(1);
  // What a person adds up on screen is what is shown as the sum.
  const parts = await page
    .getByRole('region', { name: 'What it rests on' })
    .getByRole('listitem')
    .allTextContents();
  const number = (text: string) =>
    Number((/[+\u2212]?\d+\.\d+$/.exec(text.trim())?.[0] ?? '').replace('\u2212', '-'));
  const sum = parts.reduce((total, text) => total + number(text), 0);
  const logit = number((await page.getByTestId('logit').textContent()) ?? '');
  expect(Math.abs(sum - logit)).toBeLessThan(0.0005 * (parts.length + 1));

  // A click on a cell, where it lies on the screen, gives its card.
  const at = await page.evaluate(() => {
    const { x, y, count } = window.cytolens.cells();
    const view = window.cytolens.view();
    const stage = document.querySelector('.stage')?.getBoundingClientRect() ?? new DOMRect();
    const scale = stage.width / view.w;
    const middle = { x: view.x + view.w / 2, y: view.y + view.h / 2 };
    let best = 0;
    for (let i = 0; i < count; i++) {
      const d = Math.hypot(x[i] - middle.x, y[i] - middle.y);
      if (d < Math.hypot(x[best] - middle.x, y[best] - middle.y)) best = i;
    }
    return {
      index: best,
      x: stage.x + (x[best] - view.x) * scale,
      y: stage.y + (y[best] - view.y) * scale,
    };
  });
  await page.mouse.move(at.x, at.y);
  await expect(page.locator('.hover-tip')).toContainText('contribution');
  await page.mouse.click(at.x, at.y);
  const card = page.getByRole('region', { name: 'Selected cell' });
  await expect(card).toContainText('Attention per µm²');
  await expect(card).toContainText('parity passed');
  const told = await page.evaluate((index) => window.cytolens.explain(index), at.index);
  await expect(card).toContainText(`of ${told?.cells.toLocaleString('en')}`);
  await page.keyboard.press('Escape');
  await expect(card).toHaveCount(0);
});

test('cells lie on the drawn nuclei: detection F1 at least 0.8 at 0.25 um/px', async ({ page }) => {
  await start(page);
  const run = await analyse(page, REGION);
  const truth = await page.evaluate((rect) => window.cytolens.groundTruth(rect), REGION);
  const inside = (x: number, y: number) =>
    x >= REGION.x && y >= REGION.y && x < REGION.x + REGION.w && y < REGION.y + REGION.h;
  const found = run.table.x
    .map((x, i) => [x, run.table.y[i]] as const)
    .filter(([x, y]) => inside(x, y));
  const drawn = truth.map(({ x, y }) => [x, y] as const).filter(([x, y]) => inside(x, y));
  expect(drawn.length).toBeGreaterThan(100);
  const { f1, precision, recall } = matchCentroids(found, drawn, 12);
  console.log(
    `detection on the built-in slide: F1 ${f1.toFixed(3)}, precision ${precision.toFixed(3)}, recall ${recall.toFixed(3)}, ${found.length} found, ${drawn.length} drawn`,
  );
  expect(f1).toBeGreaterThanOrEqual(0.8);
});

test('evidence is conserved, and the same region gives the same answer', async ({ page }) => {
  await start(page);
  const small = { ...REGION, w: 896, h: 896 };
  const first = await analyse(page, small);
  const second = await analyse(page, small);
  for (const run of [first, second]) {
    const { score, table } = run;
    expect(Math.abs(score.residual)).toBeLessThan(1e-4);
    const cells = table.contribution.reduce((a, b) => a + b, 0) / run.fields;
    const whole = cells + score.classToken + score.background + score.bias;
    expect(Math.abs(whole - score.logit)).toBeLessThan(1e-4);
    const attention = table.attention.reduce((a, b) => a + b, 0) / run.fields;
    expect(attention).toBeCloseTo(score.attentionOnCells, 4);
    expect(attention).toBeGreaterThan(0);
    expect(attention).toBeLessThanOrEqual(1);
  }
  expect(second.cells).toBe(first.cells);
  expect(second.score.logit).toBeCloseTo(first.score.logit, 6);
});

test('a second analysis replaces one under way, cleanly', async ({ page }) => {
  await start(page);
  const outcome = await page.evaluate(async (rect) => {
    const first = window.cytolens.analyse({ region: rect }).then(
      () => 'finished',
      (error) => error.tag,
    );
    await new Promise((resolve) => setTimeout(resolve, 300));
    const small = { ...rect, w: 448, h: 448 };
    const second = await window.cytolens.analyse({ region: small });
    const { count, field } = window.cytolens.cells();
    return { first: await first, second, count, fields: new Set(field).size };
  }, REGION);
  expect(outcome.first).toBe('cancelled');
  expect(outcome.count).toBe(outcome.second.cells);
  expect(outcome.fields).toBeLessThanOrEqual(outcome.second.fields);
  expect(Math.abs(outcome.second.score.residual)).toBeLessThan(1e-4);
});

test('cancel keeps what was found; export carries its provenance; glass is refused', async ({
  page,
}) => {
  await start(page);
  const wide = { x: 18_000, y: 18_000, w: 4480, h: 4480 };
  await page.evaluate((rect) => {
    window.cytolens.view(rect);
    window.cytolens.analyse({ region: rect }).catch(() => undefined);
  }, wide);
  await page.waitForFunction(() => window.cytolens.status().run.done >= 3, null, {
    timeout: 120_000,
  });
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByRole('region', { name: 'Score' })).toContainText('so far');
  const { phase, done } = await page.evaluate(() => window.cytolens.status().run);
  expect(phase).toBe('cancelled');
  expect(done).toBeLessThan(100);
  const kept = await page.evaluate(() => window.cytolens.cells().count);
  expect(kept).toBeGreaterThan(20);
  await page.waitForTimeout(1500);
  expect(await page.evaluate(() => window.cytolens.cells().count)).toBe(kept);

  const geojson = JSON.parse(await exported(page, 'geojson'));
  expect(geojson.type).toBe('FeatureCollection');
  expect(geojson.features).toHaveLength(kept);
  const ring = geojson.features[0].geometry.coordinates[0];
  expect(ring).toHaveLength(33);
  expect(ring[0]).toEqual(ring[32]);
  expect(geojson.cytolens.models[0].sha256).toMatch(/^[0-9a-f]{64}$/);
  expect(geojson.cytolens.notice).toContain('Research use only');
  const csv = (await exported(page, 'csv')).trim().split('\n');
  expect(csv).toHaveLength(kept + 2);
  expect(csv[0]).toContain('"parityError"');

  const glass = await page.evaluate(() =>
    window.cytolens.analyse({ region: { x: 0, y: 0, w: 1000, h: 1000 } }).then(
      () => null,
      (error) => ({ tag: error.tag, message: error.message }),
    ),
  );
  expect(glass?.tag).toBe('no-tissue');
});

test('a large view is not analysed without asking', async ({ page }) => {
  await start(page);
  await page.keyboard.press('0');
  await page.waitForTimeout(900);
  await page.keyboard.press('a');
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText(/up to [\d,]+ fields/);
  await dialog.getByRole('button', { name: 'Zoom in first' }).click();
  expect(await page.evaluate(() => window.cytolens.status().run.phase)).toBe('idle');
});
