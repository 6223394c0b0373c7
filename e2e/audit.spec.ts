/** The audit page: drawn tiles through the shipped encoder, the same numbers as on the command line. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import sharp from 'sharp';
import { auditTiles } from '../bench/audit-tiles.ts';
import { MEASURES } from '../src/audit/encoder/measures.ts';
import { drawnTile } from '../src/audit/encoder/testing/drawn.ts';
import { start } from './page.ts';

const SIDE = 256;
const AT2 = [0.9, 0.6, 0.8];
const GT450 = [0.8, 0.5, 0.9];
const TURNED = 8;

let folder: string;

/** Two classes, two scanners, five slides of a tile each, as JPEG files whose names tell. */
test.beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'cytolens-audit-'));
  const tiles = [
    ['fine-at2-1', 5, AT2],
    ['fine-at2-2', 6, AT2],
    ['fine-gt450-1', 5, GT450],
    ['coarse-at2-1', 17, AT2],
    ['coarse-gt450-1', 17, GT450],
  ] as const;
  for (const [seed, [slide, width, tint]] of tiles.entries()) {
    const { data } = drawnTile(width, tint, seed, SIDE);
    const raw = { width: SIDE, height: SIDE, channels: 4 } as const;
    const jpeg = await sharp(data, { raw }).removeAlpha().jpeg({ quality: 80 }).toBuffer();
    await writeFile(path.join(folder, `${slide}_0_0.jpg`), jpeg);
  }
});

test.afterAll(() => rm(folder, { recursive: true, force: true }));

test('audits a folder of tiles, and says what the command line says', async ({ page }) => {
  // A low window: what starts and stops the audit stays in sight all the same.
  await page.setViewportSize({ width: 1280, height: 620 });
  await start(page);
  await page.keyboard.press('j');
  const dialog = page.getByRole('dialog', { name: 'Encoder audit' });
  const audit = dialog.getByRole('button', { name: 'Audit', exact: true });
  await expect(audit).toBeDisabled();
  await expect(dialog).toContainText('Choose a labelled set first.');
  const chooser = page.waitForEvent('filechooser');
  await dialog.getByRole('button', { name: 'Folder of tiles' }).click();
  await (await chooser).setFiles(folder);
  await expect(dialog.getByText('5 tiles; slides or patients: 5')).toBeVisible();
  await dialog.getByLabel('Tiles that are turned').selectOption(`${TURNED}`);
  const encoder = dialog.getByRole('checkbox', { name: /encoder-tokens-3/ });
  await encoder.uncheck();
  await expect(audit).toBeDisabled();
  await encoder.check();
  await expect(audit).toBeInViewport({ ratio: 1 });
  await audit.click();
  await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeInViewport({ ratio: 1 });
  await expect(dialog.getByRole('progressbar', { name: 'Audit' })).toBeInViewport({ ratio: 1 });
  const table = dialog.getByRole('table');
  await expect(table).toBeVisible({ timeout: 180_000 });

  const [told] = await auditTiles({ folder, encoders: ['encoder-tokens-3'], turned: TURNED });
  for (const { id, name, of } of MEASURES) {
    const number = of(told);
    // What this machine took is its own.
    if (!number || id === 'ms') continue;
    const row = table.getByRole('row').filter({ has: page.getByText(name, { exact: true }) });
    await expect(row.locator('b')).toHaveText(number.text);
    if (number.interval) await expect(row).toContainText(number.interval);
  }

  const download = page.waitForEvent('download');
  await dialog.getByRole('button', { name: 'PDF' }).click();
  expect((await download).suggestedFilename()).toBe('encoder-audit.pdf');
});

test('says what a set lacks, and runs nothing', async ({ page }) => {
  await start(page);
  await page.keyboard.press('j');
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Embeddings' }).click();
  const csv = 'biology,centre,group,e0\na,1,s\n';
  const buffer = Buffer.from(csv);
  await (await chooser).setFiles({ name: 'short.csv', mimeType: 'text/csv', buffer });
  await page.getByRole('button', { name: 'Audit', exact: true }).click();
  await expect(page.getByRole('alert')).toContainText('short.csv');
  await expect(page.getByRole('table')).toHaveCount(0);
});

test('makes a set of annotated areas, and says that one slide is one centre', async ({ page }) => {
  await start(page);
  await page.evaluate(() => {
    const { x, y, w, h } = window.cytolens.view();
    const area = (at: number, name: string) => ({
      geometry: { kind: 'rectangle', x: x + (at * w) / 2, y, w: w / 2, h } as const,
      classification: { name, colour: '#d55e00' },
    });
    window.cytolens.annotate([area(0, 'Tumour'), area(1, 'Stroma')]);
  });
  await page.keyboard.press('j');
  await page.getByRole('button', { name: 'My annotations' }).click();
  await page.getByPlaceholder('Scanner or centre').fill('one scanner');
  await page.getByRole('button', { name: 'Cut into fields' }).click();
  await expect(page.getByText(/^Tumour \d+, Stroma \d+$/)).toBeVisible();
  await expect(page.getByRole('dialog')).toContainText('All samples come from one centre');
  await expect(page.getByRole('button', { name: 'Audit', exact: true })).toBeDisabled();
  await expect(page.getByRole('table')).toHaveCount(0);
});
