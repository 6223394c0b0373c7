/** Real SVS slides of the shared data, read in place and compared with libtiff's and OpenSlide's pixels. */
import { execFileSync } from 'node:child_process';
import { openAsBlob } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { blobSource } from '../bytes.ts';
import { directCodec } from '../codecs/codecs.ts';
import { readRegion } from '../region.ts';
import type { RgbaImage } from '../slide.ts';
import { dataFile, sharpDecoder } from '../testing/data.ts';
import { openTiff } from './tiff.ts';

const codec = directCodec(sharpDecoder);
const open = async (file: string) =>
  openTiff(blobSource(await openAsBlob(file)), { name: 'x', facts: {}, codec });

function largestDifference(rgba: Uint8ClampedArray, rgb: Uint8Array): number {
  let largest = 0;
  for (let i = 0; i < rgb.length; i++) {
    const d = Math.abs(rgba[Math.floor(i / 3) * 4 + (i % 3)] - rgb[i]);
    largest = Math.max(largest, d);
  }
  return largest;
}

const jpeg = dataFile('slides/cmu-1-small-region.svs');

describe.skipIf(!jpeg)('an SVS of JPEG tiles', () => {
  const file = jpeg ?? '';

  it('says what its scanner wrote', async () => {
    const { info } = await open(file);
    expect(info).toMatchObject({ width: 2220, height: 2967, mpp: 0.499, objective: 20 });
    expect(info.levels).toHaveLength(1);
    expect(info.associated?.toSorted()).toEqual(['label', 'macro', 'thumbnail']);
  });

  it('has the pixels that libtiff reads', async () => {
    const slide = await open(file);
    for (const [left, top] of [
      [0, 0],
      [700, 1100],
      [1920, 2667],
    ]) {
      const part = { left, top, width: 300, height: 300 };
      const rgb = await sharp(file).extract(part).removeAlpha().raw().toBuffer();
      const { data } = await readRegion(slide, { x: left, y: top, w: 300, h: 300 }, 300, 300);
      // Two JPEG decoders may round differently; another colour space would be far more.
      expect(largestDifference(data, rgb)).toBeLessThanOrEqual(2);
    }
  });

  it('has the label (LZW) and macro (JPEG strips) that libtiff reads', async () => {
    const slide = await open(file);
    for (const [kind, page] of [
      ['label', 2],
      ['macro', 3],
    ] as const) {
      const rgb = await sharp(file, { page }).removeAlpha().raw().toBuffer();
      const image = (await slide.associatedImage?.(kind)) as RgbaImage;
      expect(rgb.length).toBe(image.width * image.height * 3);
      expect(largestDifference(image.data, rgb)).toBeLessThanOrEqual(2);
    }
  });
});

const jpeg2000 = dataFile('slides/tcga-jpeg2000.svs');

function hasOpenSlide(): boolean {
  try {
    execFileSync('python3', ['-c', 'import openslide, tifffile'], { stdio: 'ignore' });
    return true;
  } catch {
    console.warn('skipped: comparison with OpenSlide, which python3 does not have here');
    return false;
  }
}

describe.skipIf(!jpeg2000)('an SVS of JPEG 2000 tiles', () => {
  const file = jpeg2000 ?? '';

  it('has no scale when it says none, and levels of a whole factor', async () => {
    const slide = await open(file);
    expect(slide.info).toMatchObject({ width: 4443, height: 3567, mpp: null, objective: null });
    expect(slide.info.levels.map(({ downsample }) => downsample)).toEqual([1, 2]);
    expect((await slide.iccProfile?.())?.length).toBe(3144);
  });

  it.skipIf(!hasOpenSlide())('has the pixels that OpenSlide reads', async () => {
    const slide = await open(file);
    const [x, y, w, h] = [1200, 900, 300, 300];
    const script = path.join(import.meta.dirname, '../../../bench/formats/openslide_regions.py');
    const input = `${JSON.stringify({ level: 0, x, y, w, h })}\n`;
    const rgb = execFileSync('python3', [script, file], { input, maxBuffer: 1e7 });
    const { data } = await readRegion(slide, { x, y, w, h }, w, h);
    expect(largestDifference(data, rgb)).toBeLessThanOrEqual(1);
  });
});

const unreadable = dataFile('slides/broken/unreadable.svs');

it.skipIf(!unreadable)('an SVS whose tiles are damaged is refused when it is opened', async () => {
  await expect(open(unreadable ?? '')).rejects.toMatchObject({ tag: 'format' });
});
