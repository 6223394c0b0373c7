/**
 * The overlay lies on the pixels: where the viewer draws tissue, and where the overlay draws cells,
 * are each measured from a screenshot against level-0 coordinates, at several magnifications.
 */
import { expect, type Page, test } from '@playwright/test';
import sharp from 'sharp';
import { apply, boxInView, type ScreenTransform, scaleOf, unapply } from '../src/core/affine.ts';
import type { Rect } from '../src/core/geometry.ts';
import { formatArea } from '../src/core/units.ts';
import { readRegion } from '../src/slide/region.ts';
import type { Slide } from '../src/slide/slide.ts';
import { createSyntheticSlide } from '../src/slide/synthetic/synthetic.ts';
import { analyse, start } from './page.ts';

const SLIDE = { seed: 7, width: 60_000, height: 45_000 };
const CENTRE = { x: 24_500, y: 28_250 };
/** Screen px of level-0 px: 80x down to 5x. */
const SCALES = [2, 1, 0.53, 0.26, 0.125];
const PATCH = { x: 300, y: 150, width: 600, height: 560 };

/** Show `CENTRE` at a scale; gives level-0 px of a screen place. */
async function show(page: Page, scale: number) {
  const view = await page.evaluate(
    async ({ centre, by }) => {
      const stage = document.querySelector('.stage')?.getBoundingClientRect() ?? new DOMRect();
      const [w, h] = [stage.width / by, stage.height / by];
      window.cytolens.view({ x: centre.x - w / 2, y: centre.y - h / 2, w, h });
      await new Promise((resolve) => setTimeout(resolve, 300));
      return { ...window.cytolens.view(), left: stage.x, top: stage.y, width: stage.width };
    },
    { centre: CENTRE, by: scale },
  );
  const px = view.w / view.width;
  return (x: number, y: number) => ({
    x: view.x + (x - view.left) * px,
    y: view.y + (y - view.top) * px,
    px,
  });
}

async function patch(page: Page, clip = PATCH): Promise<Float32Array> {
  const png = await page.screenshot({ clip });
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return luminance(data, info.channels);
}

function luminance(data: ArrayLike<number>, channels: number): Float32Array {
  return Float32Array.from(
    { length: data.length / channels },
    (_, i) => (data[i * channels] + data[i * channels + 1] + data[i * channels + 2]) / 3,
  );
}

/** Shift of `seen` against `expected` in px, by least squares on the brightness gradient. */
function shiftOf(seen: Float32Array, expected: Float32Array, width: number, height: number) {
  let [xx, xy, yy, xt, yt] = [0, 0, 0, 0, 0];
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const i = y * width + x;
      const gx = (expected[i + 1] - expected[i - 1]) / 2;
      const gy = (expected[i + width] - expected[i - width]) / 2;
      const t = expected[i] - seen[i];
      xx += gx * gx;
      xy += gx * gy;
      yy += gy * gy;
      xt += gx * t;
      yt += gy * t;
    }
  }
  const det = xx * yy - xy * xy;
  return { x: (yy * xt - xy * yt) / det, y: (xx * yt - xy * xt) / det };
}

async function hide(page: Page, selector: string): Promise<void> {
  await page.addStyleTag({ content: `${selector} { visibility: hidden !important; }` });
}

test('tissue is drawn where level-0 coordinates say, within half a screen pixel', async ({
  page,
}) => {
  await start(page, '?provider=wasm', false);
  await hide(page, '.float, .overlay');
  const slide = createSyntheticSlide(SLIDE);
  for (const scale of SCALES) {
    const place = await show(page, scale);
    await page.waitForTimeout(3500);
    const corner = place(PATCH.x, PATCH.y);
    const rect: Rect = {
      x: corner.x,
      y: corner.y,
      w: PATCH.width * corner.px,
      h: PATCH.height * corner.px,
    };
    const image = await readRegion(slide, rect, PATCH.width, PATCH.height);
    const expected = luminance(image.data, 4);
    const seen = await patch(page);
    const { x, y } = shiftOf(seen, expected, PATCH.width, PATCH.height);
    console.log(`tissue at ${scale} screen px a pixel: shift ${x.toFixed(3)}, ${y.toFixed(3)}`);
    expect(Math.hypot(x, y)).toBeLessThan(0.5);
    // The method sees a shift where there is one: the same picture moved by a pixel.
    const moved = seen.map((_, i) => seen[Math.max(0, i - 1)]);
    expect(shiftOf(moved, expected, PATCH.width, PATCH.height).x - x).toBeGreaterThan(0.3);
  }
});

test('cells are drawn where their outlines say, within half a screen pixel', async ({ page }) => {
  await start(page);
  const run = await analyse(page, { x: 24_192, y: 27_776, w: 896, h: 896 });
  await page.getByRole('button', { name: 'Type', exact: true }).click();
  await page.getByLabel('Opacity').fill('1');
  // The drawn tissue is unknown, and hatched.
  await hide(page, '.stage, .float, .unfamiliar');
  for (const scale of SCALES.slice(0, 4)) {
    const place = await show(page, scale);
    await page.waitForTimeout(300);
    const seen = await patch(page);
    const glass = commonest(seen);
    const shifts: { x: number; y: number }[] = [];
    const corner = place(PATCH.x, PATCH.y);
    const { x: xs, y: ys, radii, radiusUnit } = run.table;
    const toPatch = (x: number, y: number) => ({
      x: (x - corner.x) / corner.px,
      y: (y - corner.y) / corner.px,
    });
    for (let i = 0; i < xs.length; i++) {
      const reach = (Math.max(...radii.slice(i * 32, i * 32 + 32)) * radiusUnit) / corner.px + 3;
      const c = toPatch(xs[i], ys[i]);
      const inside =
        c.x > reach && c.y > reach && c.x < PATCH.width - reach && c.y < PATCH.height - reach;
      const alone = xs.every((x, j) => {
        if (j === i) return true;
        const far = (Math.max(...radii.slice(j * 32, j * 32 + 32)) * radiusUnit) / corner.px;
        return Math.hypot(x - xs[i], ys[j] - ys[i]) / corner.px > reach + far + 2;
      });
      if (!inside || !alone) continue;
      const drawn = centroid(seen, glass, c.x, c.y, reach);
      const wanted = polygonCentroid(xs[i], ys[i], radii.slice(i * 32, i * 32 + 32), radiusUnit);
      const at = toPatch(wanted.x, wanted.y);
      if (drawn) shifts.push({ x: drawn.x - at.x, y: drawn.y - at.y });
    }
    expect(shifts.length).toBeGreaterThanOrEqual(2);
    const mean = (key: 'x' | 'y') => shifts.reduce((s, p) => s + p[key], 0) / shifts.length;
    const worst = Math.max(...shifts.map((s) => Math.hypot(s.x, s.y)));
    console.log(
      `cells at ${scale} screen px a pixel: ${shifts.length} cells, mean shift ${mean('x').toFixed(3)}, ${mean('y').toFixed(3)}, worst ${worst.toFixed(3)}`,
    );
    expect(Math.hypot(mean('x'), mean('y'))).toBeLessThan(0.25);
    expect(worst).toBeLessThan(0.5);
  }
});

const POSES = [
  { turn: 37, flipped: false },
  { turn: 37, flipped: true },
  { turn: 270, flipped: true },
];

/** Level-0 px -> px of the patch. */
async function showPosed(page: Page, pose: (typeof POSES)[number], scale: number, clip = PATCH) {
  return page.evaluate(
    async ({ centre, pose, scale, patch }) => {
      const stage = document.querySelector('.stage')?.getBoundingClientRect() ?? new DOMRect();
      window.cytolens.pose(pose);
      const side = 800 / scale;
      window.cytolens.view({ x: centre.x - side / 2, y: centre.y - side / 2, w: side, h: side });
      await new Promise((resolve) => setTimeout(resolve, 300));
      const screen = window.cytolens.screen();
      return { ...screen, e: screen.e + stage.x - patch.x, f: screen.f + stage.y - patch.y };
    },
    { centre: CENTRE, pose, scale, patch: clip },
  );
}

/** Smaller than the upright one: what it should look like is drawn and sampled here, many times. */
const POSED = { x: 400, y: 300, width: 280, height: 240 };

/** The brightness that the patch should have: the slide read finely, sampled where the map says. */
async function expectedThrough(slide: Slide, toPatch: ScreenTransform): Promise<Float32Array> {
  const box = boxInView({ ...toPatch, width: POSED.width, height: POSED.height });
  const fine = 2 * scaleOf(toPatch);
  const [w, h] = [Math.ceil(box.w * fine), Math.ceil(box.h * fine)];
  const image = await readRegion(slide, box, w, h);
  const read = luminance(image.data, 4);
  const expected = new Float32Array(POSED.width * POSED.height);
  for (let i = 0; i < expected.length; i++) {
    const [x, y] = [i % POSED.width, Math.floor(i / POSED.width)];
    for (const [dx, dy] of [
      [0.25, 0.25],
      [0.75, 0.25],
      [0.25, 0.75],
      [0.75, 0.75],
    ]) {
      const p = unapply(toPatch, x + dx, y + dy);
      const u = Math.min(w - 1, Math.floor(((p.x - box.x) / box.w) * w));
      const v = Math.min(h - 1, Math.floor(((p.y - box.y) / box.h) * h));
      expected[i] += read[v * w + u] / 4;
    }
  }
  return expected;
}

test('turned and mirrored, the tissue is still within half a screen pixel', async ({ page }) => {
  await start(page, '?provider=wasm', false);
  await hide(page, '.float, .overlay');
  const slide = createSyntheticSlide(SLIDE);
  for (const pose of POSES) {
    const toPatch = await showPosed(page, pose, 1, POSED);
    const expected = await expectedThrough(slide, toPatch);
    // Until the tiles are there; of another pose it would be another picture.
    await expect
      .poll(async () => difference(await patch(page, POSED), expected), { timeout: 60_000 })
      .toBeLessThan(5);
    const seen = await patch(page, POSED);
    const { x, y } = shiftOf(seen, expected, POSED.width, POSED.height);
    console.log(`tissue at ${JSON.stringify(pose)}: shift ${x.toFixed(3)}, ${y.toFixed(3)}`);
    expect(Math.hypot(x, y)).toBeLessThan(0.5);
    // The same picture the other way round is another one.
    expect(difference(seen.slice().reverse(), expected)).toBeGreaterThan(10);
  }
});

test('turned and mirrored, cells are drawn and picked where their outlines say', async ({
  page,
}) => {
  await start(page);
  const { table } = await analyse(page, { x: 24_192, y: 27_776, w: 896, h: 896 });
  await page.getByRole('button', { name: 'Type', exact: true }).click();
  await page.getByLabel('Opacity').fill('1');
  // Unseen, but there: the slide still takes the clicks.
  await page.addStyleTag({
    content:
      '.stage, .float, .unfamiliar { opacity: 0 !important; } .float { pointer-events: none; }',
  });
  const { x: xs, y: ys, radiusUnit } = table;
  const radiiOf = (i: number) => table.radii.slice(i * 32, i * 32 + 32);
  for (const pose of POSES) {
    const toPatch = await showPosed(page, pose, 1);
    await page.waitForTimeout(300);
    const seen = await patch(page);
    const glass = commonest(seen);
    const shifts: { x: number; y: number; cell: number }[] = [];
    for (let i = 0; i < xs.length; i++) {
      const scale = Math.hypot(toPatch.a, toPatch.b);
      const reach = Math.max(...radiiOf(i)) * radiusUnit * scale + 3;
      const c = apply(toPatch, xs[i], ys[i]);
      const inside =
        c.x > reach && c.y > reach && c.x < PATCH.width - reach && c.y < PATCH.height - reach;
      const alone = xs.every((x, j) => {
        const far = Math.max(...radiiOf(j)) * radiusUnit * scale;
        return j === i || Math.hypot(x - xs[i], ys[j] - ys[i]) * scale > reach + far + 2;
      });
      if (!inside || !alone) continue;
      const drawn = centroid(seen, glass, c.x, c.y, reach);
      const wanted = polygonCentroid(xs[i], ys[i], radiiOf(i), radiusUnit);
      const at = apply(toPatch, wanted.x, wanted.y);
      if (drawn) shifts.push({ x: drawn.x - at.x, y: drawn.y - at.y, cell: i });
    }
    expect(shifts.length).toBeGreaterThanOrEqual(2);
    const worst = Math.max(...shifts.map((s) => Math.hypot(s.x, s.y)));
    console.log(`cells at ${JSON.stringify(pose)}: ${shifts.length}, worst ${worst.toFixed(3)}`);
    expect(worst).toBeLessThan(0.5);

    const [{ cell }] = shifts;
    const place = apply(toPatch, xs[cell], ys[cell]);
    await page.mouse.click(PATCH.x + place.x, PATCH.y + place.y);
    const card = page.getByRole('region', { name: 'Selected cell' });
    await expect(card).toContainText(formatArea(table.area[cell]));
    await page.keyboard.press('Escape');
  }
});

function difference(one: Float32Array, other: Float32Array): number {
  return one.reduce((sum, v, i) => sum + Math.abs(v - other[i]), 0) / one.length;
}

/** The brightness of the bare background: what most pixels have. */
function commonest(seen: Float32Array): number {
  const counts = new Map<number, number>();
  for (const v of seen) counts.set(v, (counts.get(v) ?? 0) + 1);
  return [...counts].reduce((best, entry) => (entry[1] > best[1] ? entry : best))[0];
}

/** Centre of what is drawn around a place, weighted by its difference from the bare background. */
function centroid(seen: Float32Array, glass: number, cx: number, cy: number, reach: number) {
  let [sum, sx, sy] = [0, 0, 0];
  for (let y = Math.floor(cy - reach); y <= cy + reach; y++) {
    for (let x = Math.floor(cx - reach); x <= cx + reach; x++) {
      if (Math.hypot(x + 0.5 - cx, y + 0.5 - cy) > reach) continue;
      // Drawn or not: the rim is darker than the fill, and must not pull.
      const weight = Math.min(1, Math.abs(seen[y * PATCH.width + x] - glass) / 12);
      sum += weight;
      sx += weight * (x + 0.5);
      sy += weight * (y + 0.5);
    }
  }
  return sum > 4 ? { x: sx / sum, y: sy / sum } : null;
}

function polygonCentroid(x: number, y: number, radii: number[], unit: number) {
  let [area, cx, cy] = [0, 0, 0];
  const point = (k: number) => {
    const angle = (2 * Math.PI * (k % 32)) / 32;
    return [radii[k % 32] * unit * Math.cos(angle), radii[k % 32] * unit * Math.sin(angle)];
  };
  for (let k = 0; k < 32; k++) {
    const [x0, y0] = point(k);
    const [x1, y1] = point(k + 1);
    const cross = x0 * y1 - x1 * y0;
    area += cross;
    cx += (x0 + x1) * cross;
    cy += (y0 + y1) * cross;
  }
  return { x: x + cx / (3 * area), y: y + cy / (3 * area) };
}
