import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isFresh } from './build.ts';
import { listen } from './listen.ts';

const here = path.dirname(fileURLToPath(import.meta.url));
const command = ['--import', 'tsx', path.join(here, 'start.ts')];

function run(...args: string[]): Promise<{ code: number; out: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [...command, ...args], (error, stdout, stderr) => {
      const code = error ? (typeof error.code === 'number' ? error.code : -1) : 0;
      resolve({ code, out: stdout + stderr });
    });
  });
}

describe('npm start', { timeout: 30_000 }, () => {
  it('explains itself', async () => {
    const { code, out } = await run('--help');
    expect(code).toBe(0);
    expect(out).toContain('--slides FOLDER');
  });

  it.each([
    [['--slides', 'no/such/folder'], /There is no folder .*no\/such\/folder/],
    [['--slides', path.join(here, 'start.ts')], /is a file\. Give --slides the folder/],
    [['--port', 'abc'], /--port is "abc", but must be a number from 1 to 65535/],
    [['--port', '70000'], /must be a number from 1 to 65535/],
    [['--frob'], /--frob/],
  ])('refuses %j with a sentence and exit code 1', async (args, sentence) => {
    const { code, out } = await run(...args);
    expect(code).toBe(1);
    expect(out).toMatch(sentence);
    expect(out).not.toMatch(/\n\s+at /);
  });
});

describe('listen', () => {
  it('takes the next free port, on this machine alone', async () => {
    const [first, second] = [createServer(), createServer()];
    const port = await listen(first, 20_000 + Math.floor(Math.random() * 20_000));
    const next = await listen(second, port);
    expect(next).toBeGreaterThan(port);
    expect((second.address() as AddressInfo).address).toBe('127.0.0.1');
    first.close();
    second.close();
  });
});

describe('isFresh', () => {
  let root = '';
  beforeAll(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'cytolens-build-'));
    await mkdir(path.join(root, 'src', 'deep'), { recursive: true });
    await writeFile(path.join(root, 'src', 'deep', 'a.ts'), '');
  });
  afterAll(() => rm(root, { recursive: true }));

  it('compares the built page with the newest source', async () => {
    expect(await isFresh(root)).toBe(false);
    const index = path.join(root, 'dist', 'index.html');
    await mkdir(path.dirname(index));
    await writeFile(index, '');
    const later = new Date(Date.now() + 60_000);
    await utimes(index, later, later);
    expect(await isFresh(root)).toBe(true);
    const latest = new Date(Date.now() + 120_000);
    await utimes(path.join(root, 'src', 'deep', 'a.ts'), latest, latest);
    expect(await isFresh(root)).toBe(false);
  });
});
