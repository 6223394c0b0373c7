/** The desk around the slide: cases, bookmarks, masked names, panels and themes. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';
import { makeSzi } from './fixtures.ts';
import { start } from './page.ts';

const complaints = async (page: Page) =>
  (await new AxeBuilder({ page }).analyze()).violations.map((v) => `${v.id}: ${v.nodes[0].html}`);

/** A folder with two cases on this disk. */
async function makeWard(): Promise<string> {
  const folder = path.join(await mkdtemp(path.join(tmpdir(), 'desk-')), 'ward');
  for (const [name, slides] of [
    ['S24-Doe', ['he', 'p53']],
    ['S24-Roe', ['er']],
  ] as const) {
    await mkdir(path.join(folder, name), { recursive: true });
    for (const slide of slides) {
      await writeFile(path.join(folder, name, `${slide}.szi`), await makeSzi(slide));
    }
  }
  return folder;
}

const widen = (page: Page) => page.getByRole('button', { name: 'Names, cases and bookmarks' });

/** The made slides do not say their scale. */
async function onlyLook(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Only look' }).click();
  await expect(page.getByRole('dialog')).toHaveCount(0);
}

test('a folder becomes cases that are searched, reviewed and still there after a reload', async ({
  page,
}) => {
  const ward = await makeWard();
  // The picker of folders is the browser's own window, which no test can reach.
  await page.addInitScript(() => {
    Reflect.deleteProperty(window, 'showDirectoryPicker');
  });
  await start(page, '?provider=wasm', false);
  await widen(page).click();
  await page.getByRole('button', { name: 'Cases' }).click();
  await page.locator('input[webkitdirectory]').setInputFiles(ward);

  const rail = page.getByRole('navigation', { name: 'Slides' });
  await expect(rail.getByRole('button', { name: /S24-Doe/ })).toContainText('0 of 2 reviewed');
  await rail.getByLabel('Search cases').fill('roe');
  await expect(rail.getByRole('button', { name: /S24-Doe/ })).toHaveCount(0);
  await rail.getByLabel('Search cases').fill('');
  await rail.getByRole('button', { name: /S24-Doe/ }).click();
  await rail.getByRole('button', { name: 'p53', exact: true }).click();
  await onlyLook(page);
  await expect(page.getByRole('banner')).toContainText('p53');
  await page.keyboard.press('x');
  await expect(rail.getByRole('button', { name: 'p53, reviewed' })).toHaveAttribute(
    'aria-current',
    'true',
  );
  await page.keyboard.press('PageUp');
  await onlyLook(page);
  await expect(rail.getByRole('button', { name: 'he', exact: true })).toHaveAttribute(
    'aria-current',
    'true',
  );
  // Nothing of this disk is in the address, nor in the title, which the history keeps.
  expect(page.url()).not.toMatch(/doe|p53|he\.szi|ward/i);
  expect(await page.title()).toBe('Cytolens');
  await expect(rail.locator('.thumb img')).toHaveCount(2);

  await page.reload();
  await page.waitForFunction(() => window.cytolens?.slide());
  await expect(rail.getByRole('heading', { name: 'S24-Doe' })).toBeVisible();
  await expect(rail.getByRole('button', { name: 'p53, reviewed' })).toBeVisible();
  await expect(rail).toContainText('Choose its folder again');
  await rail.getByRole('button', { name: 'p53, reviewed' }).click();
  await expect(page.getByRole('alert')).toContainText('Choose it once more');

  await rail.getByText('1 of 2 reviewed').click();
  await rail.getByRole('button', { name: 'Forget this case' }).click();
  await rail.getByRole('button', { name: 'Forget', exact: true }).click();
  await expect(rail.getByRole('heading', { name: 'Slides at hand' })).toBeVisible();
  await rm(path.dirname(ward), { recursive: true });
});

test('a folder that the browser can read again is opened after a reload', async ({ page }) => {
  const bytes = [...(await makeSzi('he'))];
  // The browser's own storage stands for the disk: its handles are kept in the same way.
  await page.addInitScript(() => {
    const picker = async () =>
      (await navigator.storage.getDirectory()).getDirectoryHandle('ward', { create: true });
    Object.assign(window, { showDirectoryPicker: picker });
  });
  await start(page, '?provider=wasm', false);
  await page.evaluate(async (szi) => {
    const root = await navigator.storage.getDirectory();
    const ward = await root.getDirectoryHandle('ward', { create: true });
    const file = await ward.getFileHandle('he.szi', { create: true });
    const stream = await file.createWritable();
    await stream.write(new Uint8Array(szi));
    await stream.close();
  }, bytes);
  await widen(page).click();
  await page.getByRole('button', { name: 'Cases' }).click();
  await page.getByRole('button', { name: 'Add folder' }).click();
  await page.getByRole('button', { name: 'he', exact: true }).click();
  await onlyLook(page);
  await page.reload();
  await page.waitForFunction(() => window.cytolens?.slide());
  await page.getByRole('button', { name: 'he', exact: true }).click();
  await onlyLook(page);
  await expect(page.getByRole('banner')).toContainText('he');
  expect(await page.evaluate(() => window.cytolens.slide()?.width)).toBe(1024);
});

test('a JSON list of 10,000 slides is searched, and only what is seen is there', async ({
  page,
}) => {
  await start(page, '?provider=wasm', false);
  await widen(page).click();
  await page.getByRole('button', { name: 'Cases' }).click();
  const rows = Array.from({ length: 10_000 }, (_, i) => ({
    file: `archive/${i}.szi`,
    name: `Biopsy ${i}`,
    case: 'Archive',
  }));
  const list = { name: 'a.json', mimeType: 'application/json' };
  const input = page.locator('input[accept=".json"]');
  await input.setInputFiles({ ...list, buffer: Buffer.from('[{"name": "no place"}]') });
  await expect(page.getByRole('alert')).toContainText('entry 1');
  await input.setInputFiles({ ...list, buffer: Buffer.from(JSON.stringify(rows)) });
  const rail = page.getByRole('navigation', { name: 'Slides' });
  await expect(rail.getByRole('heading', { name: 'Archive' })).toBeVisible();
  expect(await rail.locator('li[data-row]').count()).toBeLessThan(60);
  await rail.getByRole('button', { name: 'Biopsy 0', exact: true }).focus();
  await page.keyboard.press('End');
  await expect(rail.getByRole('button', { name: 'Biopsy 9999', exact: true })).toBeFocused();
  await rail.getByLabel('Search slides').fill('psy 777');
  await expect(rail.locator('li[data-row]').first()).toHaveAttribute('aria-setsize', '19');
  await expect(rail.getByRole('button', { name: 'Biopsy 777', exact: true })).toBeVisible();
});

test('bookmarks are made, named, flown to and removed', async ({ page }) => {
  await start(page, '?provider=wasm', false);
  await page.evaluate(() => window.cytolens.view({ x: 9000, y: 6000, w: 900, h: 600 }));
  const marked = await page.evaluate(() => window.cytolens.view());
  await widen(page).click();
  await page.keyboard.press('b');
  await page.getByRole('button', { name: 'Rename Place 1' }).click();
  await page.getByLabel('Caption').fill('Mitoses');
  await page.keyboard.press('Enter');
  // It is listed once it is kept.
  await expect(page.getByRole('button', { name: 'Mitoses', exact: true })).toBeVisible();
  await page.keyboard.press('0');
  await page.reload();
  await page.waitForFunction(() => window.cytolens?.slide());
  await page.getByRole('button', { name: 'Mitoses', exact: true }).click();
  await expect
    .poll(async () => {
      const { x, w } = await page.evaluate(() => window.cytolens.view());
      return Math.abs(x + w / 2 - marked.x - marked.w / 2);
    })
    .toBeLessThan(2);
  await page.getByRole('button', { name: 'Delete Mitoses' }).click();
  await expect(page.getByText('None on this slide')).toBeVisible();
});

test('masked names are shown nowhere, and the mask stays on after a reload', async ({ page }) => {
  await start(page, '?provider=wasm', false);
  await widen(page).click();
  await page.keyboard.press('n');
  await expect(page.getByRole('banner')).toContainText('Slide 1');
  await page.reload();
  await page.waitForFunction(() => window.cytolens?.slide());
  await expect(page.getByRole('banner')).toContainText('Slide 1');
  await expect(page.locator('body')).not.toContainText('Synthetic');
  expect(await page.title()).toBe('Slide 1 · Cytolens');
});

test('panels are resized by keys and by hand; centre and magnification of the view stay', async ({
  page,
}) => {
  await start(page, '?provider=wasm', false);
  const look = () =>
    page.evaluate(() => {
      const { a, e, f, width, height } = window.cytolens.screen();
      return { scale: a, x: (width / 2 - e) / a, y: (height / 2 - f) / a, width };
    });
  const before = await look();
  const border = page.getByRole('separator', { name: 'Width of the findings' });
  await border.focus();
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  await expect(border).toHaveAttribute('aria-valuenow', '380');
  const box = await border.boundingBox();
  if (!box) throw new Error('The border is not on screen.');
  await page.mouse.move(box.x + 4, 400);
  await page.mouse.down();
  await page.mouse.move(box.x - 96, 400, { steps: 5 });
  await page.mouse.up();
  await expect(border).toHaveAttribute('aria-valuenow', /^4[78]\d$/);
  await expect.poll(async () => (await look()).width).toBeLessThan(before.width - 120);
  await expect.poll(async () => Math.abs((await look()).x - before.x)).toBeLessThan(1);
  const after = await look();
  expect(Math.abs(after.y - before.y)).toBeLessThan(1);
  expect(after.scale / before.scale).toBeCloseTo(1, 4);
  await border.focus();
  await page.keyboard.press('Enter');
  await expect(border).toHaveAttribute('aria-valuenow', '0');
});

for (const theme of ['Dark', 'Light', 'High contrast']) {
  test(`the ${theme.toLowerCase()} theme passes the accessibility check, and stays`, async ({
    page,
  }) => {
    await start(page, '?provider=wasm', false);
    await widen(page).click();
    await page.keyboard.press('b');
    await page.keyboard.press('?');
    await page.getByRole('radio', { name: theme }).check();
    expect(await complaints(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Cases' }).click();
    await page.getByRole('tab', { name: 'Results' }).click();
    expect(await complaints(page)).toEqual([]);
    const kept = await page.evaluate(() => document.documentElement.dataset.theme);
    await page.reload();
    await expect(page.locator(`html[data-theme="${kept}"]`)).toHaveCount(1);
  });
}

test('all kept results are removed together, once that is confirmed', async ({ page }) => {
  await start(page, '?provider=wasm', false);
  // Folders as runs leave them; that nothing in them can be read must not keep them there.
  await page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    const results = await root.getDirectoryHandle('results', { create: true });
    for (const slide of ['one', 'two']) {
      const folder = await results.getDirectoryHandle(slide, { create: true });
      await folder.getDirectoryHandle('run', { create: true });
    }
  });
  await page.getByRole('tab', { name: 'Results' }).click();
  const kept = page.getByRole('region', { name: 'Kept on this machine' });
  await kept.getByRole('button', { name: 'Remove all kept results' }).click();
  await kept.getByRole('button', { name: 'Keep' }).click();
  await expect(kept.getByRole('listitem')).toHaveCount(2);
  await kept.getByRole('button', { name: 'Remove all kept results' }).click();
  await kept.getByRole('button', { name: 'Remove all', exact: true }).click();
  await expect(kept).toContainText('Nothing yet');
});
