/**
 * Speed as ratios in one run: the built page in Chromium (WASM) end to end, with one lane and with
 * two, against its own model calls alone, and against native onnxruntime over the same fields.
 * Prints a table; the last one is kept in docs/benchmarks.md. `npm run build` first.
 */
import { availableParallelism, cpus } from 'node:os';
import { chromium } from '@playwright/test';
import { ensureChromium } from '../e2e/chromium.ts';
import { laneOf } from '../src/analysis/lane.ts';
import { planRegion, runJob } from '../src/analysis/pipeline.ts';
import type { Rect } from '../src/core/geometry.ts';
import { openKit } from '../src/model/kit.ts';
import { ModelLibrary } from '../src/model/library.ts';
import { openSlide } from '../src/slide/formats.ts';
import type { SlideSource } from '../src/slide/slide.ts';
import { dataFile, sharpDecoder } from '../src/slide/testing/data.ts';
import { diskReader, nodeBackend } from './backend.node.ts';
import { startServer } from './server.ts';

interface Case {
  name: string;
  /** As the page opens it. */
  page: string;
  node: () => Promise<SlideSource>;
  mpp: number;
  region: Rect;
}

interface Timing {
  fields: number;
  cells: number;
  ms: number;
  modelMs: number;
}

interface PageTiming extends Timing {
  /** A part of the region, too small for a second lane: end to end, and inside the models. */
  alone: Timing;
  /** Gaps between animation frames while the view is moved and the analysis runs, ms. */
  gapMedian: number;
  gap95: number;
  gapMost: number;
}

const SIDE_UM = 560;
const THREADS = Math.min(4, availableParallelism());

function regionAt(x: number, y: number, mpp: number): Rect {
  return { x, y, w: SIDE_UM / mpp, h: SIDE_UM / mpp };
}

function cases(): Case[] {
  const list: Case[] = [
    {
      name: 'built-in slide',
      page: 'synthetic',
      node: async () => ({ kind: 'synthetic', seed: 7, width: 60_000, height: 45_000 }),
      mpp: 0.25,
      region: regionAt(23_500, 27_500, 0.25),
    },
  ];
  const lung = dataFile('slides/lung-squamous-gt450.szi');
  if (lung) {
    list.push({
      name: 'lung, GT450 (SZI)',
      page: 'slides/lung-squamous-gt450.szi',
      node: async () => {
        const { openAsBlob } = await import('node:fs');
        const blob = await openAsBlob(lung);
        return { kind: 'file', file: new File([blob], 'lung.szi'), facts: { mpp: 0.263018 } };
      },
      mpp: 0.263018,
      region: regionAt(9400, 6800, 0.263018),
    });
  }
  return list;
}

async function inBrowser(list: Case[]): Promise<PageTiming[]> {
  const server = await startServer();
  const browser = await chromium.launch({
    executablePath: ensureChromium(),
    args: ['--headless=new', '--no-sandbox', '--disable-background-networking'],
  });
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    // The TypeScript loader names functions through a helper that the page does not have.
    await page.addInitScript('globalThis.__name = (f) => f');
    await page.goto(`${server.url}?provider=wasm`);
    await page.waitForFunction(() => window.cytolens?.status().ready, null, { timeout: 120_000 });
    const timings: PageTiming[] = [];
    for (const { page: name, region } of list) {
      timings.push(
        await page.evaluate(
          async ([slide, rect]) => {
            await window.cytolens.open(slide);
            // The first run warms tiles and the runtime; the second is measured.
            await window.cytolens.analyse({ region: rect });
            const { fields, cells, ms, modelMs } = await window.cytolens.analyse({ region: rect });
            const part = { ...rect, w: rect.w * 0.6, h: rect.h * 0.6 };
            const alone = await window.cytolens.analyse({ region: part });
            // A third run, not timed, with a hand that never rests.
            const gaps: number[] = [];
            let last = performance.now();
            let on = true;
            const frame = (now: number) => {
              gaps.push(now - last);
              last = now;
              const shift = 400 * Math.sin(now / 900);
              window.cytolens.view({ ...rect, x: rect.x + shift });
              if (on) requestAnimationFrame(frame);
            };
            requestAnimationFrame(frame);
            await window.cytolens.analyse({ region: rect });
            on = false;
            gaps.sort((p, q) => p - q);
            const at = (share: number) => gaps[Math.floor(share * (gaps.length - 1))];
            return {
              fields,
              cells,
              ms,
              modelMs,
              alone: {
                fields: alone.fields,
                cells: alone.cells,
                ms: alone.ms,
                modelMs: alone.modelMs,
              },
              gapMedian: at(0.5),
              gap95: at(0.95),
              gapMost: at(1),
            };
          },
          [name, region] as const,
        ),
      );
    }
    return timings;
  } finally {
    await browser.close();
    server.stop();
  }
}

async function native(list: Case[]): Promise<Timing[]> {
  const library = await ModelLibrary.open(diskReader('models'));
  const kit = await openKit(library.kitFor(library.firstHead), nodeBackend(THREADS));
  const timings: Timing[] = [];
  for (const { node, mpp, region } of list) {
    const slide = await openSlide(await node(), { decode: sharpDecoder });
    let timing: Timing | undefined;
    for (let round = 0; round < 2; round++) {
      const start = performance.now();
      const job = await planRegion(slide, mpp, kit, region);
      const lanes = { first: laneOf(slide, mpp, kit) };
      const { fields } = await runJob(job, lanes, kit, 'mean', { onField: () => undefined });
      const { count } = job.ledger.cells;
      const ms = performance.now() - start;
      timing = { fields, cells: count, ms, modelMs: job.modelMs };
    }
    slide.close();
    if (timing) timings.push(timing);
  }
  return timings;
}

const list = cases();
const browser = await inBrowser(list);
const node = await native(list);
const rate = (t: Timing) => t.fields / (t.ms / 1000);

console.log(`\n${new Date().toISOString().slice(0, 10)}, ${cpus()[0].model}, ${THREADS} threads\n`);
console.log(
  '| slide | fields | cells | model calls alone, fields/s | page, one lane | two lanes | two lanes / model calls | native, fields/s | page / native | cells, page vs native |',
);
console.log(`|${' --- |'.repeat(10)}`);
list.forEach(({ name }, i) => {
  const [web, own] = [browser[i], node[i]];
  const raw = web.alone.fields / (web.alone.modelMs / 1000);
  const columns = [
    name,
    web.fields,
    web.cells,
    raw.toFixed(2),
    rate(web.alone).toFixed(2),
    rate(web).toFixed(2),
    (rate(web) / raw).toFixed(2),
    rate(own).toFixed(2),
    (rate(web) / rate(own)).toFixed(2),
    `${web.cells} / ${own.cells}`,
  ];
  console.log(`| ${columns.join(' | ')} |`);
});

console.log('\n| slide | frame gap while analysing and panning, median | 95 % | longest |');
console.log('| --- | --- | --- | --- |');
list.forEach(({ name }, i) => {
  const { gapMedian, gap95, gapMost } = browser[i];
  const ms = (value: number) => `${value.toFixed(0)} ms`;
  console.log(`| ${name} | ${ms(gapMedian)} | ${ms(gap95)} | ${ms(gapMost)} |`);
});
