import { defineConfig } from '@playwright/test';
import { findChromium } from './e2e/chromium.ts';
import { dataFile } from './src/slide/testing/data.ts';

const PORT = 4599;
const slides = dataFile('slides');

/** See docs/testing.md: why each flag is there. */
const FLAGS = [
  '--headless=new',
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--enable-unsafe-webgpu',
];

export default defineConfig({
  testDir: 'e2e',
  // One browser at a time: inference uses every core, and frame gaps are measured.
  workers: 1,
  fullyParallel: false,
  timeout: 240_000,
  expect: { timeout: 20_000 },
  reporter: [['list']],
  use: {
    baseURL: `http://127.0.0.1:${PORT}/`,
    viewport: { width: 1440, height: 900 },
    launchOptions: {
      executablePath: findChromium() ?? undefined,
      args: FLAGS,
      ignoreDefaultArgs: ['--disable-background-timer-throttling'],
    },
  },
  webServer: {
    command: `npx tsx server/start.ts --no-open --port ${PORT}${slides ? ` --slides ${slides}` : ''}`,
    url: `http://127.0.0.1:${PORT}/`,
    reuseExistingServer: false,
    timeout: 180_000,
  },
});
