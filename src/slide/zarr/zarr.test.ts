import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { openSlide } from '../formats.ts';
import { readRegion } from '../region.ts';
import type { Slide } from '../slide.ts';
import { sharpDecoder } from '../testing/data.ts';
import { type PackedFile, serveFiles, serveWith } from '../testing/pyramid.ts';
import { PACKERS, writeZarr, type ZarrOptions } from '../testing/zarr.ts';
import { downsampleOf, parseGroup } from './metadata.ts';
import { groupOf, nameOf, rootGroup } from './paths.ts';

const [WIDTH, HEIGHT] = [700, 500];
const value = (x: number, y: number, c: number) => (x * (c + 1) + y * 3) % 251;
const PICTURES = [1, 2, 4].map((down) => ({
  width: WIDTH / down,
  height: HEIGHT / down,
  value: (x: number, y: number, c: number) => value(x * down, y * down, c),
}));
const V2: ZarrOptions = { version: 2, axes: 'tczyx', chunk: 256, together: 1, packed: 'zlib' };
const V3: ZarrOptions = { ...V2, version: 3, packed: 'gzip' };

const cleanup: (() => unknown)[] = [];
afterEach(() => {
  for (const end of cleanup.splice(0)) end();
});

const options = { decode: sharpDecoder };
const openFiles = (files: PackedFile[], folder = 'Block 3A.ome.zarr') =>
  openSlide(
    {
      kind: 'files',
      name: 'x',
      files: files.map(({ name, bytes }) => ({
        path: `${folder}/${name}`,
        file: new File([new Uint8Array(bytes)], path.basename(name)),
      })),
    },
    options,
  );

async function expectPixels(slide: Slide): Promise<void> {
  const [x0, y0, w, h] = [200, 180, 350, 320];
  const image = await readRegion(slide, { x: x0, y: y0, w, h }, w, h);
  for (let i = 0; i < w * h; i++) {
    for (let c = 0; c < 3; c++) {
      const wanted = value(x0 + (i % w), y0 + Math.floor(i / w), c);
      if (image.data[i * 4 + c] !== wanted) throw new Error(`pixel ${i}, channel ${c} differs`);
    }
  }
}

describe('OME-Zarr', () => {
  it.each<[string, ZarrOptions]>([
    ['0.4, a plane a chunk, zlib', V2],
    ['0.4, interleaved, blosc', { ...V2, axes: 'yxc', together: 3, packed: 'blosc' }],
    ['0.4, columns first, zstd', { ...V2, axes: 'xyc', together: 3, packed: 'zstd' }],
    ['0.5, gzip', V3],
    ['0.5, not packed, small chunks', { ...V3, axes: 'cyx', chunk: 32, packed: 'none' }],
    ['0.5, sharded', { ...V3, axes: 'cyx', chunk: 64, shard: 256, together: 3, packed: 'zstd' }],
  ])('is read exactly, from a folder and by address: %s', async (_, written) => {
    const files = await writeZarr(PICTURES, { ...written, unit: 'micrometer' });
    const local = await openFiles(files);
    expect(local.info).toMatchObject({ name: 'Block 3A', width: 700, height: 500, mpp: 0.25 });
    expect(local.info.levels.map(({ downsample }) => downsample)).toEqual([1, 2, 4]);
    for (const { tileWidth } of local.info.levels) {
      expect(tileWidth).toBeGreaterThanOrEqual(256);
      expect(tileWidth).toBeLessThanOrEqual(1024);
    }
    await expectPixels(local);
    const server = await serveFiles(files.map((f) => ({ ...f, name: `a.zarr/${f.name}` })));
    cleanup.push(server.close);
    if (written.shard || written.chunk < 64) return;
    const remote = await openSlide({ kind: 'url', url: `${server.url}/a.zarr/` }, options);
    await expectPixels(remote);
    expect(remote.info.id).toBe(local.info.id);
  });

  it('reads a shard by ranges', async () => {
    const files = await writeZarr(PICTURES, { ...V3, axes: 'cyx', chunk: 64, shard: 256 });
    const byName = new Map(files.map(({ name, bytes }) => [`/a.zarr/${name}`, bytes]));
    let largest = 0;
    const server = await serveWith((request, response) => {
      const bytes = byName.get(request.url ?? '');
      const range = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '');
      if (!bytes) return void response.writeHead(404).end();
      if (!range) return void response.end(bytes);
      const [from, to] = [Number(range[1]), Number(range[2])];
      largest = Math.max(largest, to - from + 1);
      response.writeHead(206, { 'Content-Range': `bytes ${from}-${to}/${bytes.length}` });
      response.end(bytes.subarray(from, to + 1));
    });
    cleanup.push(server.close);
    const url = `${server.url}/a.zarr/zarr.json`;
    await expectPixels(await openSlide({ kind: 'url', url }, options));
    expect(largest).toBeGreaterThan(0);
    expect(largest).toBeLessThan(5000);
  });

  it('takes chunks that are not there as background', async () => {
    const files = await writeZarr(PICTURES, V2);
    const slide = await openFiles(files.filter(({ name }) => !name.startsWith('0/0/')));
    const image = await readRegion(slide, { x: 0, y: 0, w: 9, h: 9 }, 9, 9);
    expect([...image.data.subarray(0, 4)]).toEqual([0, 0, 0, 255]);
  });

  it('shares a chunk without sharing who gives up on it', async () => {
    const slide = await openFiles(await writeZarr(PICTURES, { ...V2, chunk: 800 }));
    const abort = new AbortController();
    const first = slide.tile(0, 0, 0, abort.signal);
    const second = slide.tile(0, 0, 0);
    abort.abort();
    await expect(first).rejects.toMatchObject({ tag: 'cancelled' });
    expect((await second).width).toBe(700);
  });

  it('finds the first picture of a bioformats2raw series', async () => {
    const files = (await writeZarr(PICTURES, V2)).map((f) => ({ ...f, name: `0/${f.name}` }));
    const root = { 'bioformats2raw.layout': 3 };
    const bytes = new TextEncoder().encode(JSON.stringify(root));
    await expectPixels(await openFiles([...files, { name: '.zattrs', bytes }]));
  });
});

describe('what is no slide or damaged', () => {
  /** The levels' descriptions (zarr 2) with other members. */
  const withMembers = (files: PackedFile[], members: object) =>
    files.map((file) => {
      if (!file.name.endsWith('.zarray')) return file;
      const json = { ...JSON.parse(new TextDecoder().decode(file.bytes)), ...members };
      return { ...file, bytes: new TextEncoder().encode(JSON.stringify(json)) };
    });
  const shape = (t: number, c: number, z: number, x: number) => ({ shape: [t, c, z, 500, x] });
  const chunks = (x: number) => ({ chunks: [1, 1, 1, 256, x] });

  it.each<[string, object, string, RegExp]>([
    ['16 bits', { dtype: '<u2' }, 'unsupported', /8 bits/],
    ['strings', { dtype: '|O' }, 'unsupported', /8 bits/],
    ['four channels', shape(1, 4, 1, 700), 'unsupported', /three channels/],
    ['planes', shape(1, 3, 9, 700), 'unsupported', /focal planes/],
    ['a chunk of 10^9 px', chunks(4e6), 'unsupported', /too large/],
    ['chunks of a pixel', chunks(1), 'unsupported', /too small/],
    ['no chunk', chunks(0), 'format', /no sense/],
    ['negative sizes', shape(1, 3, 1, -700), 'format', /no sense/],
    ['endless sizes', shape(1, 3, 1, 1e300), 'format', /no sense/],
    ['words', { shape: 'x' }, 'format', /no sense/],
    ['another number of axes', { shape: [1, 3, 500, 700] }, 'format', /no sense/],
    ['an unknown codec', { compressor: { id: 'jpegxl' } }, 'unsupported', /packed/],
    ['another codec', { compressor: { id: 'blosc' } }, 'format', /OME-Zarr/],
  ])('is refused with a sentence: %s', async (_, members, tag, message) => {
    const files = withMembers(await writeZarr(PICTURES, V2), members);
    await expect(openFiles(files)).rejects.toMatchObject({
      tag,
      message: expect.stringMatching(message),
    });
  });

  it.each<[string, ZarrOptions['packed']]>([
    ['gzip', 'gzip'],
    ['blosc', 'blosc'],
    ['zstd', 'zstd'],
  ])('a chunk that unpacks to far more than it may is not unpacked: %s', async (_, packed) => {
    const files = await writeZarr(PICTURES, { ...V3, axes: 'cyx', packed });
    const bomb = await PACKERS[packed](new Uint8Array(32e6));
    const bombed = files.map((f) => (f.name.startsWith('2/c/') ? { ...f, bytes: bomb } : f));
    await expect(openFiles(bombed)).rejects.toMatchObject({
      tag: 'format',
      message: expect.stringMatching(/unpacks to more/),
    });
  });

  it('short and cut chunks are told, and so is a level that is not there', async () => {
    const files = await writeZarr(PICTURES, { ...V3, axes: 'cyx' });
    const put = (bytes: Uint8Array) =>
      openFiles(files.map((f) => (f.name === '2/c/0/0/0' ? { ...f, bytes } : f)));
    const damaged = { tag: 'format' };
    await expect(put(new Uint8Array(gzipSync(new Uint8Array(99))))).rejects.toMatchObject(damaged);
    await expect(put(files[2].bytes.subarray(0, 50))).rejects.toMatchObject(damaged);
    const less = files.filter(({ name }) => name !== '1/zarr.json');
    await expect(openFiles(less)).rejects.toMatchObject({ tag: 'not-found' });
  });

  it('attributes that are hostile or another thing are told', () => {
    const refuse = (json: unknown, tag: string) =>
      expect(() => parseGroup(json, 2)).toThrow(expect.objectContaining({ tag }));
    const dataset = { path: '0' };
    refuse([], 'format');
    refuse({}, 'format');
    refuse({ multiscales: [] }, 'format');
    refuse({ multiscales: [{ datasets: [{ path: '../../secret' }] }] }, 'format');
    refuse({ multiscales: [{ datasets: [{ path: 'http://x' }] }] }, 'format');
    refuse({ multiscales: [{ datasets: Array(999).fill(dataset) }] }, 'format');
    const axes = (names: string) => [...names].map((name) => ({ name }));
    refuse({ multiscales: [{ axes: axes('zyx'), datasets: [dataset] }] }, 'unsupported');
    refuse({ multiscales: [{ axes: axes('cyy'), datasets: [dataset] }] }, 'unsupported');
    refuse({ multiscales: [{ axes: axes('qyx'), datasets: [dataset] }] }, 'unsupported');
  });
});

describe('scale', () => {
  const mppOf = (unit: string, scale: number[]) => {
    const axes = [{ name: 'c' }, { name: 'y', unit }, { name: 'x', unit }];
    const coordinateTransformations = [{ type: 'scale', scale }];
    const group = parseGroup(
      { multiscales: [{ axes, datasets: [{ path: '0', coordinateTransformations }] }] },
      2,
    );
    return group === 'series' ? null : group.mpp;
  };

  it('is taken in the units of the axes, or not at all', () => {
    expect(mppOf('micrometer', [1, 0.25, 0.25])).toBe(0.25);
    expect(mppOf('nanometer', [1, 250, 250])).toBeCloseTo(0.25);
    expect(mppOf('millimeter', [1, 0.00025, 0.00025])).toBeCloseTo(0.25);
    expect(mppOf('pixel', [1, 1, 1])).toBeNull();
    expect(mppOf('micrometer', [1, 0.25, 0.5])).toBeNull();
    expect(mppOf('micrometer', [1, 250, 250])).toBeNull();
  });

  it('of a level is what it claims unless its size says otherwise', () => {
    expect(downsampleOf(2, 701, 351)).toBe(2);
    expect(downsampleOf(2, 700, 175)).toBe(4);
    expect(downsampleOf(Number.NaN, 700, 350)).toBe(2);
  });
});

describe('paths', () => {
  it('tell where the group is', () => {
    expect(groupOf('https://h/a.zarr/.zattrs')).toBe('https://h/a.zarr');
    expect(groupOf('https://h/a.zarr/')).toBe('https://h/a.zarr');
    expect(rootGroup(['a/b.zarr/.zattrs', 'a/b.zarr/0/.zarray', 'a/b.zarr/1/zarr.json'])).toBe(
      'a/b.zarr',
    );
    expect(rootGroup(['a.zarr/.zattrs', 'b.zarr/.zattrs'])).toBeNull();
    expect(rootGroup(['zarr.json', '0/zarr.json'])).toBe('');
    expect(nameOf('https://h/Block%203A.ome.zarr/0')).toBe('Block 3A');
  });
});
