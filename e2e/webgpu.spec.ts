/**
 * Every shipped file on both providers with parity passed, and the same field on WebGPU (a software
 * adapter here) and on WASM: the same answer.
 */
import { expect, type Page, test } from '@playwright/test';
import { analyse, start } from './page.ts';

const REGION = { x: 20_200, y: 20_200, w: 200, h: 200 };

test('WebGPU passes parity and agrees with WASM on a field', async ({ page }) => {
  test.setTimeout(600_000);
  await page.goto('?provider=wasm');
  const adapter = await page.evaluate(async () => {
    const gpu = (navigator as Navigator & { gpu?: { requestAdapter(): Promise<unknown> } }).gpu;
    return gpu ? (await gpu.requestAdapter()) !== null : false;
  });
  test.skip(!adapter, 'this browser has no WebGPU adapter');
  await start(page, '?provider=wasm');
  const wasm = await analyse(page, REGION);
  await everyHead(page, 'wasm');

  await page.goto('?provider=webgpu');
  await page.waitForFunction(
    () => window.cytolens?.status().ready || window.cytolens?.status().error,
    null,
    { timeout: 400_000 },
  );
  const status = await page.evaluate(() => window.cytolens.status());
  expect(status.error).toBeNull();
  for (const model of status.models) {
    expect(model.provider).toBe('webgpu');
    expect(model.parity.passed).toBe(true);
  }
  const gpu = await analyse(page, REGION);
  // int8 on one side, weight-only int8 on the other: close, not equal.
  expect(Math.abs(gpu.cells - wasm.cells)).toBeLessThanOrEqual(Math.max(3, wasm.cells * 0.1));
  expect(Math.abs(gpu.score.probability - wasm.score.probability)).toBeLessThan(0.1);
  expect(Math.abs(gpu.score.residual)).toBeLessThan(1e-4);
  await everyHead(page, 'webgpu');
});

/** Start every shipped head on a provider: none is refused, each reproduces its reference. */
async function everyHead(page: Page, provider: string): Promise<void> {
  const started = await page.evaluate(async () => {
    const heads = window.cytolens.models().filter((m) => m.role === 'head');
    const list = [];
    for (const { id } of heads) {
      await window.cytolens.chooseHead(id);
      list.push({ id, models: window.cytolens.status().models });
    }
    return list;
  });
  expect(started.length).toBeGreaterThan(1);
  for (const { id, models } of started) {
    expect(models.map((m) => m.id)).toContain(id);
    for (const model of models) {
      expect(model.provider, model.id).toBe(provider);
      expect(model.refused, model.id).toEqual([]);
      expect(model.parity.passed, model.id).toBe(true);
    }
  }
}
