/** Bad input: a sentence that says what to do, and what was open stays open with its results. */
import { expect, type Page, test } from '@playwright/test';
import { makePyramid, makeSzi, serveFiles } from './fixtures.ts';
import { start } from './page.ts';

async function openFails(page: Page, source: string, sentence: RegExp): Promise<void> {
  const before = await page.evaluate(() => window.cytolens.slide()?.id);
  await page.getByRole('button', { name: 'Open', exact: true }).click();
  await page.getByLabel('Address of a slide').fill(source);
  await page.getByLabel('Address of a slide').press('Enter');
  await expect(page.getByRole('alert')).toContainText(sentence);
  expect(await page.evaluate(() => window.cytolens.slide()?.id)).toBe(before);
}

async function dropFails(page: Page, name: string, bytes: Buffer, sentence: RegExp): Promise<void> {
  const before = await page.evaluate(() => window.cytolens.slide()?.id);
  await page.getByRole('button', { name: 'Open', exact: true }).click();
  await page
    .getByLabel('Slide file')
    .setInputFiles({ name, mimeType: 'application/zip', buffer: bytes });
  await expect(page.getByRole('alert')).toContainText(sentence);
  expect(await page.evaluate(() => window.cytolens.slide()?.id)).toBe(before);
}

test.describe('files from this disk', () => {
  test('a good one opens and asks for the scale it does not tell', async ({ page }) => {
    await start(page, '?provider=wasm', false);
    await page.getByRole('button', { name: 'Open', exact: true }).click();
    await page.getByLabel('Slide file').setInputFiles({
      name: 'good.szi',
      mimeType: 'application/zip',
      buffer: await makeSzi('good'),
    });
    const dialog = page.getByRole('dialog');
    await expect(dialog).toContainText('How large is a pixel?');
    await dialog.getByLabel('µm per pixel').fill('0.5');
    await dialog.getByRole('button', { name: 'Use this scale' }).click();
    await expect(page.getByRole('banner')).toContainText('0.5 µm/px (entered)');
    expect(await page.evaluate(() => window.cytolens.slide()?.mpp)).toBe(0.5);
    expect(await page.evaluate(() => window.cytolens.slide()?.width)).toBe(1024);
  });

  test('dropped on the page it opens too', async ({ page }) => {
    await start(page, '?provider=wasm', false);
    const bytes = [...(await makeSzi('dropped'))];
    await page.evaluate((list) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([new Uint8Array(list)], 'dropped.szi'));
      document.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true }));
    }, bytes);
    await page.waitForFunction(() => window.cytolens.slide()?.name.includes('dropped'));
  });

  test('bad ones are refused with a sentence', async ({ page }) => {
    await start(page, '?provider=wasm', false);
    const whole = await makeSzi('slide');
    await dropFails(
      page,
      'cut.szi',
      whole.subarray(0, whole.length / 2),
      /cut off|incomplete|ends/i,
    );
    await dropFails(page, 'packed.szi', await makeSzi('packed', 6), /compressed|stored/i);
    const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
    await dropFails(page, 'picture.szi', Buffer.concat([png, Buffer.alloc(600)]), /PNG/);
    await dropFails(page, 'empty.szi', Buffer.alloc(0), /empty|cut off|incomplete|ends/i);
    await dropFails(page, 'slide.svs', Buffer.alloc(600), /not a TIFF or SVS slide/);
  });
});

test.describe('addresses', () => {
  test('servers without byte ranges, without CORS, and nothing at all', async ({ page }) => {
    await start(page, '?provider=wasm', false);
    const szi = { '/slide.szi': new Uint8Array(await makeSzi('slide')) };
    const noRanges = await serveFiles(szi, { cors: true, ranges: false });
    const noCors = await serveFiles(szi, { cors: false, ranges: true });
    const good = await serveFiles(szi, { cors: true, ranges: true });
    await openFails(page, `${noRanges.url}/slide.szi`, /byte ranges/);
    await openFails(page, `${noCors.url}/slide.szi`, /other sites|CORS|network/i);
    await openFails(page, `${good.url}/missing.szi`, /not there|found|404/i);
    await openFails(page, 'http://127.0.0.1:9/slide.dzi', /answer|network|reach/i);
    await openFails(page, `${good.url}/slide.txt`, /not read/);
    await page.evaluate((url) => window.cytolens.open(url), `${good.url}/slide.szi`);
    expect(await page.evaluate(() => window.cytolens.slide()?.width)).toBe(1024);
    await Promise.all([noRanges.close(), noCors.close(), good.close()]);
  });

  test('a Deep Zoom whose tiles are not there fails when it is opened', async ({ page }) => {
    await start(page, '?provider=wasm', false);
    const { descriptor, files } = await makePyramid('s');
    const bare = await serveFiles({ '/s.dzi': descriptor }, { cors: true, ranges: true });
    await openFails(page, `${bare.url}/s.dzi`, /tile/i);
    const whole = Object.fromEntries(
      Object.entries(files).map(([name, bytes]) => [name.replace(/^s\//, '/'), bytes]),
    );
    const good = await serveFiles(whole, { cors: true, ranges: true });
    await page.evaluate((url) => window.cytolens.open(url), `${good.url}/s.dzi`);
    expect(await page.evaluate(() => window.cytolens.slide()?.height)).toBe(768);
    await Promise.all([bare.close(), good.close()]);
  });
});

test.describe('models', () => {
  test('a changed file is not used: no map, and the slide can still be looked at', async ({
    page,
  }) => {
    await page.route('**/models/nuclei-star-2/*.onnx', async (route) => {
      const response = await route.fetch();
      const body = await response.body();
      body[body.length - 1] ^= 1;
      await route.fulfill({ response, body });
    });
    await start(page);
    await expect(page.getByRole('alert')).toContainText('not the one its description promises');
    const failure = await page.evaluate(() =>
      window.cytolens.analyse().then(
        () => null,
        (error) => error.tag,
      ),
    );
    expect(failure).toBe('model');
    await expect(page.getByRole('tabpanel', { name: 'Evidence' })).toContainText(
      'The slide can still be looked at.',
    );
  });
});
