/** Annotations: drawn by pointer and by keys, undone, saved, read back, kept, and filtered by. */
import { expect, type Page, test } from '@playwright/test';
import { analyse, start } from './page.ts';

const VIEW = { x: 24_000, y: 27_900, w: 1200, h: 900 };

const list = (page: Page) => page.evaluate(() => window.cytolens.annotations());

/** Level-0 px of places of the slide's element, by the viewer's own map. */
async function onSlide(page: Page, ...places: [number, number][]) {
  return page.evaluate((screen) => {
    const { a, b, c, d, e, f } = window.cytolens.screen();
    const det = a * d - b * c;
    return screen.map(([x, y]) => ({
      x: (d * (x - e) - c * (y - f)) / det,
      y: (a * (y - f) - b * (x - e)) / det,
    }));
  }, places);
}

async function drag(page: Page, from: [number, number], to: [number, number]) {
  const stage = await page.locator('.stage').first().boundingBox();
  const at = ([x, y]: [number, number]) => [(stage?.x ?? 0) + x, (stage?.y ?? 0) + y] as const;
  await page.mouse.move(...at(from));
  await page.mouse.down();
  await page.mouse.move(...at([(from[0] + to[0]) / 2, (from[1] + to[1]) / 2]));
  await page.mouse.move(...at(to));
  await page.mouse.up();
}

test('draw by mouse and by keys on a turned slide, undo, save, read back, reload', async ({
  page,
}) => {
  await start(page, '?provider=wasm', false);
  await page.evaluate((rect) => window.cytolens.view(rect), VIEW);
  await page.evaluate(() => window.cytolens.pose({ turn: 30, flipped: true }));
  await page.waitForTimeout(600);

  // A rectangle lies where it was drawn, along the slide's own axes.
  await page.keyboard.press('d');
  await page.getByRole('button', { name: 'Rectangle', exact: true }).click();
  const before = await page.evaluate(() => window.cytolens.view());
  await drag(page, [420, 300], [640, 430]);
  const [first, second] = await onSlide(page, [420, 300], [640, 430]);
  const [rectangle] = await list(page);
  if (rectangle.geometry.kind !== 'rectangle') throw new Error(rectangle.geometry.kind);
  const { x, y, w, h } = rectangle.geometry;
  expect(x).toBeCloseTo(Math.min(first.x, second.x), 0);
  expect(y).toBeCloseTo(Math.min(first.y, second.y), 0);
  expect(w).toBeCloseTo(Math.abs(second.x - first.x), 0);
  expect(h).toBeCloseTo(Math.abs(second.y - first.y), 0);
  expect(rectangle.classification?.name).toBe('Tumour');
  expect(await page.evaluate(() => window.cytolens.view())).toEqual(before);

  // A polygon by keys alone: three corners around the middle of the screen, then Enter once more.
  await page.keyboard.press('y');
  for (const key of ['ArrowUp', 'ArrowRight', 'ArrowDown']) {
    for (let i = 0; i < 5; i++) await page.keyboard.press(key);
    await page.keyboard.press('Enter');
  }
  await page.keyboard.press('Enter');
  const drawn = await list(page);
  expect(drawn).toHaveLength(2);
  if (drawn[1].geometry.kind !== 'polygons') throw new Error(drawn[1].geometry.kind);
  expect(drawn[1].geometry.polygons[0][0]).toHaveLength(6);

  // A length says its unit; the length on screen is that of the slide.
  await page.keyboard.press('l');
  await drag(page, [300, 600], [500, 600]);
  const [left, right] = await onSlide(page, [300, 600], [500, 600]);
  const um = 0.25 * Math.hypot(right.x - left.x, right.y - left.y);
  const panel = page.getByRole('region', { name: 'Measurements' });
  await page.getByRole('tab', { name: 'Marks' }).click();
  await expect(panel).toContainText(`${Number(um.toFixed(um >= 100 ? 0 : 1))} µm`);

  // Undo and redo, by keys.
  const all = await list(page);
  await page.keyboard.press('Control+z');
  expect(await list(page)).toEqual(all.slice(0, 2));
  await page.keyboard.press('Control+z');
  await page.keyboard.press('Control+Shift+z');
  await page.keyboard.press('Control+Shift+z');
  expect(await list(page)).toEqual(all);

  // Shift leaves the drag to the slide.
  await page.keyboard.down('Shift');
  await drag(page, [500, 500], [560, 540]);
  await page.keyboard.up('Shift');
  expect(await list(page)).toEqual(all);
  expect(await page.evaluate(() => window.cytolens.view())).not.toEqual(before);

  // What is saved is what is read back.
  const text = await page.evaluate(async () => (await window.cytolens.exportAnnotations()).text());
  const collection = JSON.parse(text);
  expect(collection.cytolens.notice).toContain('Research use only');
  expect(collection.features[0].properties.objectType).toBe('annotation');
  await page.evaluate(() => window.cytolens.annotate([]));
  expect(await list(page)).toHaveLength(0);
  await page.evaluate(async (saved) => {
    await window.cytolens.importAnnotations(new File([saved], 'marks.geojson'));
  }, text);
  expect(await list(page)).toEqual(all);

  // Kept over a reload.
  await page.waitForTimeout(800);
  await page.reload();
  await page.waitForFunction(() => window.cytolens?.annotations().length === 3);
  expect(await list(page)).toEqual(all);
});

test('cells inside of an annotation: counted, and alone on screen', async ({ page }) => {
  await start(page);
  const { table } = await analyse(page, { x: 20_160, y: 20_160, w: 896, h: 896 });
  const area = { kind: 'ellipse', x: 20_300, y: 20_300, w: 500, h: 500 } as const;
  await page.evaluate(
    (geometry) =>
      window.cytolens.annotate([
        { geometry, classification: { name: 'Tumour', colour: '#d55e00' } },
      ]),
    area,
  );
  const inside = table.x.filter(
    (x, i) => Math.hypot(x - 20_550, table.y[i] - 20_550) <= 250,
  ).length;
  expect(inside).toBeGreaterThan(5);
  await page.getByRole('tab', { name: 'Cells' }).click();
  await page.getByLabel('Inside of').selectOption('Annotations: Tumour');
  const shown = page.getByRole('region', { name: 'Cells shown' });
  await expect(shown).toContainText(`${inside} of`);
  await page.getByRole('tab', { name: 'Marks' }).click();
  await page.getByRole('button', { name: /^Ellipse/ }).click();
  await expect(page.locator('.mark-details tfoot')).toContainText(String(inside));
  await expect(page.locator('.mark-details')).toContainText('all of it');
  // Without the shape there is nothing to filter by, and all cells are back.
  await page.getByRole('button', { name: 'Delete Ellipse' }).click();
  await page.getByRole('tab', { name: 'Cells' }).click();
  await expect(shown).toContainText(`${table.x.length.toLocaleString('en')} of`);
});
