/** Browser tests: looks for Chromium and Orthanc, then runs Playwright with our arguments. */
import { spawnSync } from 'node:child_process';
import { ensureChromium } from './chromium.ts';
import { ensureOrthanc } from './orthanc.ts';

const chromium = ensureChromium();
ensureOrthanc();
const { status } = spawnSync('npx', ['playwright', 'test', ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...process.env, CYTOLENS_CHROMIUM: chromium },
});
process.exit(status ?? 1);
