/** Panes: the same place side by side, aligned by landmarks, swiped, and two heads compared. */
import { expect, type Page, test } from '@playwright/test';
import type { ScreenTransform } from '../src/core/affine.ts';
import { apply, compose, invert } from '../src/core/affine.ts';
import { start } from './page.ts';

/** A field of the built-in slide that holds cells, and its neighbour. */
const FIELD = 448;
const REGION = { x: 46 * FIELD, y: 59 * FIELD, w: FIELD, h: FIELD };

const screens = (page: Page) =>
  page.evaluate(() => {
    const pane = window.cytolens.panes().list()[0]?.screen;
    if (!pane) throw new Error('no pane');
    return { main: window.cytolens.screen(), pane };
  });

/** Largest distance (CSS px) at which the pane shows a corner of the main view's middle square. */
function apart(main: ScreenTransform, pane: ScreenTransform): number {
  const [from, to] = [main, pane].map((s) => ({ x: s.width / 2, y: s.height / 2 }));
  const between = compose(pane, invert(main));
  const offsets = [-200, 200].flatMap((x) => [-200, 200].map((y) => ({ x, y })));
  return Math.max(
    ...offsets.map(({ x, y }) => {
      const met = apply(between, from.x + x, from.y + y);
      return Math.hypot(met.x - to.x - x, met.y - to.y - y);
    }),
  );
}

async function expectTogether(page: Page): Promise<void> {
  await expect
    .poll(async () => {
      const { main, pane } = await screens(page);
      return apart(main, pane);
    })
    .toBeLessThan(0.5);
}

test('locked panes show the same place, whichever is moved', async ({ page }) => {
  await start(page, '', false);
  await page.getByRole('button', { name: 'Panes', exact: true }).click();
  await page.getByRole('button', { name: /This slide again/ }).click();
  const pane = page.getByRole('region', { name: /^Pane 2/ });
  await expect(pane.getByRole('button', { name: /^Lock pane 2/ })).toHaveAttribute(
    'aria-pressed',
    'true',
  );
  await expectTogether(page);

  const before = (await screens(page)).main;
  const box = await pane.boundingBox();
  if (!box) throw new Error('the pane has no box');
  await page.mouse.move(box.x + 200, box.y + 300);
  await page.mouse.down();
  await page.mouse.move(box.x + 120, box.y + 250, { steps: 4 });
  await page.mouse.up();
  await page.mouse.wheel(0, -240);
  await expect.poll(async () => (await screens(page)).main.a / before.a).toBeGreaterThan(1.1);
  await expectTogether(page);
  for (const key of ['ArrowLeft', '-', ']']) await page.keyboard.press(key);
  await expectTogether(page);

  // Alone, it stays where it is; locked again, it keeps its distance.
  await pane.getByRole('button', { name: /^Lock pane 2/ }).click();
  const alone = await screens(page);
  await page.keyboard.press('ArrowRight');
  await expect
    .poll(async () => apart((await screens(page)).main, (await screens(page)).pane))
    .toBeGreaterThan(20);
  expect((await screens(page)).pane).toEqual(alone.pane);

  await pane.getByRole('button', { name: 'Close pane 2' }).click();
  await expect(pane).toHaveCount(0);
  expect(await page.evaluate(() => window.cytolens.panes().list())).toEqual([]);
});

test('what is in the middle stays there while panes come and go, under one row of tools', async ({
  page,
}) => {
  await start(page, '', false);
  const shown = () =>
    page.evaluate(() => {
      const { x, y, w, h } = window.cytolens.view();
      const { a, width } = window.cytolens.screen();
      return { x: x + w / 2, y: y + h / 2, a, width };
    });
  const { width, ...middle } = await shown();
  const open = () => page.evaluate(() => window.cytolens.panes().open());
  const expectMiddle = async () => {
    await expectTogether(page);
    const now = await shown();
    expect(now.a).toBeCloseTo(middle.a, 6);
    expect(Math.hypot(now.x - middle.x, now.y - middle.y) * middle.a).toBeLessThan(1);
  };
  await open();
  await open();
  await expect(page.getByRole('region', { name: /^Pane 3/ })).toBeVisible();
  await expectMiddle();
  const tops = await page
    .getByRole('toolbar', { name: 'Overlay' })
    .getByRole('button')
    .evaluateAll((tools) => tools.map((tool) => tool.getBoundingClientRect().top));
  expect(new Set(tops).size).toBe(1);
  await page.evaluate(() => window.cytolens.panes().close(2));
  await expectMiddle();
  await page.evaluate(() => window.cytolens.panes().close(3));
  await expect.poll(async () => (await shown()).width).toBe(width);
  const now = await shown();
  expect(Math.hypot(now.x - middle.x, now.y - middle.y) * middle.a).toBeLessThan(1);
});

test('a pane is aligned by landmarks under a turn, and swiped by keyboard', async ({ page }) => {
  await start(page, '', false);
  // The other slide is said to lie turned by 30 degrees, smaller, shifted and a little sheared.
  const turned = { a: 0.69, b: 0.4, c: -0.36, d: 0.71, e: 9000, f: -2000 };
  const places = [
    { x: 20_000, y: 22_000 },
    { x: 28_000, y: 23_000 },
    { x: 23_000, y: 30_000 },
  ];
  const pairs = places.map((main) => ({ main, other: apply(turned, main.x, main.y) }));
  const alignment = await page.evaluate(async (landmarks) => {
    const panes = window.cytolens.panes();
    const n = await panes.open('synthetic:8:30000x24000');
    return panes.align(n, landmarks);
  }, pairs);
  expect(alignment.kind).toBe('affine');
  expect(alignment.map.b).toBeCloseTo(0.4, 6);
  const { main, pane } = await screens(page);
  for (const { main: here, other } of pairs) {
    const [p, q] = [apply(main, here.x, here.y), apply(pane, other.x, other.y)];
    expect(q.x - pane.width / 2).toBeCloseTo(p.x - main.width / 2, 1);
    expect(q.y - pane.height / 2).toBeCloseTo(p.y - main.height / 2, 1);
  }

  // The shear that no viewer shows is done on the element, about the middle of the pane.
  const { stage, around, matrix } = await page.evaluate(() => {
    const element = document.querySelector<HTMLElement>('.pane.further > .stage');
    const box = (of?: Element | null) => of?.getBoundingClientRect().toJSON() as DOMRect;
    return {
      stage: box(element),
      around: box(element?.parentElement),
      matrix: element?.style.transform,
    };
  });
  expect(matrix).toContain('matrix');
  expect(stage.x + stage.width / 2).toBeCloseTo(around.x + around.width / 2, 1);
  expect(stage.y + stage.height / 2).toBeCloseTo(around.y + around.height / 2, 1);

  // One more pair by clicks: it tells how far the pairs are off.
  await page.getByRole('button', { name: 'Align' }).click();
  const box = page.getByRole('region', { name: 'Align pane 2' });
  await page.mouse.click(300, 400);
  await expect(box).toContainText('in this pane');
  const area = await page.getByRole('region', { name: /^Pane 2/ }).boundingBox();
  await page.mouse.click((area?.x ?? 0) + 250, (area?.y ?? 0) + 300);
  await expect(box).toContainText(/over 4 pairs: \d.* µm off/);
  await box.getByRole('button', { name: 'Delete pair 4' }).click();
  await box.getByRole('button', { name: /^Done/ }).click();

  await page.keyboard.press(',');
  const divider = page.getByRole('slider', { name: /Main slide to the left/ });
  await divider.focus();
  await page.keyboard.press('Shift+ArrowRight');
  await expect(divider).toHaveAttribute('aria-valuenow', '60');
  // Laid over, it lies exactly where the main slide does.
  await expect
    .poll(async () => (await screens(page)).pane.width)
    .toBe((await screens(page)).main.width);
  const over = await screens(page);
  const met = apply(over.pane, pairs[0].other.x, pairs[0].other.y);
  const wanted = apply(over.main, pairs[0].main.x, pairs[0].main.y);
  expect(Math.hypot(met.x - wanted.x, met.y - wanted.y)).toBeLessThan(0.5);
  await page.getByRole('button', { name: 'Panes', exact: true }).click();
  await page.getByRole('button', { name: 'Blink', exact: true }).click();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'Stop blinking' })).toBeVisible();

  // Landmarks are kept for these two slides.
  await page.evaluate(async () => {
    const panes = window.cytolens.panes();
    panes.close(2);
    await panes.open('synthetic:8:30000x24000');
  });
  expect(await page.evaluate(() => window.cytolens.panes().list()[0].aligned)).toBe(true);
});

test('two heads side by side, and their difference', async ({ page }) => {
  await start(page);
  const analyse = (at: number) =>
    page.evaluate(
      async (region) => {
        window.cytolens.view(region);
        await window.cytolens.analyse({ region });
      },
      { ...REGION, x: REGION.x + at * FIELD },
    );
  await analyse(0);
  await page.getByRole('button', { name: 'Panes', exact: true }).click();
  await page.getByLabel('Head B').selectOption({ index: 1 });
  await expect(page.getByRole('region', { name: 'Legend: Contribution, B' })).toContainText(
    'log-odds',
  );
  await expect(page.getByRole('region', { name: 'Legend: Difference, B − A' })).toContainText(
    'B more',
  );
  // Cells that change make what the other head said void.
  await analyse(1);
  await expect(page.getByRole('region', { name: /^Legend: / })).toHaveCount(0);
});
