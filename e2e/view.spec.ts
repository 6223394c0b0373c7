/** The viewer itself: developed colours, pictures, tiles that fail, a lost GPU, a changed file, memory. */
import { appendFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { zipSync } from 'fflate';
import sharp from 'sharp';
import { makePyramid } from './fixtures.ts';
import { start } from './page.ts';

const PATCH = { x: 420, y: 420, width: 400, height: 300 };
const SYNTHETIC = 'synthetic:7:60000x45000';

interface Pixels {
  data: Buffer;
  width: number;
}

async function pixels(png: Buffer): Promise<Pixels> {
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width };
}

const patch = async (page: Page) => pixels(await page.screenshot({ clip: PATCH }));

/** Mean difference of two pictures, levels of 255. */
function difference(one: Pixels, other: Pixels): number {
  return one.data.reduce((sum, v, i) => sum + Math.abs(v - other.data[i]), 0) / one.data.length;
}

/** Until nothing has changed for 3 s, longer than a drawn tile takes: the tiles are there. */
async function settled(page: Page): Promise<Pixels> {
  let last = await patch(page);
  let still = 0;
  await expect
    .poll(
      async () => {
        const now = await patch(page);
        still = difference(now, last) === 0 ? still + 1 : 0;
        last = now;
        return still;
      },
      { intervals: [1500], timeout: 60_000 },
    )
    .toBeGreaterThanOrEqual(2);
  return last;
}

async function bare(page: Page): Promise<void> {
  await page.addStyleTag({ content: '.float { opacity: 0; }' });
}

/** A slide served by the page's own site; `fails` says which tiles are refused now. */
async function serveSlide(page: Page, fails: (tile: string) => boolean) {
  const { files, descriptor } = await makePyramid('s', 2048, 1536);
  const asked = new Map<string, number>();
  await page.route('**/fault/**', async (route) => {
    const name = new URL(route.request().url()).pathname.split('/fault/')[1];
    if (name === 's.dzi') return route.fulfill({ body: descriptor, contentType: 'text/xml' });
    asked.set(name, (asked.get(name) ?? 0) + 1);
    if (fails(name)) return route.fulfill({ status: 503 });
    const tile = files[`s/${name}`];
    return tile
      ? route.fulfill({ body: Buffer.from(tile), contentType: 'image/jpeg' })
      : route.fulfill({ status: 404 });
  });
  return asked;
}

test('tiles that fail are asked for again, marked, counted, and had on another try', async ({
  page,
}) => {
  let failing = true;
  const lost = /_files\/11\/[3-7]_/;
  const asked = await serveSlide(page, (tile) => failing && lost.test(tile));
  await start(page, '?provider=wasm', false);
  await page.evaluate(() => window.cytolens.open('fault/s.dzi'));
  await page.keyboard.press('Escape');
  await page.evaluate(() => window.cytolens.view({ x: 700, y: 400, w: 900, h: 700 }));
  const notice = page.getByRole('status').filter({ hasText: 'could not be loaded' });
  await expect(notice).toContainText(/\d+ tiles? could not be loaded/, { timeout: 60_000 });
  const tries = [...asked].filter(([tile]) => lost.test(tile)).map(([, n]) => n);
  expect(Math.max(...tries)).toBe(4);
  await bare(page);
  const marked = await settled(page);
  expect(spread(marked)).toBeGreaterThan(2);

  failing = false;
  await notice.getByRole('button', { name: 'Try again' }).click();
  await expect.poll(async () => spread(await patch(page)), { timeout: 30_000 }).toBeLessThan(1);
  await expect(notice).toHaveCount(0);
});

/** Standard deviation of the brightness: 0 on a flat ground. */
function spread({ data }: Pixels): number {
  const green = Array.from({ length: data.length / 3 }, (_, i) => data[3 * i + 1]);
  const mean = green.reduce((sum, v) => sum + v, 0) / green.length;
  return Math.sqrt(green.reduce((sum, v) => sum + (v - mean) ** 2, 0) / green.length);
}

test('a file that changes on disk is one sentence, and what was drawn stays', async ({ page }) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'cytolens-view-'));
  const file = path.join(folder, 's.szi');
  // Larger than the screen, so that not all of it is read at first.
  writeFileSync(file, zipSync((await makePyramid('s', 4096, 3072)).files, { level: 0 }));
  await start(page, '?provider=wasm', false);
  await page.keyboard.press('o');
  await page.getByLabel('Slide file').setInputFiles(file);
  await page.waitForFunction(() => window.cytolens.slide()?.width === 4096, null, {
    timeout: 120_000,
  });
  await page.getByRole('button', { name: 'Only look' }).click();
  await bare(page);
  const drawn = await settled(page);
  appendFileSync(file, readFileSync(file).subarray(0, 4096));
  await page.evaluate(() => window.cytolens.pose({ turn: 1 }));
  await page.evaluate(() => window.cytolens.pose({ turn: 0 }));
  expect(difference(await settled(page), drawn)).toBeLessThan(2);
  await page.evaluate(() => window.cytolens.view({ x: 1500, y: 1200, w: 600, h: 400 }));
  await expect(page.getByRole('status').filter({ hasText: 'can no longer be read' })).toBeVisible({
    timeout: 60_000,
  });
  // Coarser tissue is still seen where the finer is missing.
  const [r, g, b] = (await patch(page)).data;
  expect(Math.max(r, g, b)).toBeGreaterThan(60);
});

test('a lost GPU context comes back with cells and colours', async ({ page }) => {
  await start(page, `?provider=wasm&slide=${SYNTHETIC}&x=23500&y=27500&w=2000&h=1500`, false);
  await page.evaluate(async () => {
    const rows = Array.from(
      { length: 200 },
      (_, i) => `${23_600 + (i % 20) * 90},${27_600 + Math.floor(i / 20) * 130},tumour`,
    );
    const csv = `x_px,y_px,type\n${rows.join('\n')}\n`;
    await window.cytolens.importCells(new File([csv], 'cells.csv'));
    window.cytolens.shownAs({ stain: 'haematoxylin' });
  });
  await bare(page);
  // All tiles first: coarser ones stand still for a moment too.
  await page.waitForTimeout(3000);
  const before = await settled(page);
  const lose = (selector: string, lost: boolean) =>
    page.evaluate(
      ({ selector, lost }) => {
        const gl = document.querySelector<HTMLCanvasElement>(selector)?.getContext('webgl2');
        const held = window as unknown as Record<string, WEBGL_lose_context | null>;
        held[selector] ??= gl?.getExtension('WEBGL_lose_context') ?? null;
        if (lost) held[selector]?.loseContext();
        else held[selector]?.restoreContext();
      },
      { selector, lost },
    );
  for (const selector of ['.developed', '.cell-layer']) {
    await lose(selector, true);
    await page.evaluate(() => window.cytolens.pose({ turn: 1 }));
    await page.evaluate(() => window.cytolens.pose({ turn: 0 }));
    const without = await settled(page);
    expect(difference(without, before)).toBeGreaterThan(1);
    // The tissue itself never goes.
    expect(without.data.reduce((sum, v) => sum + v, 0) / without.data.length).toBeGreaterThan(60);
    await lose(selector, false);
    await expect.poll(async () => difference(await patch(page), before)).toBeLessThan(0.5);
  }
});

test('a picture shows what the screen shows: turned, mirrored, one stain, at both sizes', async ({
  page,
}) => {
  // Models that load would leave the drawing of tiles no core.
  await start(page, `?provider=wasm&slide=${SYNTHETIC}&x=23500&y=27500&w=2000&h=1500`);
  await page.evaluate(() => {
    window.cytolens.pose({ turn: 37, flipped: true });
    window.cytolens.shownAs({ stain: 'haematoxylin', contrast: 1.3 });
  });
  await bare(page);
  const seen = await settled(page);
  const stage = await page.locator('.stage').first().boundingBox();
  for (const times of [1, 2]) {
    const text = await page.evaluate(async (n) => {
      const reader = new FileReader();
      reader.readAsDataURL(await window.cytolens.picture(n));
      await new Promise((resolve) => reader.addEventListener('load', resolve));
      return String(reader.result);
    }, times);
    const whole = sharp(Buffer.from(text.split(',')[1], 'base64'));
    expect((await whole.metadata()).width).toBe(Math.round((stage?.width ?? 0) * times));
    const cut = await whole
      .extract({
        left: Math.round((PATCH.x - (stage?.x ?? 0)) * times),
        top: Math.round((PATCH.y - (stage?.y ?? 0)) * times),
        width: PATCH.width * times,
        height: PATCH.height * times,
      })
      .resize(PATCH.width, PATCH.height, { kernel: 'linear' })
      .png()
      .toBuffer();
    const apart = difference(await pixels(cut), seen);
    console.log(`picture at ${times}x against the screen: ${apart.toFixed(2)} of 255`);
    expect(apart).toBeLessThan(6);
  }
  const plain = await page.evaluate(() => window.cytolens.shownAs({ stain: 'all', contrast: 1 }));
  expect(plain.stain).toBe('all');
  expect(difference(await settled(page), seen)).toBeGreaterThan(15);
});

test('a region is saved at the scale asked for, and a too large one is a sentence', async ({
  page,
}) => {
  await start(page, `?provider=wasm&slide=${SYNTHETIC}&x=23500&y=27500&w=2000&h=1500`, false);
  const view = await page.evaluate(() => window.cytolens.view());
  const size = await page.evaluate(async () => {
    const bitmap = await createImageBitmap(await window.cytolens.regionPicture(1));
    return { width: bitmap.width, height: bitmap.height };
  });
  // The slide has 0.25 um/px.
  expect(size.width).toBe(Math.round(view.w / 4));
  expect(size.height).toBe(Math.round(view.h / 4));
  const refused = await page.evaluate(() =>
    window.cytolens.regionPicture(0.01).then(
      () => null,
      (error) => ({ tag: error.tag, message: error.message }),
    ),
  );
  expect(refused?.tag).toBe('too-large');
  expect(refused?.message).toContain('8192');
});

test('20 slides opened in a row leave no memory behind', async ({ page, browser }) => {
  await start(page, '?provider=wasm', true);
  const session = await page.context().newCDPSession(page);
  const root = await browser.newBrowserCDPSession();
  const open = async (seed: number) => {
    await page.evaluate(async (n) => {
      await window.cytolens.open(`synthetic:${n}:20000x15000`);
      window.cytolens.view({ x: 6000, y: 5000, w: 3000, h: 2200 });
    }, seed);
    await page.waitForTimeout(1200);
  };
  const memory = async () => {
    await session.send('HeapProfiler.collectGarbage');
    await page.waitForTimeout(500);
    await session.send('HeapProfiler.collectGarbage');
    const heap = (await session.send('Runtime.getHeapUsage')) as {
      usedSize: number;
      backingStorageSize?: number;
    };
    const { processInfo } = await root.send('SystemInfo.getProcessInfo');
    const rss = processInfo
      .filter(({ type }) => type === 'renderer')
      .map(({ id }) =>
        Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1]),
      )
      .reduce((sum, kb) => sum + kb / 1024, 0);
    return { mb: (heap.usedSize + (heap.backingStorageSize ?? 0)) / 2 ** 20, rss };
  };
  // The browser's own pools fill first.
  for (let n = 0; n < 10; n++) await open(100 + n);
  const before = await memory();
  for (let n = 0; n < 20; n++) await open(200 + n);
  const after = await memory();
  console.log(
    `after 10 slides ${before.mb.toFixed(1)} MB of heap, ${before.rss.toFixed(0)} MB resident; after 20 more ${after.mb.toFixed(1)} and ${after.rss.toFixed(0)}`,
  );
  expect(after.mb).toBeLessThan(1.1 * before.mb);
  expect(after.rss).toBeLessThan(1.1 * before.rss);
});
