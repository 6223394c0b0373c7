/**
 * The slides that the table of formats is measured on: real ones of the shared data, and ones made
 * on the spot by libvips (`vips`, Debian's libvips-tools) from a region of one of them.
 */
import { execFileSync } from 'node:child_process';
import { openAsBlob } from 'node:fs';
import { mkdir, open, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { openSlide } from '../../src/slide/formats.ts';
import { readRegion } from '../../src/slide/region.ts';
import { dataFile, sharpDecoder } from '../../src/slide/testing/data.ts';
import { writeZarr } from '../../src/slide/testing/zarr.ts';
import { writeTiff } from '../../src/slide/tiff/testing/write.ts';

/** Straight RGB of a picture, row by row. */
export interface Reference {
  width: number;
  height: number;
  rgb: Uint8Array;
  /** What the pixels are compared with, as the table says it. */
  name: string;
}

export interface Fixture {
  format: string;
  name: string;
  /** Folder that is served, and the path of the slide within it. */
  folder: string;
  path: string;
  /** Files of the slide when it is opened from disk; `path` alone when left out. */
  wholeFolder?: boolean;
  reference: (() => Promise<Reference>) | null;
}

/** Region of the source slide that the fixtures are made from, level-0 px. */
const REGION = { x: 7000, y: 6000, w: 4000, h: 3001 };
const SOURCE = 'slides/lung-squamous-gt450.szi';

/** Make every fixture below `folder`; those whose tools or data are not here are told and left out. */
export async function makeFixtures(folder: string): Promise<Fixture[]> {
  const fixtures = [...shared(folder), await sparseBigTiff(folder)];
  const source = await sourcePicture(folder);
  if (!source) return fixtures;
  const { png, reference } = source;
  try {
    vips('--version');
  } catch {
    console.warn('no `vips` here (Debian: libvips-tools): its fixtures are left out');
    return fixtures;
  }
  const add = (format: string, name: string, file: string, more: Partial<Fixture> = {}) =>
    fixtures.push({
      format,
      name,
      folder,
      path: file,
      reference: async () => reference,
      ...more,
    });
  const at = (name: string) => path.join(folder, name);
  const fromFile = (file: string) => ({ reference: () => decodedByLibvips(at(file), folder) });

  vips('dzsave', png, at('made.szi'), '--container', 'szi', '--suffix', '.png');
  add('SZI', 'PNG tiles', 'made.szi');
  await mkdir(at('dz'), { recursive: true });
  vips('dzsave', png, at('dz/made'), '--suffix', '.png');
  add('Deep Zoom', 'PNG tiles', 'dz/made.dzi', { wholeFolder: true });
  for (const layout of ['iiif', 'iiif3']) {
    vips('dzsave', png, at(layout), '--layout', layout, '--tile-size', '512', '--suffix', '.png');
    const version = layout === 'iiif' ? 2 : 3;
    add(`IIIF ${version}`, 'level 0 of libvips, PNG', `${layout}/info.json`, { wholeFolder: true });
  }
  const zarrs = [
    ['0.4', { version: 2, axes: 'tczyx', chunk: 512, together: 1, packed: 'blosc' }],
    ['0.5', { version: 3, axes: 'cyx', chunk: 256, together: 3, packed: 'zstd', shard: 1024 }],
  ] as const;
  for (const [version, options] of zarrs) {
    const name = `made-${version}.ome.zarr`;
    const levels = halvings(reference, 4);
    for (const file of await writeZarr(levels, { ...options, unit: 'micrometer' })) {
      await mkdir(at(`${name}/${path.dirname(file.name)}`), { recursive: true });
      await writeFile(at(`${name}/${file.name}`), file.bytes);
    }
    const how = version === '0.4' ? 'planes of 512 px, blosc' : 'shards of 1024 px, zstd';
    add(`OME-Zarr ${version}`, how, name, { wholeFolder: true });
  }
  const pyramid = ['--tile', '--pyramid', '--tile-width', '256', '--tile-height', '256'];
  for (const [name, ...args] of [
    ['deflate', '--compression', 'deflate', '--predictor', 'horizontal'],
    ['lzw', '--compression', 'lzw'],
    ['none, BigTIFF', '--compression', 'none', '--bigtiff'],
    ['zstd', '--compression', 'zstd'],
    ['sub-IFDs, deflate', '--compression', 'deflate', '--subifd'],
  ]) {
    const file = `${name.replace(/\W+/g, '-')}.tif`;
    vips('tiffsave', png, at(file), ...pyramid, ...args);
    add('TIFF', name, file);
  }
  vips('tiffsave', png, at('jpeg.tif'), ...pyramid, '--compression', 'jpeg', '--Q', '85');
  add('TIFF', 'JPEG', 'jpeg.tif', fromFile('jpeg.tif'));
  add('PNG', 'the region', path.basename(png));
  vips('webpsave', png, at('made.webp'), '--lossless');
  add('WebP', 'lossless', 'made.webp');
  vips('jpegsave', png, at('made.jpg'), '--Q', '90');
  add('JPEG', 'the region', 'made.jpg', fromFile('made.jpg'));
  return fixtures;
}

/** Real slides, read in place. References by libvips, which reads SVS through OpenSlide. */
function shared(below: string): Fixture[] {
  const rows: [string, string, string, boolean][] = [
    ['SZI', '25 MB, lung, GT450', SOURCE, false],
    ['SVS', 'CMU-1 small region, JPEG', 'slides/cmu-1-small-region.svs', true],
    ['SVS', 'TCGA, JPEG 2000', 'slides/tcga-jpeg2000.svs', true],
    ['DICOM', '3,236 x 2,638 px, JPEG', 'slides/dicom/sm-jpeg-3236x2638.dcm', false],
    ['DICOM', 'TILED_FULL, 1,152 x 700 px', 'slides/dicom/sm-tiled-full-1152x700.dcm', false],
    ['JPEG', 'her2st B4 (its test compares it)', 'spatial/her2st/images/B4.jpg', false],
  ];
  return rows.flatMap(([format, name, relative, compared]) => {
    const file = dataFile(relative);
    if (!file) return [];
    const folder = path.dirname(file);
    const fixture = { format, name, folder, path: path.basename(file) };
    return [{ ...fixture, reference: compared ? () => decodedByLibvips(file, below) : null }];
  });
}

/** A BigTIFF of 120,000 x 90,000 px whose tiles lie beyond 4 GB, mostly a hole on the disk. */
async function sparseBigTiff(folder: string): Promise<Fixture> {
  const tile = 512;
  const create = { width: tile, height: tile, channels: 3, background: '#b48ac0' } as const;
  const bytes = new Uint8Array(await sharp({ create }).jpeg().toBuffer());
  const pictures = Array.from({ length: 9 }, (_, k) => ({
    width: Math.floor(120_000 / 2 ** k),
    height: Math.floor(90_000 / 2 ** k),
    tile,
    tiles: () => bytes,
    // NewSubfileType: a smaller copy of the first picture.
    ...(k > 0 ? { tags: { 254: [1] } } : {}),
  }));
  const { size, parts } = writeTiff(pictures, { big: true, dataAt: 5 * 2 ** 30 });
  const file = await open(path.join(folder, 'sparse.tif'), 'w');
  await file.truncate(size);
  for (const part of parts) await file.write(part.bytes, 0, part.bytes.length, part.at);
  await file.close();
  const name = `BigTIFF of ${(size / 1e9).toFixed(1)} GB (sparse), JPEG`;
  return { format: 'TIFF', name, folder, path: 'sparse.tif', reference: null };
}

async function sourcePicture(folder: string) {
  const file = dataFile(SOURCE);
  if (!file) return null;
  const slide = await openSlide(
    { kind: 'file', file: new File([await openAsBlob(file)], 'source.szi') },
    { decode: sharpDecoder },
  );
  const { w, h } = REGION;
  const { data } = await readRegion(slide, REGION, w, h);
  const png = path.join(folder, 'made.png');
  const raw = { width: w, height: h, channels: 4 } as const;
  await sharp(Buffer.from(data.buffer), { raw }).removeAlpha().png().toFile(png);
  return { png, reference: await rgbOf(png, 'the SZI it was made from') };
}

async function rgbOf(file: string, name: string): Promise<Reference> {
  const { data, info } = await sharp(file, { limitInputPixels: false })
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, rgb: new Uint8Array(data), name };
}

/** The machine's own libvips. sharp leaves VIPSHOME, with which that one misses its OpenSlide. */
function vips(...args: string[]): void {
  const { VIPSHOME: _, ...env } = process.env;
  execFileSync('vips', args, { stdio: 'pipe', env });
}

/** What libvips reads of a file; SVS through OpenSlide. */
async function decodedByLibvips(file: string, below: string): Promise<Reference> {
  const out = path.join(below, `${path.basename(file)}.reference.png`);
  vips('copy', file, out);
  return rgbOf(out, 'libvips');
}

/** Levels by means of 2 x 2 px, as tile writers make them. */
function halvings({ width, height, rgb }: Reference, count: number) {
  const levels = [{ width, height, rgb }];
  for (let k = 1; k < count; k++) {
    const from = levels[k - 1];
    const [w, h] = [Math.floor(from.width / 2), Math.floor(from.height / 2)];
    const half = new Uint8Array(w * h * 3);
    for (let y = 0; y < h; y++) {
      for (let x = 0; x < w * 3; x++) {
        const at = 2 * y * from.width * 3 + Math.floor(x / 3) * 6 + (x % 3);
        const below = at + from.width * 3;
        const sum = from.rgb[at] + from.rgb[at + 3] + from.rgb[below] + from.rgb[below + 3];
        half[y * w * 3 + x] = (sum + 2) >> 2;
      }
    }
    levels.push({ width: w, height: h, rgb: half });
  }
  return levels.map((level) => ({
    width: level.width,
    height: level.height,
    value: (x: number, y: number, c: number) => level.rgb[(y * level.width + x) * 3 + c],
  }));
}
