/**
 * The table of docs/formats.md: every format opened through `openSlide`, over HTTP with ranges and
 * from disk. Its pixels are compared with an independent reading; time and bytes are counted up to
 * the first screen. Not part of the tests: it takes minutes and wants libvips.
 */
import { mkdtemp, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { isCytolensError } from '../../src/core/errors.ts';
import { FORMATS, openSlide } from '../../src/slide/formats.ts';
import { readRegion } from '../../src/slide/region.ts';
import type { LocalFile, Slide, SlideSource } from '../../src/slide/slide.ts';
import { sharpDecoder } from '../../src/slide/testing/data.ts';
import { type Fixture, makeFixtures, type Reference } from './fixtures.ts';
import { type CountingServer, serveCounted } from './server.ts';

const DOC = 'docs/formats.md';
const SCREEN = { width: 1440, height: 900 };
const options = { decode: sharpDecoder };

interface Cost {
  tileMs: number;
  screenMs: number;
  bytes: number;
  requests: number | null;
}

const folder = await mkdtemp(path.join(tmpdir(), 'cytolens-formats-'));
try {
  const fixtures = await makeFixtures(folder);
  const mounts = new Map(fixtures.map((fixture, i) => [`${i}`, fixture.folder]));
  const server = await serveCounted(mounts);
  const rows: string[] = [];
  for (const [i, fixture] of fixtures.entries()) {
    rows.push(await rowOf(fixture, `${server.url}/${i}/${fixture.path}`, server));
    console.log(rows.at(-1));
  }
  server.close();
  await write(rows);
} finally {
  await rm(folder, { recursive: true });
}

async function rowOf(fixture: Fixture, url: string, server: CountingServer): Promise<string> {
  const cells = [fixture.format, fixture.name];
  try {
    const slide = await openSlide({ kind: 'url', url }, options);
    const { width, height, levels } = slide.info;
    const served = await costOf({ kind: 'url', url }, () => ({ ...server }));
    const disk = await fromDisk(fixture);
    cells.push(
      `${width} x ${height}`,
      `${levels.length}`,
      ...(await differences(slide, fixture)),
      ...costCells(served),
      ...costCells(disk).slice(0, 3),
    );
    slide.close();
  } catch (error) {
    const sentence = isCytolensError(error) ? `${error.message} (${error.detail})` : String(error);
    cells.push(`not read: ${sentence}`);
  }
  return `| ${cells.join(' | ')} |`;
}

/** Open, one tile in the middle of the finest level that is needed, then all of the first screen. */
async function costOf(
  source: SlideSource,
  count: () => { requests: number; bytes: number },
): Promise<Cost> {
  const before = count();
  const start = performance.now();
  const slide = await openSlide(source, options);
  const { width, height, levels } = slide.info;
  await slide.tile(levels.length - 1, 0, 0);
  const tileMs = performance.now() - start;
  const scale = Math.max(width / SCREEN.width, height / SCREEN.height);
  const [w, h] = [Math.round(width / scale), Math.round(height / scale)];
  await readRegion(slide, { x: 0, y: 0, w: width, h: height }, w, h);
  const screenMs = performance.now() - start;
  slide.close();
  const { requests, bytes } = count();
  return {
    tileMs,
    screenMs,
    bytes: bytes - before.bytes,
    requests: requests - before.requests,
  };
}

async function fromDisk({ folder, path: relative, wholeFolder }: Fixture): Promise<Cost> {
  const counted = { requests: 0, bytes: 0 };
  const opened = async (file: string): Promise<File> => {
    const { size } = await stat(file);
    const slice = (start = 0, end = size) => ({
      async arrayBuffer() {
        counted.requests++;
        counted.bytes += end - start;
        return readPart(file, start, end - start);
      },
    });
    // Node's own Blob of a file does not reach beyond 4 GB.
    const local = new File([], path.basename(file));
    return Object.defineProperties(local, { size: { value: size }, slice: { value: slice } });
  };
  const whole = path.join(folder, relative);
  const source: SlideSource = wholeFolder
    ? { kind: 'files', name: 'x', files: await below(folderOfSlide(whole), opened) }
    : { kind: 'file', file: await opened(whole) };
  return costOf(source, () => ({ ...counted }));
}

async function readPart(file: string, at: number, length: number): Promise<ArrayBuffer> {
  const handle = await open(file);
  const bytes = new Uint8Array(length);
  await handle.read(bytes, 0, length, at);
  await handle.close();
  return bytes.buffer;
}

/** A Zarr is a folder itself; the others have their description in it. */
function folderOfSlide(file: string): string {
  return file.endsWith('.zarr') ? file : path.dirname(file);
}

async function below(base: string, opened: (file: string) => Promise<File>): Promise<LocalFile[]> {
  const entries = await readdir(base, { recursive: true, withFileTypes: true });
  return Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => {
        const file = path.join(entry.parentPath, entry.name);
        const name = `${path.basename(base)}/${path.relative(base, file).split(path.sep).join('/')}`;
        return { path: name, file: await opened(file) };
      }),
  );
}

/** Largest difference of any channel at level 0, over what, and in the coarser levels. */
async function differences(slide: Slide, { reference }: Fixture): Promise<string[]> {
  if (!reference) return ['-', '-', '-'];
  const truth = await reference();
  const { levels, width, height } = slide.info;
  if (truth.width !== width || truth.height !== height) {
    return [`size ${truth.width} x ${truth.height}`, '-', truth.name];
  }
  const each: number[] = [];
  for (const index of levels.keys()) each.push(await differenceAt(slide, index, truth));
  const coarse = each.slice(1);
  return [each[0].toFixed(0), coarse.length > 0 ? Math.max(...coarse).toFixed(1) : '-', truth.name];
}

/** Level 0: the largest difference. Coarser: the mean one from means of blocks of level 0. */
async function differenceAt(slide: Slide, index: number, truth: Reference): Promise<number> {
  const level = slide.info.levels[index];
  const down = level.downsample;
  // Whole blocks only: writers differ in what they do with an odd last row.
  const w = Math.min(600, Math.floor(truth.width / down) - 1);
  const h = Math.min(500, Math.floor(truth.height / down) - 1);
  const x0 = Math.floor((truth.width / down - w) / 2);
  const y0 = Math.floor((truth.height / down - h) / 2);
  const rect = { x: x0 * down, y: y0 * down, w: w * down, h: h * down };
  const { data } = await readRegion(slide, rect, w, h);
  let most = 0;
  let sum = 0;
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      for (let c = 0; c < 3; c++) {
        const wanted = blockMean(truth, (x0 + x) * down, (y0 + y) * down, down, c);
        const off = Math.abs(data[(y * w + x) * 4 + c] - wanted);
        most = Math.max(most, off);
        sum += off;
      }
    }
  }
  return index === 0 ? most : sum / (w * h * 3);
}

function blockMean(truth: Reference, x: number, y: number, down: number, c: number): number {
  const [left, top] = [Math.round(x), Math.round(y)];
  const side = Math.max(1, Math.round(down));
  let sum = 0;
  for (let j = 0; j < side; j++) {
    for (let i = 0; i < side; i++) {
      const [u, v] = [Math.min(left + i, truth.width - 1), Math.min(top + j, truth.height - 1)];
      sum += truth.rgb[(v * truth.width + u) * 3 + c];
    }
  }
  return sum / side ** 2;
}

function costCells({ tileMs, screenMs, bytes, requests }: Cost): string[] {
  const size = bytes < 1e6 ? `${(bytes / 1e3).toFixed(0)} kB` : `${(bytes / 1e6).toFixed(2)} MB`;
  return [tileMs.toFixed(0), screenMs.toFixed(0), size, `${requests}`];
}

/** Put the tables between their marks; the words around them are written by hand. */
async function write(rows: string[]): Promise<void> {
  const read = FORMATS.map(({ label, extensions, openBytes, openUrl, folder: several }) => {
    const ways = [
      openBytes ? 'file' : '',
      several ? 'folder' : '',
      openUrl || openBytes ? 'address' : '',
    ];
    return `| ${label} | ${extensions.join(' ')} | ${ways.filter(Boolean).join(', ')} |`;
  });
  const machine = `${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores of ${cpus()[0].model.trim()}, Node ${process.versions.node}, tiles decoded by sharp.`;
  const measured = [
    machine,
    '',
    '| format | fixture | size, px | levels | largest difference, level 0 | mean difference, coarser levels | against | HTTP: first tile, ms | first screen, ms | bytes | requests | disk: first tile, ms | first screen, ms | bytes |',
    `|${' --- |'.repeat(14)}`,
    ...rows,
  ];
  const list = ['| format | ends in | opens as |', '| --- | --- | --- |', ...read];
  let text = await readFile(DOC, 'utf8');
  for (const [mark, lines] of [
    ['read', list],
    ['measured', measured],
  ] as const) {
    const block = new RegExp(`(<!-- ${mark} -->\n)[\\s\\S]*?(<!-- /${mark} -->)`);
    text = text.replace(block, (_, from, to) => `${from}${lines.join('\n')}\n${to}`);
  }
  await writeFile(DOC, text);
}
