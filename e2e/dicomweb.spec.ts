/** Slides on a real DICOMweb server: Orthanc, which asks for a token. */
import { readFileSync } from 'node:fs';
import { expect, type Page, test } from '@playwright/test';
import sharp from 'sharp';
import { encapsulate, JPEG, part10, type Wsi, wsi } from '../src/slide/dicom/testing/write.ts';
import { dataFile } from '../src/slide/testing/data.ts';
import { hasOrthanc, type Orthanc, startOrthanc } from './orthanc.ts';
import { start } from './page.ts';

const TOKEN = 'only-for-this-journey';
const TILE = 256;
const REAL = dataFile('slides/dicom/sm-tiled-full-1152x700.dcm');

let orthanc: Orthanc;
let pyramid: Uint8Array<ArrayBuffer>[];

test.skip(!hasOrthanc(), 'no Orthanc: apt-get install orthanc orthanc-dicomweb');
test.beforeAll(async () => {
  pyramid = await makePyramid();
  orthanc = await startOrthanc([...pyramid, ...(REAL ? [readFileSync(REAL)] : [])], TOKEN);
});
test.afterAll(() => orthanc?.close());

test('a series opens from the dialog, shows what its files show, and leaves no token behind', async ({
  page,
}) => {
  await start(page, '?provider=wasm', false);
  await list(page, TOKEN);
  const entries = page.getByRole('list', { name: 'Slides of the service' });
  await expect(entries).toContainText('Drawn for tests');
  await expect(entries).toContainText('SM · 4 images');
  await expect(page.getByRole('dialog')).not.toContainText(/Doe|Jane/);
  await entries.getByRole('button', { name: /Drawn for tests/ }).click();
  const served = await opened(page, 'Drawn for tests');
  expect(served).toMatchObject({ width: 2000, height: 1400, mpp: 0.5, levels: 3 });
  expect(served.associated).toEqual(['label']);
  const asServed = await canvas(page);

  const files = pyramid.map((bytes, i) => ({ name: `${i}.dcm`, list: [...bytes] }));
  await page.evaluate(async (parts) => {
    const local = parts.map(({ name, list }) => new File([new Uint8Array(list)], name));
    await window.cytolens.open({
      kind: 'files',
      name: 'from files',
      files: local.map((file) => ({ path: file.name, file })),
    });
  }, files);
  const local = await opened(page, 'from files');
  expect(local.id).toBe(served.id);
  expect(await largestDifference(asServed, await canvas(page))).toBeLessThanOrEqual(2);

  const told = [page.url(), ...orthanc.requests].join('\n');
  expect(told).not.toMatch(new RegExp(`${TOKEN}|Doe|Jane`));
  const kept = await page.evaluate(async () => JSON.stringify({ ...localStorage }));
  expect(kept).not.toContain(TOKEN);
});

test('a slide of a scanner is read from the server tile by tile', async ({ page }) => {
  test.skip(REAL === null, 'no shared data: slides/dicom');
  await start(page, '?provider=wasm', false);
  await list(page, TOKEN);
  await page.getByRole('button', { name: /Congo Red/ }).click();
  expect(await opened(page, 'Congo Red-Lung test')).toMatchObject({ width: 1152, height: 700 });
  const before = orthanc.requests.filter((path) => path.includes('/frames/'));
  expect(before.length).toBeGreaterThan(0);
});

test('a wrong token, a wrong address: a sentence, and the slide stays', async ({ page }) => {
  await start(page, '?provider=wasm', false);
  const before = await page.evaluate(() => window.cytolens.slide()?.id);
  await list(page, 'another token');
  await expect(page.getByRole('alert')).toContainText('does not accept this token');
  await page.getByLabel('Token, if it asks for one').fill('');
  await page.getByRole('button', { name: 'List slides' }).click();
  await expect(page.getByRole('alert')).toContainText('asks for a token');
  await page.getByLabel('Address of the service').fill('http://127.0.0.1:9/dicom-web');
  await page.getByRole('button', { name: 'List slides' }).click();
  await expect(page.getByRole('alert')).toContainText('No answer from the DICOMweb service');
  expect(await page.evaluate(() => window.cytolens.slide()?.id)).toBe(before);
});

async function list(page: Page, token: string): Promise<void> {
  await page.getByRole('button', { name: 'Open', exact: true }).click();
  await page.getByLabel('Address of the service').fill(orthanc.service);
  await page.getByLabel('Token, if it asks for one').fill(token);
  await page.getByRole('button', { name: 'List slides' }).click();
}

async function opened(page: Page, name: string) {
  await page.waitForFunction((wanted) => window.cytolens.slide()?.name === wanted, name);
  return page.evaluate(() => {
    const info = window.cytolens.slide();
    if (!info) throw new Error('no slide');
    const { id, width, height, mpp, levels, associated } = info;
    return { id, width, height, mpp, levels: levels.length, associated };
  });
}

/** The slide as it is on screen, once it no longer changes. */
async function canvas(page: Page): Promise<Buffer> {
  const clip = { x: 420, y: 220, width: 560, height: 420 };
  let last = await page.screenshot({ clip });
  await expect(async () => {
    const next = await page.screenshot({ clip });
    const same = next.equals(last);
    last = next;
    expect(same).toBe(true);
  }).toPass({ intervals: [300] });
  return last;
}

async function largestDifference(a: Buffer, b: Buffer): Promise<number> {
  const [x, y] = await Promise.all([a, b].map((png) => sharp(png).removeAlpha().raw().toBuffer()));
  return x.reduce((largest, value, i) => Math.max(largest, Math.abs(value - y[i])), 0);
}

/** Three levels of a drawing in JPEG, and a label. */
async function makePyramid(): Promise<Uint8Array<ArrayBuffer>[]> {
  const [width, height] = [2000, 1400];
  const dots = Array.from({ length: 150 }, (_, i) => {
    const [x, y] = [(i * 137) % width, (i * 71) % height];
    return `<circle cx="${x}" cy="${y}" r="${14 + (i % 30)}" fill="hsl(${(i * 47) % 360} 60% 45%)"/>`;
  });
  const svg = Buffer.from(`<svg width="${width}" height="${height}">${dots.join('')}</svg>`);
  const drawing = await sharp(svg).flatten({ background: '#ecdce4' }).png().toBuffer();
  const levels = [1, 2, 4].map((down, i) =>
    instance(drawing, {
      width: width / down,
      height: height / down,
      tile: TILE,
      sop: `2.25.1${i}`,
    }),
  );
  const label = instance(drawing, {
    width: 250,
    height: 175,
    tile: TILE,
    sop: '2.25.19',
    flavor: 'LABEL',
  });
  return Promise.all([...levels, label]);
}

async function instance(drawing: Buffer, wanted: Wsi): Promise<Uint8Array<ArrayBuffer>> {
  const { width, height, tile } = wanted;
  const down = 2000 / width;
  const cols = Math.ceil(width / tile);
  const rows = Math.ceil(height / tile);
  const padded = await sharp(await sharp(drawing).resize(width, height).png().toBuffer())
    .extend({
      right: cols * tile - width,
      bottom: rows * tile - height,
      background: '#ffffff',
    })
    .png()
    .toBuffer();
  const frames = await Promise.all(
    Array.from({ length: cols * rows }, async (_, i) => {
      const box = { left: (i % cols) * tile, top: Math.floor(i / cols) * tile };
      const part = sharp(padded).extract({ ...box, width: tile, height: tile });
      return [new Uint8Array(await part.jpeg({ quality: 90 }).toBuffer())];
    }),
  );
  const spacing = 0.0005 * down;
  const said = wsi({
    ...wanted,
    series: '2.25.2',
    spacing: `${spacing}\\${spacing}`,
    more: [
      [0x0008103e, 'LO', 'Drawn for tests'],
      [0x00280004, 'CS', 'YBR_FULL_422'],
    ],
  });
  const { elements, tail } = encapsulate(frames, 'basic');
  return part10(JPEG, [...said, ...elements], tail);
}
