import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseCatalog, readCatalog, sourceOf } from './catalog.ts';
import { FORMATS, formatOf, openSlide } from './formats.ts';
import { sharpDecoder } from './testing/data.ts';
import { pack, readFolder, serveFiles, writePyramid } from './testing/pyramid.ts';

const file = (name: string, bytes: Uint8Array<ArrayBuffer> = new Uint8Array(300)) =>
  ({ kind: 'file', file: new File([bytes], name) }) as const;
const url = (address: string) => ({ kind: 'url', url: address }) as const;
const options = { decode: sharpDecoder };

describe('openSlide', () => {
  it('opens a dropped SZI and names it after its file', async () => {
    const files = await readFolder(await writePyramid());
    const slide = await openSlide(file('Block 3A.SZI', pack(files)), options);
    expect(slide.info).toMatchObject({ name: 'Block 3A', width: 300, height: 200 });
    slide.close();
  });

  it('opens a DZI by address, the name decoded', async () => {
    const files = await readFolder(await writePyramid());
    const renamed = files.map(({ name, bytes }) => ({
      name: name.replace(/^slide/, 'Block%203A'),
      bytes,
    }));
    const server = await serveFiles(renamed);
    const slide = await openSlide(url(`${server.url}/Block%203A.dzi#view`), options);
    expect(slide.info).toMatchObject({ name: 'Block 3A', width: 300 });
    server.close();
  });

  it('opens the drawn slide', async () => {
    const slide = await openSlide({ kind: 'synthetic', seed: 7, width: 4096, height: 4096 });
    expect(slide.info).toMatchObject({ width: 4096, mpp: 0.25 });
  });

  it('names what is supported when it does not know the kind', async () => {
    await expect(
      openSlide(url('https://example.org/a/slide.xyz?b=c.szi'), options),
    ).rejects.toMatchObject({
      tag: 'format',
      message: expect.stringMatching(/reads SZI .*; .*Deep Zoom/),
    });
    // As these slides begin: like a TIFF, and like a JPEG.
    for (const [end, head] of [
      ['ndpi', [0x49, 0x49, 42, 0]],
      ['mrxs', [0xff, 0xd8, 0xff, 0xe0]],
    ] as const) {
      const bytes = Uint8Array.from({ length: 300 }, (_, i) => head[i] ?? 0);
      await expect(openSlide(file(`case.${end}`, bytes), options)).rejects.toMatchObject({
        tag: 'format',
        message: expect.stringContaining(`vips dzsave slide.${end} slide.szi`),
      });
    }
    await expect(openSlide(url('https://example.org/'), options)).rejects.toMatchObject({
      tag: 'format',
    });
  });

  it('keeps names of files out of error details', async () => {
    const error = await openSlide(file('Jane Doe 1950.tif'), options).catch((e) => e);
    expect(`${error.message} ${error.detail}`).not.toMatch(/Jane/);
  });

  it('says how to open a lone .dzi file, and what an odd .szi is', async () => {
    await expect(openSlide(file('a.dzi'), options)).rejects.toMatchObject({ tag: 'unsupported' });
    const png = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10);
    await expect(openSlide(file('a.szi', png), options)).rejects.toMatchObject({
      tag: 'format',
      message: expect.stringMatching(/a PNG picture/),
    });
  });

  it('asks for a decoder where there is none, and can be cancelled', async () => {
    await expect(openSlide(file('a.szi'))).rejects.toMatchObject({ tag: 'internal' });
    const signal = AbortSignal.abort();
    await expect(openSlide(file('a.szi'), { ...options, signal })).rejects.toMatchObject({
      tag: 'cancelled',
    });
  });
});

describe('the table of formats', () => {
  it('knows names by their end, whatever their case', () => {
    const ids = FORMATS.map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining(['szi', 'dzi', 'iiif', 'zarr', 'picture']));
    expect(new Set(ids).size).toBe(ids.length);
    expect(formatOf('a.ome.zarr')?.id).toBe('zarr');
    expect(formatOf('a.JPEG')?.id).toBe('picture');
    expect(formatOf('a.b.SZI')?.id).toBe('szi');
    expect(formatOf('folder/a.dzi')?.id).toBe('dzi');
    expect(formatOf('szi')).toBeNull();
  });

  it('gives each format a way to be opened, and its endings in lower case', () => {
    for (const { openBytes, openUrl, folder, extensions } of FORMATS) {
      expect(openBytes ?? openUrl ?? folder).toBeTruthy();
      for (const end of extensions) expect(end).toBe(end.toLowerCase());
    }
  });

  it('finds the slide of an address that leads into its folder, or has no ending', async () => {
    const server = await serveFiles([]);
    const open = (path: string) => openSlide(url(`${server.url}/${path}`), options);
    await expect(open('a.zarr/0/')).rejects.toMatchObject({
      message: expect.stringMatching(/no OME-Zarr/),
    });
    await expect(open('iiif/a%2Fb')).rejects.toMatchObject({
      tag: 'format',
      message: expect.stringMatching(/not read/),
    });
    server.close();
  });
});

describe('catalogs', () => {
  it('lists public slides with their scale and scanner', () => {
    const path = new URL('../../public/web-slides.json', import.meta.url);
    const entries = readCatalog(readFileSync(path, 'utf8'));
    expect(entries.length).toBeGreaterThanOrEqual(12);
    for (const entry of entries) {
      expect(entry.url).toMatch(/^https:\/\/images\.patolojiatlasi\.com\/[\w-]+\/HE\d?\.dzi$/);
      expect(entry.mpp).toBeGreaterThan(0.2);
      expect(entry.scanner && entry.name && entry.licence && entry.source).toBeTruthy();
    }
    expect(new Set(entries.map((entry) => entry.url)).size).toBe(entries.length);
  });

  it('turn a row into a source below the catalog, nowhere else', () => {
    const base = 'http://127.0.0.1:5173/slides/catalog.json';
    const at = (name: string) => sourceOf({ file: name, mpp: 0.5 }, base);
    expect(at('Block 3A#.szi')).toEqual({
      kind: 'url',
      url: 'http://127.0.0.1:5173/slides/Block%203A%23.szi',
      facts: expect.objectContaining({ mpp: 0.5 }),
    });
    for (const hostile of ['//evil.example/a.szi', 'https://evil.example/a.szi', '/a.szi']) {
      const source = at(hostile);
      expect(source.kind === 'url' && new URL(source.url).host).toBe('127.0.0.1:5173');
    }
  });

  it.each([
    [[{ file: 'a.szi' }, { file: 'b.szi', mpp: -1 }], /entry 2, "mpp"/],
    [[{ name: 'neither' }], /entry 1: needs either/],
    [[{ url: 'javascript:alert(1)' }], /entry 1, "url"/],
    [{ slides: [] }, /mistake in the list/],
  ])('are refused with the place of the mistake', (value, sentence) => {
    expect(() => parseCatalog(value)).toThrow(sentence);
  });

  it('are refused when they are no JSON', () => {
    expect(() => readCatalog('[,')).toThrow(/not a JSON text/);
  });
});
