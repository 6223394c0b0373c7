/**
 * Pixels of slides as Cytolens reads them beside those of OpenSlide (openslide_regions.py), on random
 * regions of every level:  npx tsx bench/formats/compare.ts SLIDE...
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { promises as fs, openAsBlob } from 'node:fs';
import path from 'node:path';
import { mulberry32 } from '../../src/core/random.ts';
import type { ByteSource } from '../../src/slide/bytes.ts';
import { directCodec } from '../../src/slide/codecs/codecs.ts';
import { isRgba } from '../../src/slide/decode.ts';
import { formatOf, openSlide } from '../../src/slide/formats.ts';
import { readRegion } from '../../src/slide/region.ts';
import type { Slide } from '../../src/slide/slide.ts';
import { sharpDecoder } from '../../src/slide/testing/data.ts';

const REGIONS = 12;
const SIDE = 200;

/** Answers of openslide_regions.py, in the order of the questions. */
class Reference {
  private readonly process: ChildProcessWithoutNullStreams;
  private held = Buffer.alloc(0);
  private wake = () => {};

  constructor(file: string) {
    this.process = spawn('python3', [path.join(import.meta.dirname, 'openslide_regions.py'), file]);
    this.process.stderr.pipe(process.stderr);
    this.process.stdout.on('data', (chunk: Buffer) => {
      this.held = Buffer.concat([this.held, chunk]);
      this.wake();
    });
    this.process.on('exit', () => this.wake());
  }

  async json(question: object): Promise<Facts> {
    this.ask(question);
    while (!this.held.includes(10)) await this.more();
    const end = this.held.indexOf(10);
    return JSON.parse(this.take(end + 1).toString());
  }

  /** Without a question: what follows the JSON line of the one before. */
  async bytes(question: object | null, length: number): Promise<Buffer> {
    if (question) this.ask(question);
    while (this.held.length < length) await this.more();
    return this.take(length);
  }

  close(): void {
    this.process.stdin.end();
  }

  private ask(question: object): void {
    this.process.stdin.write(`${JSON.stringify(question)}\n`);
  }

  private take(length: number): Buffer {
    const taken = this.held.subarray(0, length);
    this.held = this.held.subarray(length);
    return taken;
  }

  private async more(): Promise<void> {
    if (this.process.exitCode !== null) throw new Error('openslide_regions.py ended');
    await new Promise<void>((resolve) => {
      this.wake = resolve;
    });
  }
}

interface Facts {
  levels: [number, number][];
  vendor: string;
  /** These by OpenSlide alone. */
  downsamples?: number[];
  mpp?: string | null;
  objective?: string | null;
  associated?: string[];
}

/** Of RGBA and RGB: the largest absolute difference and the sum of all. */
function difference(rgba: Uint8ClampedArray, rgb: Uint8Array): { largest: number; sum: number } {
  let largest = 0;
  let sum = 0;
  for (let i = 0; i < rgb.length; i++) {
    const d = Math.abs(rgba[Math.floor(i / 3) * 4 + (i % 3)] - rgb[i]);
    largest = Math.max(largest, d);
    sum += d;
  }
  return { largest, sum };
}

/** Largest and mean absolute difference of RGB over random regions of a level. */
async function differenceOf(slide: Slide, index: number, reference: Reference) {
  const level = slide.info.levels[index];
  // One level alone: readRegion would otherwise choose by itself.
  const alone: Slide = {
    ...slide,
    info: { ...slide.info, levels: [{ ...level, downsample: 1 }] },
    tile: (_, col, row) => slide.tile(index, col, row),
  };
  const next = mulberry32(1 + index);
  const [w, h] = [Math.min(SIDE, level.width), Math.min(SIDE, level.height)];
  let largest = 0;
  let sum = 0;
  for (let k = 0; k < REGIONS; k++) {
    const x = Math.floor(next() * (level.width - w));
    const y = Math.floor(next() * (level.height - h));
    const { data } = await readRegion(alone, { x, y, w, h }, w, h);
    const rgb = await reference.bytes({ level: index, x, y, w, h }, w * h * 3);
    const part = difference(data, rgb);
    largest = Math.max(largest, part.largest);
    sum += part.sum;
  }
  return { largest, mean: sum / (REGIONS * w * h * 3) };
}

/** Largest difference of each picture beside the tissue. */
async function differencesBeside(slide: Slide, { associated = [] }: Facts, reference: Reference) {
  const all: string[] = [];
  for (const kind of slide.info.associated ?? []) {
    const mine = await slide.associatedImage?.(kind);
    if (!mine || !isRgba(mine) || !associated.includes(kind)) continue;
    const length = mine.width * mine.height * 3;
    await reference.json({ associated: kind });
    const rgb = await reference.bytes(null, length);
    const { largest } = difference(mine.data, rgb);
    all.push(`${kind} ${mine.width}x${mine.height}: max ${largest}`);
  }
  return all.join(', ');
}

/** Bytes and readings from opening to a first screen of 1440 x 900 px that holds the slide. */
async function firstScreen(file: string): Promise<string> {
  const handle = await fs.open(file);
  const { size } = await handle.stat();
  let [bytes, readings] = [0, 0];
  const source: ByteSource = {
    size,
    async read(offset, length) {
      bytes += length;
      readings++;
      const out = new Uint8Array(length);
      await handle.read(out, 0, length, offset);
      return out;
    },
  };
  const begun = performance.now();
  const format = formatOf(file);
  if (!format?.openBytes) return 'not read by byte ranges';
  const codec = directCodec(sharpDecoder);
  const context = { name: 'x', facts: {}, decode: sharpDecoder, codec };
  const slide = await format.openBytes(source, context);
  const { width, height } = slide.info;
  const scale = Math.max(width / 1440, height / 900);
  await readRegion(
    slide,
    { x: 0, y: 0, w: width, h: height },
    Math.round(width / scale),
    Math.round(height / scale),
  );
  const ms = Math.round(performance.now() - begun);
  slide.close();
  await handle.close();
  return `${bytes} bytes in ${readings} readings, ${ms} ms`;
}

async function compare(file: string): Promise<void> {
  const source = {
    kind: 'file',
    file: new File([await openAsBlob(file)], path.basename(file)),
  } as const;
  const slide = await openSlide(source, { decode: sharpDecoder });
  const reference = new Reference(file);
  const facts = await reference.json({ facts: true });
  const { levels, mpp, objective, associated = [] } = slide.info;
  console.log(`\n${path.basename(file)} (${facts.vendor})`);
  console.log(`  mpp ${mpp} / ${facts.mpp}, objective ${objective} / ${facts.objective}`);
  console.log(`  beside it: ${[...associated].sort()} / ${facts.associated ?? ''}`);
  console.log(`  ${await differencesBeside(slide, facts, reference)}`);
  for (const [index, level] of levels.entries()) {
    const [width, height] = facts.levels[index] ?? [0, 0];
    const alike = width === level.width && height === level.height;
    const size = `${level.width}x${level.height}${alike ? '' : ` / ${width}x${height}`}`;
    const by = `${level.downsample.toFixed(4)} / ${facts.downsamples?.[index]?.toFixed(4)}`;
    const { largest, mean } = await differenceOf(slide, index, reference);
    console.log(`  level ${index}: ${size}, by ${by}: max ${largest}, mean ${mean.toFixed(3)}`);
  }
  console.log(`  first screen: ${await firstScreen(file)}`);
  reference.close();
  slide.close();
}

for (const file of process.argv.slice(2)) await compare(file);
