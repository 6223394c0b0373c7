/** The ways in: a folder, several files, a picture, an address of IIIF and of OME-Zarr. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import sharp from 'sharp';
import { readFolder } from '../src/slide/testing/pyramid.ts';
import { writeZarr } from '../src/slide/testing/zarr.ts';
import { makePyramid, makeSzi, serveFiles } from './fixtures.ts';
import { start } from './page.ts';

let folder = '';
test.beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'cytolens-open-'));
});
test.afterEach(() => rm(folder, { recursive: true }));

async function write(files: Record<string, Uint8Array>): Promise<void> {
  for (const [name, bytes] of Object.entries(files)) {
    await mkdir(path.join(folder, path.dirname(name)), { recursive: true });
    await writeFile(path.join(folder, name), bytes);
  }
}

async function openDialog(page: Page): Promise<void> {
  await start(page, '?provider=wasm', false);
  await page.getByRole('button', { name: 'Open', exact: true }).click();
}

async function isShown(page: Page, name: string, width: number, height: number): Promise<void> {
  await expect
    .poll(() => page.evaluate(() => window.cytolens.slide()))
    .toMatchObject({ name, width, height });
}

/** Put away the question for the scale, which the slide does not tell. */
async function onlyLook(page: Page): Promise<void> {
  await page.getByRole('dialog').getByRole('button', { name: 'Only look' }).click();
}

/** The middle of the canvas is drawn. */
async function isDrawn(page: Page): Promise<void> {
  await expect
    .poll(() =>
      page.evaluate(() => {
        const canvas = document.querySelector<HTMLCanvasElement>('.stage canvas');
        const context = canvas?.getContext('2d');
        if (!canvas || !context) return 0;
        const { data } = context.getImageData(canvas.width >> 1, canvas.height >> 1, 1, 1);
        return data[3];
      }),
    )
    .toBe(255);
}

test('a folder of Deep Zoom is one slide', async ({ page }) => {
  const { files } = await makePyramid('Block');
  await write(files);
  await openDialog(page);
  await page.getByLabel('Slide folder').setInputFiles(path.join(folder, 'Block'));
  await isShown(page, 'Block', 1024, 768);
  await isDrawn(page);
});

test('several files chosen together are cases, and one among others is opened', async ({
  page,
}) => {
  const szi = { mimeType: 'application/zip', buffer: await makeSzi('slide') };
  const note = { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('x') };
  await openDialog(page);
  await page.getByLabel('Slide file').setInputFiles([{ name: 'one.szi', ...szi }, note]);
  await isShown(page, 'one', 1024, 768);
  await onlyLook(page);
  await page.getByRole('button', { name: 'Open', exact: true }).click();
  await page.getByLabel('Slide file').setInputFiles([note, { ...note, name: 'more.txt' }]);
  await expect(page.getByRole('alert')).toContainText('No slide was found among these files');
});

test('a PNG picture is a small slide that asks for its scale', async ({ page }) => {
  const create = { width: 3000, height: 2000, channels: 3, background: '#c08' } as const;
  const buffer = await sharp({ create }).png().toBuffer();
  await openDialog(page);
  await page
    .getByLabel('Slide file')
    .setInputFiles({ name: 'Section.png', mimeType: 'image/png', buffer });
  await isShown(page, 'Section', 3000, 2000);
  await expect(page.getByRole('dialog')).toContainText('How large is a pixel?');
  await isDrawn(page);
});

test('an IIIF and an OME-Zarr address', async ({ page }) => {
  const create = { width: 900, height: 700, channels: 3, background: '#a58' } as const;
  await sharp({ create })
    .png()
    .tile({ size: 256, layout: 'iiif3', id: 'https://example.com' })
    .toFile(path.join(folder, 'tree'));
  const value = (x: number, y: number) => (x + y) % 256;
  const zarr = await writeZarr([{ width: 600, height: 500, value }], {
    version: 3,
    axes: 'cyx',
    chunk: 256,
    together: 3,
    packed: 'zstd',
    unit: 'micrometer',
  });
  const served = [
    ...(await readFolder(folder)).map(({ name, bytes }) => [`/${name}`, bytes] as const),
    ...zarr.map(({ name, bytes }) => [`/s.ome.zarr/${name}`, bytes] as const),
  ];
  const server = await serveFiles(Object.fromEntries(served), { cors: true, ranges: true });
  await openDialog(page);
  const address = page.getByLabel('Address of a slide');
  await address.fill(`${server.url}/tree/info.json`);
  await address.press('Enter');
  await isShown(page, 'tree', 900, 700);
  await isDrawn(page);
  await onlyLook(page);
  await page.getByRole('button', { name: 'Open', exact: true }).click();
  await address.fill(`${server.url}/s.ome.zarr`);
  await address.press('Enter');
  await isShown(page, 's', 600, 500);
  expect(await page.evaluate(() => window.cytolens.slide()?.mpp)).toBe(0.25);
  await isDrawn(page);
  await server.close();
});
