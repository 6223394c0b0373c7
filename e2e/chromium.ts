/** Finds Chromium; installs Debian's package where there is none and this machine allows it. */
import { existsSync } from 'node:fs';
import { canInstall, installPackages } from './debian.ts';

const PLACES = [
  process.env.CYTOLENS_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

export function findChromium(): string | null {
  return PLACES.find((path) => path && existsSync(path)) ?? null;
}

/** Path of a Chromium, installed if need be. Throws with what to do when that is not possible. */
export function ensureChromium(): string {
  const found = findChromium();
  if (found) return found;
  if (canInstall()) {
    console.log('No Chromium found: installing the Debian package.');
    installPackages(['chromium']);
    const installed = findChromium();
    if (installed) return installed;
  }
  throw new Error(
    'The browser tests need Chromium. Install it (Debian: apt-get install chromium) or name it in CYTOLENS_CHROMIUM.',
  );
}
