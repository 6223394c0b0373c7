import { rm } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { blobSource } from './bytes.ts';
import { isRgba } from './decode.ts';
import { isDziFolder, openDziFolder, openDziUrl } from './dzi.ts';
import { readRegion } from './region.ts';
import type { CatalogFacts, Slide } from './slide.ts';
import { openSzi, TileIndex } from './szi.ts';
import { sharpDecoder } from './testing/data.ts';
import {
  grey,
  type PackedFile,
  pack,
  readFolder,
  serveFiles,
  writePyramid,
} from './testing/pyramid.ts';

let folder = '';
let files: PackedFile[] = [];
const servers: { close(): void }[] = [];

beforeAll(async () => {
  folder = await writePyramid(300, 200, 3);
  // libvips leaves its own properties; these say what a scanner would have said.
  files = (await readFolder(folder)).filter(({ name }) => !name.endsWith('.xml'));
});
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});
afterAll(() => rm(folder, { recursive: true }));

const PROPERTIES = {
  name: 'slide_files/vips-properties.xml',
  bytes: new TextEncoder().encode(
    '<property><name>openslide.mpp-x</name><value>0.2528</value></property>',
  ),
};

async function overHttp(list: PackedFile[], facts: CatalogFacts = {}, query = ''): Promise<Slide> {
  const server = await serveFiles(list);
  servers.push(server);
  return openDziUrl(`${server.url}/slide.dzi${query}`, 'slide', facts, sharpDecoder);
}

function fromZip(list: PackedFile[], facts: CatalogFacts = {}): Promise<Slide> {
  return openSzi(blobSource(new Blob([pack(list)])), 'slide', facts, sharpDecoder);
}

function fromFolder(list: PackedFile[], facts: CatalogFacts = {}): Promise<Slide> {
  const note = { name: 'slide_files/readme.txt', bytes: new Uint8Array(3) };
  const chosen = [note, ...list].map(({ name, bytes }) => ({
    path: `folder/${name}`,
    file: new File([new Uint8Array(bytes)], name.split('/').pop() ?? ''),
  }));
  return openDziFolder(chosen, facts, sharpDecoder);
}

describe.each([
  ['dzi by address', overHttp],
  ['dzi as a folder', fromFolder],
  ['szi', fromZip],
])('%s', (_, open) => {
  it('gives tiles without overlap, each pixel in its place', async () => {
    const slide = await open(files);
    expect(slide.info).toMatchObject({ width: 300, height: 200, mpp: null, name: 'slide' });
    expect(slide.info.levels).toHaveLength(4);
    for (const [col, row] of [
      [0, 0],
      [1, 1],
      [4, 3],
    ]) {
      const tile = await slide.tile(0, col, row);
      if (!isRgba(tile)) throw new Error('sharp gives bytes');
      expect([tile.width, tile.height]).toEqual([col === 4 ? 44 : 64, row === 3 ? 8 : 64]);
      for (const [x, y] of [
        [0, 0],
        [tile.width - 1, tile.height - 1],
      ]) {
        const value = tile.data[(y * tile.width + x) * 4];
        expect(value).toBe(grey(col * 64 + x, row * 64 + y));
      }
    }
  });

  it('reads regions across tiles exactly', async () => {
    const slide = await open(files);
    const image = await readRegion(slide, { x: 50, y: 40, w: 150, h: 100 }, 150, 100);
    for (let y = 0; y < 100; y++) {
      for (let x = 0; x < 150; x++) {
        if (image.data[(y * 150 + x) * 4] !== grey(50 + x, 40 + y)) {
          throw new Error(`pixel ${x},${y} differs`);
        }
      }
    }
  });

  it('takes the scale from the scanner, and what the catalog says above it', async () => {
    const list = [...files, PROPERTIES];
    expect((await open(list)).info.mpp).toBe(0.2528);
    const facts = { mpp: 0.3, name: 'Case 1', stain: 'H&E' };
    expect((await open(list, facts)).info).toMatchObject(facts);
  });

  it('says so when the tiles are not there', async () => {
    const list = files.filter(({ name }) => name.endsWith('.dzi'));
    await expect(open(list)).rejects.toMatchObject({
      tag: 'not-found',
      message: expect.stringMatching(/description of this slide was found but not its tiles/),
    });
  });

  it('says so when a tile is missing, damaged or of another size', async () => {
    const change = (bytes: Uint8Array | null) => [
      ...files.filter(({ name }) => name !== 'slide_files/9/1_1.png'),
      ...(bytes ? [{ name: 'slide_files/9/1_1.png', bytes }] : []),
    ];
    const read = async (bytes: Uint8Array | null) => (await open(change(bytes))).tile(0, 1, 1);
    await expect(read(null)).rejects.toMatchObject({ tag: 'not-found' });
    await expect(read(new Uint8Array(50))).rejects.toMatchObject({ tag: 'format' });
    const other = files.find(({ name }) => name === 'slide_files/9/0_0.png');
    await expect(read(other?.bytes ?? null)).rejects.toMatchObject({
      tag: 'format',
      message: expect.stringMatching(/another size/),
    });
  });

  it('refuses places outside and stops when cancelled', async () => {
    const slide = await open(files);
    await expect(slide.tile(0, 5, 0)).rejects.toMatchObject({ tag: 'not-found' });
    await expect(slide.tile(0, 0, 0, AbortSignal.abort())).rejects.toMatchObject({
      tag: 'cancelled',
    });
  });
});

describe('identity', () => {
  it('is the same as .dzi and as .szi, and another for other pixels', async () => {
    const [a, b] = await Promise.all([overHttp(files), fromZip(files, { name: 'other' })]);
    expect(a.info.id).toBe(b.info.id);
    expect(a.info.id).toMatch(/^dz-[0-9a-f]{32}$/);
    const overview = files.find(({ name }) => name === 'slide_files/6/0_0.png');
    const changed = files.map((file) =>
      file === overview ? { ...file, bytes: Uint8Array.of(...file.bytes, 0) } : file,
    );
    expect((await fromZip(changed)).info.id).not.toBe(a.info.id);
  });
});

describe('dzi as a folder', () => {
  it('is one description beside its tiles', () => {
    expect(isDziFolder(['f/a.dzi', 'f/a_files/0/0_0.jpeg', 'f/b.txt'])).toBe(true);
    expect(isDziFolder(['f/a.dzi', 'f/b_files/0/0_0.jpeg'])).toBe(false);
    expect(isDziFolder(['a.dzi', 'a_files/0/0_0.png', 'b.dzi', 'b_files/0/0_0.png'])).toBe(false);
  });

  it('has the same identity as by address', async () => {
    const [a, b] = await Promise.all([overHttp(files), fromFolder(files)]);
    expect(a.info.id).toBe(b.info.id);
  });
});

describe('dzi by address', () => {
  it('passes the query of a signed address on to the tiles', async () => {
    const slide = await overHttp(files, {}, '?token=abc');
    expect((await slide.tile(0, 0, 0)).width).toBe(64);
  });

  it.each([
    ['a picture', Uint8Array.of(0xff, 0xd8, 0xff, 0xe0), /ends in \.dzi but is a JPEG picture/],
    ['a page', new TextEncoder().encode('<!doctype html><p>Hello'), /not a Deep Zoom description/],
  ])('refuses %s under the name of a .dzi', async (_, bytes, sentence) => {
    await expect(overHttp([{ name: 'slide.dzi', bytes }])).rejects.toMatchObject({
      tag: 'format',
      message: expect.stringMatching(sentence),
    });
  });
});

describe('szi', () => {
  it('refuses an archive without, or with several, descriptions', async () => {
    const tiles = files.filter(({ name }) => !name.endsWith('.dzi'));
    await expect(fromZip(tiles)).rejects.toMatchObject({
      tag: 'format',
      message: expect.stringMatching(/no Deep Zoom description/),
    });
    const dzi = files.find(({ name }) => name.endsWith('.dzi')) ?? files[0];
    await expect(fromZip([...files, { ...dzi, name: 'b.dzi' }])).rejects.toMatchObject({
      tag: 'unsupported',
    });
  });

  it('holds the places of a million tiles', () => {
    const index = new TileIndex();
    for (let i = 0; i < 1_000_000; i++) {
      index.add(20, i % 1000, Math.floor(i / 1000), { offset: i * 5000, size: i, header: 60 });
    }
    expect(index.size).toBe(1_000_000);
    expect(index.find(20, 999, 999)).toEqual({ offset: 4_999_995_000, size: 999_999, header: 60 });
    expect(index.find(20, 1000, 0)).toBeNull();
    expect(index.find(19, 0, 0)).toBeNull();
  });
});
