/** SVS slides by address: JPEG by the browser, JPEG 2000 by WebAssembly in workers. */
import { expect, test } from '@playwright/test';
import sharp from 'sharp';
import { dataFile } from '../src/slide/testing/data.ts';
import { start, watch } from './page.ts';

const SLIDES = [
  // Level-0 px of tissue, and of the glass beside it.
  { file: 'cmu-1-small-region.svs', tissue: { x: 900, y: 1250, w: 200, h: 120 }, mpp: 0.499 },
  { file: 'tcga-jpeg2000.svs', tissue: { x: 2100, y: 1700, w: 400, h: 250 }, mpp: null },
];

for (const { file, tissue, mpp } of SLIDES) {
  test(`${file} is drawn in its colours, from its own server alone`, async ({ page }) => {
    test.skip(!dataFile(`slides/${file}`), 'no shared data');
    const { errors, foreign } = watch(page);
    await start(page, `?provider=wasm&slide=slides/${file}`, false);
    expect(await page.evaluate(() => window.cytolens.slide()?.mpp)).toBe(mpp);
    // A slide without a scale asks for it first.
    if (mpp === null) await page.getByRole('button', { name: 'Only look' }).click();
    await page.evaluate((rect) => window.cytolens.view(rect), tissue);
    const stage = await page.locator('.stage').boundingBox();
    const [x, y] = [(stage?.x ?? 0) + (stage?.width ?? 0) / 2, (stage?.y ?? 0) + 300];
    const pink = async () => {
      const clip = { x: x - 100, y, width: 200, height: 200 };
      const { channels } = await sharp(await page.screenshot({ clip })).stats();
      const [red, green, blue] = channels.map(({ mean }) => mean);
      return red > green + 25 && blue > green + 15;
    };
    await expect.poll(pink, { timeout: 30_000 }).toBe(true);
    expect(errors).toEqual([]);
    expect(foreign).toEqual([]);
  });
}
