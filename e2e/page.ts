/** Steps that several journeys share. */
import type { Page } from '@playwright/test';
import type {} from '../src/app/handle.ts';
import type { Rect } from '../src/core/geometry.ts';

/** Open the page and wait for a slide; with `models`, for the models too. */
export async function start(page: Page, query = '?provider=wasm', models = true): Promise<void> {
  await page.goto(query);
  await page.waitForFunction(
    (wanted) => {
      const handle = window.cytolens;
      if (!handle?.slide() || handle.view().w === 0) return false;
      const { ready, error } = handle.status();
      return !wanted || ready || error !== null;
    },
    models,
    { timeout: 120_000 },
  );
}

/** Analyse a rectangle; cells come back as plain lists. */
export async function analyse(page: Page, region: Rect) {
  return page.evaluate(async (rect) => {
    const run = await window.cytolens.analyse({ region: rect });
    const { x, y, type, attention, contribution, radii, radiusUnit, area } =
      window.cytolens.cells();
    return {
      ...run,
      table: {
        x: [...x],
        y: [...y],
        type: [...type],
        attention: [...attention],
        contribution: [...contribution],
        radii: [...radii],
        area: [...area],
        radiusUnit,
      },
    };
  }, region);
}

/** Where there is no answer, ask for the number all the same. */
export async function showNumber(page: Page): Promise<void> {
  const anyway = page.getByRole('button', { name: 'Show the number anyway' });
  await anyway.or(page.getByTestId('score')).first().waitFor();
  if (await anyway.isVisible()) await anyway.click();
}

/** The text of an export. */
export async function exported(page: Page, format: 'geojson' | 'csv'): Promise<string> {
  return page.evaluate(async (wanted) => (await window.cytolens.exportAs(wanted)).text(), format);
}

/** Console errors and requests to other origins, collected from now on. */
export function watch(page: Page): { errors: string[]; foreign: string[] } {
  const errors: string[] = [];
  const foreign: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('request', (request) => {
    const url = new URL(request.url());
    const own = ['blob:', 'data:'].includes(url.protocol) || url.hostname === '127.0.0.1';
    if (!own) foreign.push(request.url());
  });
  return { errors, foreign };
}
