/** Choosing heads, and models of the user's own: from disk, by address, good and bad. */
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { serveFiles } from './fixtures.ts';
import { analyse, exported, showNumber, start } from './page.ts';

const REGION = { x: 20_160, y: 20_160, w: 896, h: 448 };

interface Index {
  encoder: string;
  heads: string[];
}
const index = async (): Promise<Index> => JSON.parse(await readFile('models/index.json', 'utf8'));

let folder = '';
test.beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'cytolens-models-'));
});
test.afterAll(() => rm(folder, { recursive: true }));

/** A copy of a shipped model under another id and for other tokens, as a lab would bring its own. */
async function ownCopy(id: string, own: string, tokens: string): Promise<string> {
  const target = path.join(folder, own);
  await cp(path.join('models', id), target, { recursive: true });
  const file = path.join(target, 'manifest.json');
  const manifest = JSON.parse(await readFile(file, 'utf8'));
  manifest.id = own;
  manifest.name = `Our ${manifest.role}`;
  if (manifest.role === 'encoder') manifest.encoder.tokens = tokens;
  else Object.assign(manifest.head, { tokens, targetId: own, label: 'Our own target' });
  await writeFile(file, JSON.stringify(manifest));
  return target;
}

async function openModels(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Models, hashes and cards' }).click();
}

/** Choose a folder in the dialog as a person would. */
async function addFolder(page: Page, target: string): Promise<void> {
  await page.getByLabel('Model folder', { exact: true }).setInputFiles(target);
}

test('another head colours the same cells at once, from the tokens kept', async ({ page }) => {
  const { heads } = await index();
  await start(page);
  const first = await analyse(page, REGION);
  const other = await page.evaluate(() => {
    const all = window.cytolens.models().filter((m) => m.role === 'head');
    const used = all[0].head?.targetId;
    return all.find((m) => m.head?.targetId !== used)?.id ?? '';
  });
  expect(heads).toContain(other);
  // By hand, in the panel.
  await page.getByLabel('Asked').selectOption(other);
  await page.waitForFunction(() => window.cytolens.status().ready);
  const seen = await page.evaluate(async () => {
    const { count, x, contribution } = window.cytolens.cells();
    const { models, run } = window.cytolens.status();
    const file = await window.cytolens.exportAs('geojson');
    const summary = JSON.parse(await file.text()).cytolens;
    return { count, x: [...x], contribution: [...contribution], models, run, summary };
  });
  expect(seen.models.map((m) => m.id)).toContain(other);
  expect(seen.x).toEqual(first.table.x);
  expect(seen.run.done).toBe(first.fields);
  expect(seen.contribution).not.toEqual(first.table.contribution);
  const { parts, logit } = seen.summary.prediction;
  const sum = parts.classToken + parts.cells + parts.betweenCells + parts.bias;
  expect(Math.abs(sum - logit)).toBeLessThan(1e-4);
  expect(new URL(page.url()).searchParams.get('head')).toBe(other);
  // And a full run with that head says the same as the tokens kept did.
  const again = await analyse(page, REGION);
  expect(again.score.logit).toBeCloseTo(logit, 5);
  expect(again.table.contribution.length).toBe(seen.contribution.length);
  const apart = again.table.contribution.map((c, i) => Math.abs(c - seen.contribution[i]));
  expect(Math.max(...apart)).toBeLessThan(1e-6);
});

test('baseline and robust head answer on one embedding; either can colour the cells', async ({
  page,
}) => {
  await start(page);
  const run = await analyse(page, REGION);
  expect(run.score.partner).not.toBeNull();
  expect(run.score.unfamiliar).toBeGreaterThanOrEqual(0);
  expect(run.score.unfamiliar).toBeLessThanOrEqual(1);
  await showNumber(page);
  const group = page.getByRole('group', { name: /Heads on this embedding/ });
  const robust = group.getByRole('button', { name: /Robust/ });
  await expect(robust).toHaveAttribute('aria-pressed', 'false');
  await expect(robust).toContainText(run.score.partner?.probability.toFixed(2) ?? '');
  await robust.click();
  await expect(robust).toHaveAttribute('aria-pressed', 'true');
  await expect(page.getByTestId('score')).toContainText(
    run.score.partner?.probability.toFixed(2) ?? '',
  );
  await expect(group.getByRole('button', { name: /Baseline/ })).toContainText(
    run.score.probability.toFixed(2),
  );
});

test('an own encoder and head, opened from disk, give a heatmap; both can be removed', async ({
  page,
}) => {
  const { encoder, heads } = await index();
  const own = await ownCopy(encoder, 'our-encoder', 'ours@1');
  const ownHead = await ownCopy(heads[0], 'our-head', 'ours@1');
  await start(page);
  const builtIn = await analyse(page, REGION);
  await openModels(page);
  const dialog = page.getByRole('dialog');
  // Its encoder is not here yet: refused, and nothing changes.
  await addFolder(page, ownHead);
  await expect(dialog.getByRole('alert')).toContainText('trained on the tokens of another encoder');
  await addFolder(page, own);
  await expect(dialog.getByRole('status')).toContainText('Our encoder is checked and listed');
  await addFolder(page, ownHead);
  await expect(dialog.getByRole('status')).toContainText('Our head is checked');
  const mine = dialog.getByRole('region', { name: 'Your own models' });
  await expect(mine.getByRole('listitem')).toHaveCount(2);
  await mine.getByRole('button', { name: 'Use' }).click();
  // Another encoder's tokens cannot be reused: the region is analysed again.
  await page.waitForFunction(
    () => {
      const { ready, run, models } = window.cytolens.status();
      return ready && run.phase === 'done' && models.some((m) => m.id === 'our-encoder');
    },
    null,
    { timeout: 120_000 },
  );
  const score = JSON.parse(await exported(page, 'geojson')).cytolens.prediction;
  expect(score.logit).toBeCloseTo(builtIn.score.logit, 5);
  expect(score.label).toBe('Our own target');
  await expect(mine).toContainText('in use');
  await page.evaluate((id) => window.cytolens.chooseHead(id), heads[0]);
  await mine.getByRole('button', { name: 'Remove Our head' }).click();
  await mine.getByRole('button', { name: 'Remove Our encoder' }).click();
  await expect(mine).toHaveCount(0);
});

test('a model by address: with CORS it is taken, without it or changed it is refused', async ({
  page,
}) => {
  const { encoder } = await index();
  const target = await ownCopy(encoder, 'far-encoder', 'far@1');
  const files: Record<string, Uint8Array> = {};
  for (const name of await readdir(target)) {
    files[`/far/${name}`] = await readFile(path.join(target, name));
  }
  await start(page);
  const before = await page.evaluate(() => window.cytolens.models().length);
  const add = (url: string) =>
    page.evaluate(
      (address) =>
        window.cytolens.addModel(address).then(
          (model) => model.id,
          (error) => error.message as string,
        ),
      url,
    );
  const closed = await serveFiles(files, { cors: false, ranges: true });
  expect(await add(`${closed.url}/far/`)).toContain('could not be loaded');
  await closed.close();

  const open = await serveFiles(files, { cors: true, ranges: true });
  expect(await add(`${open.url}/nowhere/`)).toContain('the folder which holds manifest.json');
  const weights = Object.keys(files).find((name) => name.endsWith('.onnx')) ?? '';
  const good = files[weights];
  files[weights] = good.slice(0, good.length - 10);
  expect(await add(`${open.url}/far/`)).toContain('not the one its description promises');
  files[weights] = good;
  expect(await page.evaluate(() => window.cytolens.models().length)).toBe(before);
  expect(await add(`${open.url}/far/manifest.json`)).toBe('far-encoder');
  await open.close();

  await mkdir(path.join(folder, 'empty'), { recursive: true });
  await writeFile(path.join(folder, 'empty', 'notes.txt'), 'nothing here');
  await openModels(page);
  await addFolder(page, path.join(folder, 'empty'));
  await expect(page.getByRole('dialog').getByRole('alert')).toContainText('no manifest.json');
});
