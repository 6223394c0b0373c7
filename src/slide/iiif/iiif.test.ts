import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { isRgba } from '../decode.ts';
import { openSlide } from '../formats.ts';
import { readRegion } from '../region.ts';
import type { Slide } from '../slide.ts';
import { sharpDecoder } from '../testing/data.ts';
import { grey, type PackedFile, readFolder, serveFiles, serveWith } from '../testing/pyramid.ts';
import { levelsOf, parseInfo, tileAddresses } from './info.ts';

const SIZE = { width: 699, height: 501 };
const cleanup: (() => unknown)[] = [];
const folders: string[] = [];
afterEach(() => {
  for (const end of cleanup.splice(0)) end();
});
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

/** The test picture as a level-0 tree, written by libvips. */
async function tree(layout: 'iiif' | 'iiif3'): Promise<PackedFile[]> {
  const { width, height } = SIZE;
  const raw = Buffer.alloc(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    raw.fill(grey(i % width, Math.floor(i / width)), i * 3, i * 3 + 3);
  }
  const folder = await mkdtemp(path.join(tmpdir(), 'cytolens-iiif-'));
  folders.push(folder);
  await sharp(raw, { raw: { width, height, channels: 3 } })
    .png()
    .tile({ size: 128, layout, id: 'https://example.com/iiif' })
    .toFile(path.join(folder, 'block'));
  return readFolder(folder);
}

const info = (more: object) =>
  new TextEncoder().encode(
    JSON.stringify({
      '@context': 'http://iiif.io/api/image/3/context.json',
      id: 'https://example.com/a',
      type: 'ImageService3',
      profile: 'level0',
      ...SIZE,
      tiles: [{ width: 128, scaleFactors: [1, 2, 4] }],
      ...more,
    }),
  );

const localFiles = (files: PackedFile[]) =>
  files.map(({ name, bytes }) => ({
    path: name,
    file: new File([new Uint8Array(bytes)], path.basename(name)),
  }));

async function expectPixels(slide: Slide): Promise<void> {
  const image = await readRegion(slide, { x: 100, y: 90, w: 300, h: 200 }, 300, 200);
  for (let i = 0; i < 300 * 200; i++) {
    if (image.data[i * 4] !== grey(100 + (i % 300), 90 + Math.floor(i / 300))) {
      throw new Error(`pixel ${i} differs`);
    }
  }
}

describe.each(['iiif', 'iiif3'] as const)('a level-0 tree of libvips, %s', (layout) => {
  it('opens by address, each pixel in its place', async () => {
    const server = await serveFiles(await tree(layout));
    cleanup.push(server.close);
    for (const address of ['/block/info.json', '/block']) {
      const slide = await openSlide(
        { kind: 'url', url: `${server.url}${address}` },
        { decode: sharpDecoder },
      );
      expect(slide.info).toMatchObject({ ...SIZE, name: 'block', mpp: null });
      expect(slide.info.levels.map((level) => level.downsample)).toEqual([1, 2, 4, 8]);
      await expectPixels(slide);
    }
  });

  it('opens as a folder, with the same identity', async () => {
    const files = await tree(layout);
    const server = await serveFiles(files);
    cleanup.push(server.close);
    const options = { decode: sharpDecoder };
    const slide = await openSlide({ kind: 'files', name: 'x', files: localFiles(files) }, options);
    await expectPixels(slide);
    for (let level = 0; level < 4; level++) {
      const { width, height } = slide.info.levels[level];
      const [col, row] = [Math.ceil(width / 128) - 1, Math.ceil(height / 128) - 1];
      const tile = await slide.tile(level, col, row);
      expect([tile.width, tile.height]).toEqual([width - col * 128, height - row * 128]);
    }
    const url = `${server.url}/block/info.json`;
    const remote = await openSlide({ kind: 'url', url }, options);
    expect(remote.info.id).toBe(slide.info.id);
    expect(slide.info.id).toMatch(/^iiif-[0-9a-f]{32}$/);
  });

  it('says so when the tiles are not there', async () => {
    const files = (await tree(layout)).filter(({ name }) => name.endsWith('info.json'));
    const source = { kind: 'files', name: 'x', files: localFiles([...files, ...files]) } as const;
    source.files[1].path = 'block/readme.txt';
    await expect(openSlide(source, { decode: sharpDecoder })).rejects.toMatchObject({
      tag: 'not-found',
      message: expect.stringMatching(/found but not its tiles/),
    });
  });
});

describe('a server that cuts on demand', () => {
  /** Answers any region at any size, rounding sizes down as some do. */
  async function service(more: object) {
    const asked: string[] = [];
    const server = await serveWith(async (request, response) => {
      const url = request.url ?? '';
      if (url.endsWith('/info.json')) return void response.end(Buffer.from(info(more)));
      const match = /\/(\d+),(\d+),(\d+),(\d+)\/(\d+),(\d*)\/0\/default\.jpg$/.exec(url);
      if (!match) return void response.writeHead(400).end();
      asked.push(url);
      const [, , w, h, width] = match.slice(1).map(Number);
      const height = match[6] ? Number(match[6]) : Math.max(1, Math.floor((h * width) / w));
      const background = { r: 10, g: 20, b: 30 };
      const picture = sharp({ create: { width, height, channels: 3, background } });
      response.end(await picture.png().toBuffer());
    });
    cleanup.push(server.close);
    const url = `${server.url}/a/info.json`;
    return { slide: await openSlide({ kind: 'url', url }, { decode: sharpDecoder }), asked };
  }

  it('is asked for levels down to one tile, though it lists none', async () => {
    const { slide, asked } = await service({ profile: 'level2', tiles: undefined, maxWidth: 200 });
    expect(slide.info.levels.map(({ downsample }) => downsample)).toEqual([1, 2, 4]);
    expect(slide.info.levels[0].tileWidth).toBe(200);
    expect(asked).toEqual(['/a/0,0,699,501/175,126/0/default.jpg']);
  });

  it('may round a side by one pixel', async () => {
    const { slide } = await service({
      '@context': 'http://iiif.io/api/image/2/context.json',
      type: undefined,
      profile: ['http://iiif.io/api/image/2/level1.json'],
    });
    const tile = await slide.tile(2, 1, 0);
    expect([tile.width, tile.height]).toEqual([47, 126]);
    if (!isRgba(tile)) throw new Error('bytes expected');
    expect([...tile.data.slice(-4)]).toEqual([10, 20, 30, 255]);
  });
});

describe('info.json', () => {
  it('gives a scale only where a physical-dimensions service says one', () => {
    expect(parseInfo(info({})).mpp).toBeNull();
    const service = {
      profile: 'http://iiif.io/api/annex/services/physdim',
      physicalScale: 0.000025,
      physicalUnits: 'cm',
    };
    expect(parseInfo(info({ service })).mpp).toBeCloseTo(0.25);
    expect(parseInfo(info({ service: [{}, service] })).mpp).toBeCloseTo(0.25);
    expect(parseInfo(info({ service: { ...service, physicalScale: 300 } })).mpp).toBeNull();
  });

  it('names a single-tile level in both ways that static trees have', () => {
    const image = parseInfo(info({ tiles: [{ width: 512, scaleFactors: [1, 2] }] }));
    expect(levelsOf(image)).toHaveLength(2);
    expect(tileAddresses(image, 'jpg', 1, 0, 0).paths).toEqual([
      'full/350,251/0/default.jpg',
      '0,0,699,501/350,251/0/default.jpg',
    ]);
  });

  it.each<[string, Uint8Array, string, RegExp]>([
    ['a web page', new TextEncoder().encode('<!doctype html><p>x'), 'format', /a web page/],
    ['a cut text', info({}).slice(0, 90), 'format', /damaged/],
    ['nesting without end', new TextEncoder().encode('['.repeat(900_000)), 'format', /damaged/],
    ['a huge side', info({ width: 1e9 }), 'format', /"width"/],
    ['a negative side', info({ height: -5 }), 'format', /"height"/],
    ['a side in words', info({ width: '699' }), 'format', /"width"/],
    ['a tile of 10^9 px', info({ tiles: [{ width: 1e9, scaleFactors: [1] }] }), 'format', /tiles/],
    ['no factor', info({ tiles: [{ width: 128, scaleFactors: [] }] }), 'format', /tiles/],
    ['no full size', info({ tiles: [{ width: 128, scaleFactors: [4] }] }), 'unsupported', /whole/],
    ['no tiles', info({ tiles: undefined }), 'unsupported', /not in tiles/],
    ['API 1', info({ '@context': 'x/1.1/context.json', type: 'x' }), 'unsupported', /version/],
    ['JPEG 2000', info({ extraFormats: ['jp2'] }), 'unsupported', /cannot decode/],
    ['tiny parts', info({ profile: 'level2', tiles: undefined, maxArea: 9 }), 'format', /mistake/],
  ])('is refused with a sentence: %s', (_, bytes, tag, sentence) => {
    expect(() => parseInfo(bytes)).toThrow(
      expect.objectContaining({ tag, message: expect.stringMatching(sentence) }),
    );
  });
});
