/** The whole slide: planned, kept, broken off in every way, gone on with, watched, sent elsewhere. */
import { type BrowserContext, expect, type Page, test } from '@playwright/test';
import { makePyramid, serveFiles } from './fixtures.ts';
import { start } from './page.ts';

/** 30 fields of glands and stroma of the built-in slide, level-0 px. */
const WITHIN = { x: 448 * 52, y: 448 * 61, w: 448 * 6, h: 448 * 5 };

const counts = (page: Page) =>
  page.evaluate(() => {
    const { run } = window.cytolens.status();
    const { count, x, contribution } = window.cytolens.cells();
    return { run, count, x: [...x], contribution: [...contribution] };
  });

/** Start without waiting for the end; a failure's sentence is left in the page's title. */
const begin = (page: Page, within: typeof WITHIN | null = WITHIN) =>
  page.evaluate((rect) => {
    window.cytolens.analyseSlide({ within: rect ?? undefined }).catch((error) => {
      document.title = error.message;
    });
  }, within);

/** The same slide once more, from its first field to its last. */
const uninterrupted = async (page: Page) => {
  await page.evaluate((within) => window.cytolens.analyseSlide({ within }), WITHIN);
  return counts(page);
};

const until = (page: Page, done: number, phase?: string) =>
  page.waitForFunction(
    ([least, wanted]) => {
      const { run } = window.cytolens.status();
      return run.done >= least && (!wanted || run.phase === wanted);
    },
    [done, phase ?? ''] as const,
    { timeout: 100_000 },
  );

let whole: Awaited<ReturnType<typeof counts>>;

test.describe
  .serial('a run of the built-in slide', () => {
    let context: BrowserContext;

    test.beforeAll(async ({ browser }) => {
      context = await browser.newContext();
      // No hand answers a save dialog here: files go among the downloads.
      await context.addInitScript('delete window.showSaveFilePicker');
    });
    test.afterAll(() => context.close());

    test('from tissue to the last field, in the panel and by hand', async ({ page }) => {
      await start(page);
      await page.keyboard.press('w');
      const box = page.getByRole('region', { name: 'Tissue' });
      await expect(box).toContainText('Tissue to analyse', { timeout: 120_000 });
      const fields = async () =>
        Number(
          ((await box.textContent()) ?? '').match(/([\d,]+) fields, about/)?.[1].replace(',', ''),
        );
      const before = await fields();
      expect(before).toBeGreaterThan(1000);
      // What is painted out is not analysed.
      await page.keyboard.press('0');
      await page.waitForTimeout(1200);
      await box.getByRole('button', { name: 'Paint out' }).click();
      await page.mouse.move(300, 350);
      await page.mouse.down();
      await page.mouse.move(600, 450, { steps: 4 });
      await page.mouse.up();
      await expect.poll(fields).toBeLessThan(before - 50);
      await page.keyboard.press('Escape');
      await expect(box).toHaveCount(0);

      await begin(page);
      await until(page, 30, 'done');
      whole = await counts(page);
      expect(whole.run.total).toBe(30);
      expect(whole.count).toBeGreaterThan(800);
    });

    test('reloaded in the middle it is paused, goes on, and finds the same cells', async () => {
      const page = await context.newPage();
      await start(page);
      await begin(page);
      await until(page, 7);
      await page.reload();
      await start(page);
      const progress = page.getByRole('region', { name: 'Analysis progress' });
      await expect(progress).toContainText('Analysis paused', { timeout: 30_000 });
      const kept = await counts(page);
      // One field may have been under way in each lane.
      expect(kept.run.done).toBeGreaterThanOrEqual(7);
      expect(kept.run.done).toBeLessThan(30);
      await progress.getByRole('button', { name: 'Go on' }).click();
      await until(page, 12);

      // A second tab on the same slide watches.
      const other = await context.newPage();
      await start(other);
      const watching = other.getByRole('region', { name: 'Analysis progress' });
      await expect(watching).toContainText('Another tab is analysing this slide');
      await until(page, 30, 'done');
      await until(other, 30, 'done');
      expect((await counts(other)).x).toEqual(whole.x);
      await other.close();

      const done = await counts(page);
      expect(done.count).toBe(whole.count);
      expect(done.x).toEqual(whole.x);
      done.contribution.forEach((value, i) => {
        expect(Math.abs(value - whole.contribution[i])).toBeLessThan(1e-5);
      });
      await page.close();
    });

    test('cancelled, shown again and gone on with, it finds the same cells', async ({ page }) => {
      await start(page);
      await begin(page);
      await until(page, 5);
      const progress = page.getByRole('region', { name: 'Analysis progress' });
      await progress.getByRole('button', { name: 'Cancel' }).click();
      // The tissue box knows what is there, and does not begin anew without saying so.
      await page.keyboard.press('w');
      const box = page.getByRole('region', { name: 'Tissue' });
      await expect(box).toContainText('analysing anew replaces them', { timeout: 120_000 });
      await page.keyboard.press('Escape');
      await page.getByRole('tab', { name: 'Results' }).click();
      const kept = page.getByRole('region', { name: 'Kept on this machine' });
      await kept.getByRole('button', { name: 'Show' }).click();
      await expect(progress).toContainText('Analysis paused');
      await progress.getByRole('button', { name: 'Go on' }).click();
      await until(page, 30, 'done');
      expect((await counts(page)).x).toEqual(whole.x);
    });

    test('what is kept answers another head at once, is listed, sent elsewhere and removed', async ({
      page: elsewhere,
    }) => {
      const page = await context.newPage();
      await start(page);
      await until(page, 30, 'done');
      const other = await page.evaluate(() => {
        const heads = window.cytolens.models().filter((m) => m.role === 'head');
        return heads.find((m) => m.head?.targetId !== heads[0].head?.targetId)?.id ?? '';
      });
      await page.evaluate((id) => window.cytolens.chooseHead(id), other);
      const answered = await counts(page);
      expect(answered.x).toEqual(whole.x);
      expect(answered.contribution).not.toEqual(whole.contribution);

      await page.getByRole('tab', { name: 'Results' }).click();
      const kept = page.getByRole('region', { name: 'Kept on this machine' });
      await expect(kept).toContainText('30 fields, complete');
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        kept.getByRole('button', { name: /Save the results/ }).click(),
      ]);
      expect(file.suggestedFilename()).toMatch(/\.cytolens\.zip$/);
      const path = await file.path();

      await start(elsewhere);
      await elsewhere.getByRole('tab', { name: 'Results' }).click();
      await elsewhere
        .getByRole('region', { name: 'Kept on this machine' })
        .locator('input[type=file]')
        .setInputFiles(path);
      await until(elsewhere, 30, 'done');
      expect((await counts(elsewhere)).x).toEqual(whole.x);

      await kept.getByRole('button', { name: /Remove the results/ }).click();
      await expect(kept).toContainText('Nothing yet');
      await page.reload();
      await start(page);
      await page.waitForTimeout(1500);
      expect((await counts(page)).run.phase).toBe('idle');
      await page.close();
    });
  });

test('a full storage pauses the run with a sentence, and nothing is lost when it has room', async ({
  page,
}) => {
  await start(page);
  const cdp = await page.context().newCDPSession(page);
  const { origin } = new URL(page.url());
  await cdp.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 600_000 });
  await begin(page);
  await until(page, 1, 'paused');
  await expect(page).toHaveTitle(/storage is full.*Clear old results/);
  await cdp.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 500_000_000 });
  await page.getByRole('button', { name: 'Go on' }).click();
  await until(page, 30, 'done');
  const done = await counts(page);
  await page.reload();
  await start(page);
  await until(page, 30, 'done');
  expect((await counts(page)).x).toEqual(done.x);
  expect((await uninterrupted(page)).x).toEqual(done.x);
});

test('a lane that dies costs time, not cells', async ({ page }) => {
  await start(page);
  await begin(page);
  const lane = page.waitForEvent('worker', (worker) => worker.url().includes('lane'));
  await (await lane).evaluate('self.close()').catch(() => undefined);
  await until(page, 30, 'done');
  const done = await counts(page);
  expect(done.count).toBeGreaterThan(800);
  expect((await uninterrupted(page)).x).toEqual(done.x);
});

test('an engine that hangs with a dead graphics process is replaced, and the run goes on', async ({
  page,
}) => {
  const started = page.waitForEvent('worker', (worker) => worker.url().includes('engine'));
  await start(page);
  // The third field's report becomes the error of a lost device; after it, silence.
  await (await started).evaluate(() => {
    const post = self.postMessage.bind(self);
    self.postMessage = (message: { id: number; progress?: { done: number } }) => {
      if (!((message.progress?.done ?? 0) >= 3)) return post(message);
      self.postMessage = () => undefined;
      const error = { tag: 'stopped', message: 'A model stopped working.', detail: 'lost' };
      post({ id: message.id, error });
    };
  });
  const again = page.waitForEvent('worker', (worker) => worker.url().includes('engine'));
  await begin(page);
  await again;
  await expect(page).toHaveTitle('A model stopped working.');
  await page.getByRole('button', { name: 'Go on' }).click();
  await until(page, 30, 'done');
  const done = await counts(page);
  expect(done.count).toBeGreaterThan(800);
  expect((await uninterrupted(page)).x).toEqual(done.x);
});

test('a slide server that goes away pauses the run; it goes on when the server is back', async ({
  page,
}) => {
  const { files } = await makePyramid('slide', 2240, 1792);
  const flat = Object.fromEntries(
    Object.entries(files).map(([name, bytes]) => [`/${name.replace('slide/', '')}`, bytes]),
  );
  const server = await serveFiles(flat, { cors: true, ranges: true });
  try {
    await start(page);
    await page.evaluate(
      (url) => window.cytolens.open({ kind: 'url', url, facts: { mpp: 0.25 } }),
      `${server.url}/slide.dzi`,
    );
    const top = /_files\/12\/[78]_/;
    await page.context().route(top, (route) => route.abort());
    await begin(page, null);
    await until(page, 1, 'paused');
    await expect(page).toHaveTitle(/\./);
    const { run } = await counts(page);
    expect(run.done).toBeLessThan(run.total);
    await page.context().unroute(top);
    await page.getByRole('button', { name: 'Go on' }).click();
    await until(page, run.total, 'done');
  } finally {
    await server.close();
  }
});
