/** Builds the page when what is in dist/ is missing or older than its sources. */
import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';

const SOURCES = ['src', 'public', 'models', 'index.html', 'vite.config.ts', 'package.json'];

/** Throws what vite throws when the page cannot be built. */
export async function buildIfStale(root: string): Promise<void> {
  if (await isFresh(root)) return;
  console.log('Building the page (half a minute) ...');
  const { build } = await import('vite');
  await build({ root, logLevel: 'error' });
}

/** Whether dist/index.html is at least as new as every source. */
export async function isFresh(root: string): Promise<boolean> {
  const built = path.join(root, 'dist', 'index.html');
  if (!existsSync(built)) return false;
  const { mtimeMs } = await stat(built);
  for (const source of SOURCES) {
    const file = path.join(root, source);
    if (existsSync(file) && (await newest(file)) > mtimeMs) return false;
  }
  return true;
}

/** Latest change of a file, or of anything within a folder; a removal changes its folder. */
async function newest(file: string): Promise<number> {
  const info = await stat(file);
  if (!info.isDirectory()) return info.mtimeMs;
  const times = (await readdir(file)).map((name) => newest(path.join(file, name)));
  return Math.max(info.mtimeMs, ...(await Promise.all(times)));
}
