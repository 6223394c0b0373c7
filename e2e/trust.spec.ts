/** A field is stressed, unfamiliar fields are hatched, and a score that is no answer says so. */
import { readFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { conformalSet } from '../src/audit/abstain.ts';
import type { HeadManifest } from '../src/model/manifest.ts';
import { dataFile } from '../src/slide/testing/data.ts';
import { analyse, exported, showNumber, start } from './page.ts';

/** One field of the built-in slide, which is drawn: unlike all tissue that the encoder knows. */
const FIELD = 448;
const REGION = { x: 46 * FIELD, y: 59 * FIELD, w: FIELD, h: FIELD };

test('stresses a field, and withholds a score that is no answer', async ({ page }) => {
  await start(page);
  const { probability, unfamiliar } = await page.evaluate(async (region) => {
    window.cytolens.view(region);
    return (await window.cytolens.analyse({ region })).score;
  }, REGION);
  expect(unfamiliar).toBe(1);
  await expect(page.getByTestId('no-answer')).toContainText('100 % of the analysed fields');
  await expect(page.getByTestId('score')).toHaveCount(0);

  await page.getByRole('tab', { name: 'Trust' }).click();
  await expect(page.getByTestId('unfamiliar')).toHaveText('1 of 1 fields');
  const covered = () =>
    page.evaluate(() => {
      const layer = document.querySelector<HTMLCanvasElement>('canvas.unfamiliar');
      // With nothing to draw a layer is hidden, not wiped.
      if (!layer || layer.hidden) return false;
      const pixels = layer.getContext('2d')?.getImageData(0, 0, layer.width, layer.height).data;
      return pixels?.some((value) => value > 0) ?? false;
    });
  // Most of it is unknown: stripes everywhere would only hide the cells, until they are asked for.
  const hatch = page.getByLabel('Hatch them on the slide');
  await expect(hatch).not.toBeChecked();
  await hatch.check();
  await expect.poll(covered).toBe(true);
  await expect(page.getByLabel('Legend')).toContainText('unlike known tissue');
  await hatch.uncheck();
  await expect.poll(covered).toBe(false);
  await expect(page.getByLabel('Legend')).not.toContainText('unlike known tissue');
  await hatch.check();
  await expect.poll(covered).toBe(true);

  await page.getByRole('button', { name: 'Stress this field' }).click();
  await expect(page.getByRole('img', { name: /Probability over 24 angles/ })).toBeVisible({
    timeout: 120_000,
  });
  const report = await page.evaluate(async () => {
    const { original, families } = await window.cytolens.stress();
    return {
      original: original.probability,
      families: families.map(({ family, looks }) => ({
        family: family as string,
        looks: looks.map((look) => look.probability),
      })),
    };
  });
  // One field: the region's score is its own, up to the half precision of kept tokens.
  expect(Math.abs(report.original - probability)).toBeLessThan(0.005);
  // Nothing sticks out of the panel where it is narrowest.
  const panel = page.getByRole('tabpanel', { name: 'Trust' });
  await page.getByRole('separator', { name: 'Width of the findings' }).press('Home');
  await expect.poll(() => panel.evaluate((e) => e.scrollWidth - e.clientWidth)).toBe(0);
  const rows = page.locator('.strips tbody tr');
  await expect(rows).toHaveCount(report.families.length);
  const spread = (names: string[]) => {
    const of = report.families.filter(({ family }) => names.includes(family));
    const all = [report.original, ...of.flatMap(({ looks }) => looks)];
    return (Math.max(...all) - Math.min(...all)).toFixed(2);
  };
  const axes = page.getByTestId('axes');
  for (const [axis, families] of [
    ['rotation', ['rotation']],
    ['stain', ['stain', 'scanner']],
    ['scale', ['scale']],
    ['position', ['position']],
  ] as const) {
    await expect(axes.locator(`[data-axis="${axis}"]`)).toContainText(spread([...families]));
  }
  await expect(page.locator('.pixel-picture canvas')).toHaveCount(2);
  // Of tissue that gets no answer a steady score is no good news.
  await expect(axes.locator('.badge.good')).toHaveCount(0);

  await page.getByRole('button', { name: 'Compare field sizes' }).click();
  const sights = page.getByTestId('sights');
  await expect(sights.locator('canvas')).toHaveCount(3, { timeout: 120_000 });
  // The field alone is the first of the contexts.
  const sizes = page.getByRole('region', { name: 'Size of the field' });
  await expect(sizes.locator('dd').first()).toHaveText(report.original.toFixed(2));

  await page.getByRole('tab', { name: 'Evidence' }).click();
  await expect(page.getByTestId('axes')).toContainText('Rotation');
  await showNumber(page);
  await expect(page.getByTestId('score')).toContainText(probability.toFixed(2));
  await expect(page.getByTestId('no-answer')).toContainText('No answer');
  await page.getByRole('button', { name: 'Withhold it again' }).click();
  await expect(page.getByTestId('score')).toHaveCount(0);
});

test('sets that hold both classes withhold the score, and the diagram is the head’s own', async ({
  page,
}) => {
  await start(page);
  await page.getByRole('tab', { name: 'Trust' }).click();
  const seen = new Set<string>();
  for (const id of ['head-epithelium-baseline', 'head-igkc-baseline', 'head-erbb2-robust']) {
    const probability = await page.evaluate(
      async ({ wanted, region }) => {
        await window.cytolens.chooseHead(wanted);
        return (await window.cytolens.analyse({ region })).score.probability;
      },
      { wanted: id, region: REGION },
    );
    const { calibration, negative, positive } = headOf(id);
    if (!calibration) throw new Error(`${id} has no calibration`);
    const set = conformalSet(probability, calibration.conformal.quantile);
    seen.add(set);
    const said = {
      both: `both “${negative}” and “${positive}”`,
      none: 'no class',
      negative: `“${negative}” alone`,
      positive: `“${positive}” alone`,
    };
    await expect(page.getByTestId('conformal-set')).toHaveText(said[set]);
    const panel = page.getByRole('region', { name: 'Calibration' });
    await expect(panel.locator('circle')).toHaveCount(calibration.bins.length);
    await expect(panel).toContainText(calibration.on);
    await page.getByRole('tab', { name: 'Evidence' }).click();
    const why = page.getByTestId('no-answer');
    // The drawn slide is unlike known tissue, so there is no answer either way.
    if (set === 'both') await expect(why).toContainText('Both classes stay possible: 90 %');
    else await expect(why).not.toContainText('Both classes');
    await page.getByRole('tab', { name: 'Trust' }).click();
  }
  expect([...seen]).toContain('both');
  await page.evaluate(() => window.cytolens.chooseHead('head-planted-baseline'));
  await expect(page.getByRole('region', { name: 'Calibration' })).toContainText(
    'no held-out calibration',
  );
  await expect(page.getByTestId('conformal-set')).toHaveCount(0);
});

function headOf(id: string): HeadManifest['head'] {
  const file = new URL(`../models/${id}/manifest.json`, import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as HeadManifest).head;
}

test('says where many nuclei are missed, and nothing where they are outlined', async ({ page }) => {
  const file = 'cmu-1-small-region.svs';
  test.skip(dataFile(`slides/${file}`) === null, `no shared data: ${file}`);
  const row = page.getByTestId('missed');
  const said = page.getByText(/many nuclei are missed here, unless it is keratin or pigment/);
  const tab = (name: string) => page.getByRole('tab', { name }).click();

  await start(page);
  await tab('Trust');
  await expect(row).toHaveText('–');
  await expect(page.getByTestId('scale')).toHaveText('not known');
  const drawn = await analyse(page, REGION);
  expect(drawn.score.missed).toBeLessThan(0.1);
  await expect(row).toHaveText(/^\d\s%$/);
  await expect(page.getByTestId('weakened')).toHaveText('0');
  await expect(said).toHaveCount(0);

  await page.evaluate((name) => window.cytolens.open(`slides/${name}`), file);
  const missing = await analyse(page, { x: 896, y: 1120, w: 448, h: 448 });
  expect(missing.score.missed).toBeGreaterThan(0.5);
  expect(missing.score.weakened).toBe(missing.score.fields);
  const percent = `${(100 * (missing.score.missed ?? 0)).toFixed(0)} %`;
  await expect(row).toHaveText(percent);
  await expect(said).toContainText(percent);
  await tab('Cells');
  await expect(said).toBeVisible();
  await tab('Evidence');
  await expect(said).toBeVisible();
  await expect(page.locator('.badge.warn').filter({ hasText: 'Stain outlined' })).toContainText(
    '%',
  );
  await expect(page.getByLabel('Legend')).toContainText('Many nuclei are missed here');
  const collection = JSON.parse(await exported(page, 'geojson'));
  expect(collection.cytolens.prediction.stainedOutsideOutlines).toBeCloseTo(
    missing.score.missed ?? Number.NaN,
    9,
  );
});
