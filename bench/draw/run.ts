/**
 * Drawing cells, as ratios in one run: our overlay, deck.gl and open-plant, the same cells at the
 * same views, each in a browser of its own. Prints a table; the last one is kept in
 * docs/benchmarks.md. `npm run bench:draw -- 10000,100000 deck` runs some of it; SHOTS=folder keeps
 * a picture of each.
 */
import { cpus } from 'node:os';
import { type Browser, chromium } from '@playwright/test';
import { createServer } from 'vite';
import { ensureChromium } from '../../e2e/chromium.ts';
import type { ContenderName } from './contenders.ts';
import type {} from './page.ts';

const COUNTS = [10_000, 100_000, 1_000_000];
const OURS: ContenderName = 'cytolens cells';
const NAMES: readonly ContenderName[] = [
  OURS,
  'cytolens as shipped',
  'deck.gl polygons',
  'deck.gl discs',
  'open-plant points',
  'nothing drawn',
];
const PORT = 4597;
/** A contender that has not finished by then is said not to have. */
const LIMIT_MS = 120_000;

interface Panned {
  /** Wall time of a frame, ms, sorted. */
  frames: number[];
  /** Processor time of the whole browser a frame, ms: other programs do not change it. */
  cpu: number;
}

interface Timing {
  first: number;
  all: Panned;
  close: Panned;
  picks: number[] | null;
  /** Bytes on the card; held by the page beyond the cells themselves, as objects and as arrays. */
  card: number;
  heap: number;
  arrays: number;
}

interface Row {
  name: ContenderName;
  count: number;
  timing: Timing | null;
  failure: string;
}

async function measure(name: ContenderName, count: number): Promise<Row> {
  const browser = await chromium.launch({
    executablePath: ensureChromium(),
    args: ['--headless=new', '--no-sandbox', '--disable-background-networking'],
  });
  try {
    const late = new Promise<never>((_, reject) => {
      setTimeout(() => reject(new Error(`not done within ${LIMIT_MS / 1000} s`)), LIMIT_MS);
    });
    return {
      name,
      count,
      timing: await Promise.race([time(browser, name, count), late]),
      failure: '',
    };
  } catch (error) {
    const failure = error instanceof Error ? error.message.split('\n')[0] : String(error);
    return { name, count, timing: null, failure };
  } finally {
    await browser.close();
  }
}

async function time(browser: Browser, name: ContenderName, count: number): Promise<Timing> {
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
  page.on('console', (message) => {
    if (message.type() === 'error') console.error(name, message.text());
  });
  await page.addInitScript('globalThis.__name = (f) => f');
  await page.goto(`http://127.0.0.1:${PORT}/bench/draw/index.html`);
  await page.waitForFunction(() => window.bench !== undefined);
  const session = await page.context().newCDPSession(page);
  const held = async () => {
    await session.send('HeapProfiler.collectGarbage');
    return session.send('Runtime.getHeapUsage');
  };
  const machine = await browser.newBrowserCDPSession();
  const cpu = async () => {
    const { processInfo } = await machine.send('SystemInfo.getProcessInfo');
    return processInfo.reduce((sum, { cpuTime }) => sum + cpuTime * 1000, 0);
  };
  const pan = async (view: 'all' | 'close'): Promise<Panned> => {
    const before = await cpu();
    const frames = await page.evaluate((which) => window.bench.pan(which), view);
    return { frames, cpu: ((await cpu()) - before) / frames.length };
  };
  await page.evaluate((n) => window.bench.prepare(n), count);
  const before = await held();
  const first = await page.evaluate((n) => window.bench.start(n), name);
  const all = await pan('all');
  if (process.env.SHOTS) {
    const file = `${name.replaceAll(' ', '-')}-${count}.png`;
    await page.screenshot({ path: `${process.env.SHOTS}/${file}` });
  }
  const close = await pan('close');
  const picks = await page.evaluate(() => window.bench.pick());
  const after = await held();
  return {
    first,
    all,
    close,
    picks,
    card: await page.evaluate(() => window.bench.gpuBytes()),
    heap: after.usedSize - before.usedSize,
    arrays: after.backingStorageSize - before.backingStorageSize,
  };
}

const at = (sorted: readonly number[], share: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
const ms = (value: number) => (value < 10 ? value.toFixed(2) : value.toFixed(0));
const megabytes = (bytes: number) => (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0);

function printHead(): void {
  console.log(
    `\n${new Date().toISOString().slice(0, 10)}, ${cpus().length} x ${cpus()[0].model}\n`,
  );
  const viewed = (name: string) => `${name}: median, ms | 95 %, ms | processor, ms | to ours`;
  console.log(
    `| cells | drawn by | ${viewed('all in view')} | ${viewed('10x')} | first frame, ms | pick: median, ms | 95 %, ms | card, MB | heap, MB | arrays, MB |`,
  );
  console.log(`|${' --- |'.repeat(16)}`);
}

function printRow({ name, count, timing, failure }: Row, ours: Timing | null): void {
  const label = `| ${count.toLocaleString('en')} | ${name} |`;
  if (!timing) {
    console.log(`${label} ${failure} |${' |'.repeat(13)}`);
    return;
  }
  const view = (key: 'all' | 'close') => {
    const { frames, cpu } = timing[key];
    const ratio = ours ? (cpu / ours[key].cpu).toFixed(2) : '-';
    return `${ms(at(frames, 0.5))} | ${ms(at(frames, 0.95))} | ${ms(cpu)} | ${ratio}`;
  };
  const { picks, card, heap, arrays } = timing;
  const picking = picks ? `${ms(at(picks, 0.5))} | ${ms(at(picks, 0.95))}` : '- | -';
  const memory = [card, heap, arrays].map(megabytes).join(' | ');
  console.log(
    `${label} ${view('all')} | ${view('close')} | ${ms(timing.first)} | ${picking} | ${memory} |`,
  );
}

const server = await createServer({
  server: { port: PORT, host: '127.0.0.1', hmr: false, watch: null },
  logLevel: 'warn',
});
await server.listen();
try {
  const chosen = NAMES.filter((name) => name.includes(process.argv[3] ?? ''));
  const counts = process.argv[2] ? process.argv[2].split(',').map(Number) : COUNTS;
  printHead();
  for (const count of counts) {
    let ours: Timing | null = null;
    for (const name of chosen) {
      const row = await measure(name, count);
      if (name === OURS) ours = row.timing;
      printRow(row, ours);
    }
  }
} finally {
  await server.close();
}
