/** Layouts of TIFF slides, on files made here; the pixels of real ones are in real.test.ts. */
import sharp, { type TiffOptions } from 'sharp';
import { describe, expect, it } from 'vitest';
import { blobSource } from '../bytes.ts';
import { directCodec } from '../codecs/codecs.ts';
import { release } from '../decode.ts';
import { openSlide } from '../formats.ts';
import { readRegion } from '../region.ts';
import type { CatalogFacts, Slide } from '../slide.ts';
import { sharpDecoder } from '../testing/data.ts';
import { grey } from '../testing/pyramid.ts';
import { TAG } from './picture.ts';
import { colours, jpegPicture } from './testing/pictures.ts';
import {
  sparseSource,
  type TestPicture,
  tiffBytes,
  type Value,
  writeTiff,
} from './testing/write.ts';
import { openTiff } from './tiff.ts';

const codec = directCodec(sharpDecoder);
const open = (bytes: Uint8Array<ArrayBuffer>, facts: CatalogFacts = {}) =>
  openTiff(blobSource(new Blob([bytes])), { name: 'x', facts, codec });

/** A pyramid of 300 x 200 and smaller, the description on its first picture. */
async function pyramid(description = '', tags: Record<number, Value> = {}) {
  const first = description ? { ...tags, [TAG.description]: description } : tags;
  return [
    await jpegPicture(300, 200, { tags: first }),
    await jpegPicture(150, 100, { down: 2 }),
    await jpegPicture(75, 50, { down: 4 }),
  ];
}

/** Largest difference of the red channel from the formula, over a level. */
async function offFormula(slide: Slide, index: number): Promise<number> {
  const level = slide.info.levels[index];
  const one = { ...slide, info: { ...slide.info, levels: [{ ...level, downsample: 1 }] } };
  one.tile = (_, col, row) => slide.tile(index, col, row);
  const { width: w, height: h } = level;
  const { data } = await readRegion(one, { x: 0, y: 0, w, h }, w, h);
  let largest = 0;
  for (let i = 0; i < w * h; i++) {
    const [x, y] = [(i % w) * level.downsample, Math.floor(i / w) * level.downsample];
    // Where the formula jumps back, JPEG rings.
    const smooth = [-8, 0, 8].every((d) => Math.abs(grey(x + d, y) - grey(x, y)) < 40);
    if (smooth) largest = Math.max(largest, Math.abs(data[i * 4] - grey(x, y)));
  }
  return largest;
}

describe('TIFF slides', () => {
  it.each([
    { big: false, littleEndian: true },
    { big: false, littleEndian: false },
    { big: true, littleEndian: true },
    { big: true, littleEndian: false },
  ])('are read in every order of bytes: %o', async (options) => {
    const slide = await open(tiffBytes(await pyramid(), options));
    expect(slide.info.levels.map(({ width, downsample }) => [width, downsample])).toEqual([
      [300, 1],
      [150, 2],
      [75, 4],
    ]);
    for (const index of [0, 1, 2]) expect(await offFormula(slide, index)).toBeLessThan(24);
  });

  it('are the same slide under any name and in any place, and another with other pixels', async () => {
    const bytes = tiffBytes(await pyramid());
    const id = (await open(bytes)).info.id;
    expect(id).toMatch(/^tiff-[0-9a-f]{32}$/);
    const named = await openSlide(
      { kind: 'file', file: new File([bytes], 'Other.TIFF') },
      { decode: sharpDecoder },
    );
    expect(named.info).toMatchObject({ id, name: 'Other' });
    const other = await pyramid();
    other[2] = { ...(await jpegPicture(75, 50, { down: 5 })) };
    expect((await open(tiffBytes(other))).info.id).not.toBe(id);
  });

  it('lose the whole of a double extension', async () => {
    const bytes = tiffBytes(await pyramid());
    const file = new File([bytes], 'Block 3A.ome.tiff');
    const slide = await openSlide({ kind: 'file', file }, { decode: sharpDecoder });
    expect(slide.info.name).toBe('Block 3A');
  });

  it('are known by their first bytes when they have no extension', async () => {
    const file = new File([tiffBytes(await pyramid())], 'slide');
    const slide = await openSlide({ kind: 'file', file }, { decode: sharpDecoder });
    expect(slide.info.width).toBe(300);
  });

  it('have white where tiles are left out', async () => {
    const pictures = await pyramid();
    const { tiles } = pictures[0];
    pictures[0].tiles = (index) => (index === 0 ? null : tiles(index));
    const slide = await open(tiffBytes(pictures));
    const tile = await slide.tile(0, 0, 0);
    expect(tile).toMatchObject({ width: 64, height: 64 });
    expect('data' in tile && tile.data.every((value) => value === 255)).toBe(true);
    const edge = await slide.tile(0, 4, 3);
    expect([edge.width, edge.height]).toEqual([300 - 256, 200 - 192]);
    release(edge);
  });

  it('keep their ICC profile, and refuse places outside', async () => {
    const profile = Uint8Array.from({ length: 300 }, (_, i) => i);
    const slide = await open(tiffBytes(await pyramid('', { [TAG.icc]: profile })));
    expect(await slide.iccProfile?.()).toEqual(profile);
    await expect(slide.tile(0, 5, 0)).rejects.toMatchObject({ tag: 'not-found' });
    await expect(slide.associatedImage?.('label')).rejects.toMatchObject({ tag: 'not-found' });
  });
});

describe('scale', () => {
  const resolution = (perCm: number, unit: number) => ({
    [TAG.xResolution]: { rational: [perCm, 1] },
    [TAG.yResolution]: { rational: [perCm, 1] },
    [TAG.resolutionUnit]: [unit],
  });
  it.each([
    ['pixels per cm', resolution(20_000, 3), 0.5],
    ['pixels per inch', resolution(50_800, 2), 0.5],
    ['no unit', resolution(20_000, 1), null],
    ['72 per inch, which is no scanner', resolution(72, 2), null],
  ])('by %s', async (_, tags, mpp) => {
    const { info } = await open(tiffBytes(await pyramid('', tags)));
    if (mpp === null) expect(info.mpp).toBeNull();
    else expect(info.mpp).toBeCloseTo(mpp, 6);
  });

  it('of the catalog stands above it', async () => {
    const { info } = await open(tiffBytes(await pyramid('', resolution(20_000, 3))), { mpp: 0.3 });
    expect(info.mpp).toBe(0.3);
  });

  it('of levels whose odd row was cut off is a whole number', async () => {
    const pictures = [await jpegPicture(301, 203), await jpegPicture(75, 50, { down: 4 })];
    const { info } = await open(tiffBytes(pictures));
    expect(info.levels.map(({ downsample }) => downsample)).toEqual([1, 4]);
  });

  it('of levels that no whole number gives is the quotient of the widths', async () => {
    const pictures = [await jpegPicture(300, 200), await jpegPicture(120, 80, { down: 2.5 })];
    const { info } = await open(tiffBytes(pictures));
    expect(info.levels[1].downsample).toBe(2.5);
  });
});

describe("makers' layouts", () => {
  it('Aperio: levels, thumbnail, label and macro, scale and objective', async () => {
    const about = 'Aperio Image Library v12\n300x200|AppMag = 40|MPP = 0.2520|ScannerType = AT2';
    const [first, ...rest] = await pyramid(about);
    const beside = (name: string) =>
      jpegPicture(40, 30, { tile: 0, tags: { [TAG.description]: `Aperio v12\r\n${name} 40x30` } });
    const thumbnail = await jpegPicture(60, 40, { tile: 0 });
    const all = [first, thumbnail, ...rest, await beside('label'), await beside('macro')];
    const slide = await open(tiffBytes(all));
    expect(slide.info).toMatchObject({ mpp: 0.252, objective: 40, scanner: 'Aperio AT2' });
    expect(slide.info.levels).toHaveLength(3);
    expect(slide.info.associated?.toSorted()).toEqual(['label', 'macro', 'thumbnail']);
    expect(await slide.associatedImage?.('thumbnail')).toMatchObject({ width: 60, height: 40 });
    expect(await slide.associatedImage?.('label')).toMatchObject({ width: 40, height: 30 });
  });

  it('Aperio without MPP has no scale, whatever its resolution tags say', async () => {
    const tags = { [TAG.xResolution]: { rational: [20_000, 1] }, [TAG.resolutionUnit]: [3] };
    const pictures = await pyramid('Aperio Image Library v11\n300x200', tags);
    expect((await open(tiffBytes(pictures))).info.mpp).toBeNull();
  });

  const pixels = (w: number, h: number, mpp: string, ifd: number, name = '') =>
    `<Image ID="Image:${ifd}" Name="${name}"><Pixels SizeX="${w}" SizeY="${h}" SizeC="3" ${mpp}>` +
    `<Channel SamplesPerPixel="3"/><TiffData IFD="${ifd}" PlaneCount="1"/></Pixels></Image>`;
  const xml = (...images: string[]) =>
    `<?xml version="1.0" encoding="UTF-8"?><OME><Instrument><Objective NominalMagnification="20.0"/></Instrument>${images.join('')}</OME>`;
  const mpp = (value: number, unit: string) =>
    ['X', 'Y']
      .map((axis) => `PhysicalSize${axis}="${value}" PhysicalSize${axis}Unit="${unit}"`)
      .join(' ');

  it('OME-TIFF with smaller copies as sub-directories, beside a label', async () => {
    const about = xml(pixels(60, 40, '', 0, 'label image'), pixels(300, 200, mpp(0.5, 'µm'), 1));
    const [base, ...smaller] = await pyramid();
    const label = await jpegPicture(60, 40, { tile: 0, tags: { [TAG.description]: about } });
    const slide = await open(tiffBytes([label, { ...base, subPictures: smaller }]));
    expect(slide.info).toMatchObject({ width: 300, mpp: 0.5, objective: 20 });
    expect(slide.info.levels).toHaveLength(3);
    expect(slide.info.associated).toEqual(['label']);
    expect(await offFormula(slide, 2)).toBeLessThan(24);
  });

  it('OME-TIFF with smaller copies as series of their own, in nanometres', async () => {
    const about = xml(pixels(300, 200, mpp(250, 'nm'), 0), pixels(150, 100, '', 1));
    const slide = await open(tiffBytes((await pyramid(about)).slice(0, 2)));
    expect(slide.info.levels).toHaveLength(2);
    expect(slide.info.mpp).toBeCloseTo(0.25, 9);
  });

  it('OME-TIFF of several channels is refused in words', async () => {
    const about = xml(pixels(300, 200, '', 0).replace('SamplesPerPixel="3"', ''));
    const greys = await Promise.all([0, 1].map(() => jpegPicture(300, 200)));
    const tags = { [TAG.samples]: [1], [TAG.photometric]: [1], [TAG.description]: about };
    await expect(open(tiffBytes(greys.map((p) => ({ ...p, tags }))))).rejects.toMatchObject({
      tag: 'unsupported',
      message: expect.stringMatching(/fluorescence/),
    });
  });

  it('Philips: padded levels get their true size back', async () => {
    const spacing = (mm: number) =>
      `<Attribute Name="DICOM_PIXEL_SPACING" PMSVR="IDoubleArray">"${mm}" "${mm}"</Attribute>`;
    const about = `<DataObject ObjectType="DPUfsImport">${spacing(0.00025)}${spacing(0.00025)}${spacing(0.0005)}</DataObject>`;
    const base = await jpegPicture(320, 192, { tags: { [TAG.description]: about } });
    const padded = { ...(await jpegPicture(192, 128, { down: 2 })), width: 192, height: 128 };
    const macro = await jpegPicture(50, 30, { tile: 0, tags: { [TAG.description]: 'Macro' } });
    const slide = await open(tiffBytes([base, padded, macro]));
    expect(slide.info.levels[1]).toMatchObject({ width: 160, height: 96, downsample: 2 });
    expect(slide.info).toMatchObject({ mpp: 0.25, scanner: 'Philips', associated: ['macro'] });
    expect(await offFormula(slide, 1)).toBeLessThan(24);
  });

  const scn = (areas: string) =>
    `<?xml version="1.0"?><scn><collection sizeX="26000000" sizeY="70000000">${areas}</collection></scn>`;
  const area = (view: number, ifds: number[], sizes: number[]) =>
    `<image><pixels>${ifds.map((ifd, r) => `<dimension sizeX="${sizes[r]}" r="${r}" ifd="${ifd}"/>`).join('')}</pixels>` +
    `<view sizeX="${view}" sizeY="${(view * 2) / 3}" offsetX="0"/><objective>20</objective></image>`;

  it('Leica: one area is the slide, the overview its macro', async () => {
    const about = scn(area(26_000_000, [0], [60]) + area(150_000, [1, 2], [300, 150]));
    const [base, smaller] = await pyramid();
    const macro = await jpegPicture(60, 40, { tags: { [TAG.description]: about } });
    const slide = await open(tiffBytes([macro, base, smaller]));
    expect(slide.info).toMatchObject({
      width: 300,
      mpp: 0.5,
      objective: 20,
      associated: ['macro'],
    });
    expect(slide.info.levels).toHaveLength(2);
  });

  it('Leica: of several areas none is left out in silence', async () => {
    const about = scn(area(150_000, [0], [300]) + area(75_000, [1], [150]));
    await expect(open(tiffBytes(await pyramid(about)))).rejects.toMatchObject({
      tag: 'unsupported',
      message: expect.stringMatching(/several scanned areas.*vips dzsave/),
    });
  });

  const bif = async (overlap: number) => {
    const xmp = `<iScan ScanRes="0.25" ScannerModel="VENTANA DP 200"><TileJointInfo OverlapX="${overlap}" OverlapY="0"/></iScan>`;
    const tags = { [TAG.xmp]: new TextEncoder().encode(xmp) };
    const pictures = await pyramid('level=0 mag=40 quality=90', tags);
    pictures[1].tags = { [TAG.description]: 'level=1 mag=20 quality=90' };
    return open(tiffBytes(pictures.slice(0, 2)));
  };

  it('Ventana: read without overlap, refused in words with it', async () => {
    expect((await bif(0)).info).toMatchObject({ mpp: 0.25, objective: 40 });
    await expect(bif(12)).rejects.toMatchObject({
      tag: 'unsupported',
      message: expect.stringMatching(/overlap.*vips dzsave/),
    });
  });

  it('Hamamatsu: says how to convert', async () => {
    await expect(open(tiffBytes(await pyramid('', { [TAG.ndpi]: [1] })))).rejects.toMatchObject({
      tag: 'unsupported',
      message: expect.stringMatching(/Hamamatsu.*vips dzsave/),
    });
  });
});

describe('a large slide', () => {
  it('shows its first screen from few and small readings, beyond 4 GB', async () => {
    const one = (await jpegPicture(256, 256, { tile: 256 })).tiles(0);
    const levels = [0, 1, 2, 3, 4, 5, 6].map(
      (k): TestPicture => ({
        width: 131_072 >> k,
        height: 98_304 >> k,
        tile: 256,
        tiles: () => one,
      }),
    );
    const source = sparseSource(writeTiff(levels, { big: true, dataAt: 5e9 }));
    expect(source.size).toBeGreaterThan(4 * 2 ** 30);
    const slide = await openTiff(source, { name: 'x', facts: {}, codec });
    expect(slide.info.levels).toHaveLength(7);
    await readRegion(slide, { x: 0, y: 0, w: 131_072, h: 98_304 }, 1024, 768);
    await slide.tile(0, 300, 200);
    expect(source.reads.reduce((sum, length) => sum + length, 0)).toBeLessThan(3e6);
    expect(source.reads.length).toBeLessThan(60);
  });

  it('without smaller copies of itself is refused in words', async () => {
    const one = (await jpegPicture(256, 256, { tile: 256 })).tiles(0);
    const picture = { width: 40_000, height: 30_000, tile: 256, tiles: () => one };
    await expect(open(tiffBytes([picture]))).rejects.toMatchObject({
      tag: 'unsupported',
      message: expect.stringMatching(/without smaller copies.*vips tiffsave/),
    });
  });
});

describe('the compressions that libvips writes', () => {
  const [width, height] = [300, 200];
  const raw = colours(width, height);
  const write = (options: TiffOptions) =>
    sharp(raw, { raw: { width, height, channels: 3 } })
      .tiff({ tile: true, tileWidth: 64, tileHeight: 64, pyramid: true, ...options })
      .toBuffer();
  const read = async (file: Buffer) => {
    const slide = await open(new Uint8Array(file));
    return readRegion(slide, { x: 0, y: 0, w: width, h: height }, width, height);
  };

  it.each([
    { compression: 'none' },
    { compression: 'lzw', predictor: 'none' },
    { compression: 'lzw', predictor: 'horizontal' },
    { compression: 'deflate', predictor: 'horizontal' },
    { compression: 'packbits' },
    { compression: 'lzw', bigtiff: true },
  ] as TiffOptions[])('are read without loss: %o', async (options) => {
    const { data } = await read(await write(options));
    const rgb = Buffer.from(data.filter((_, i) => i % 4 !== 3));
    expect(rgb.equals(raw)).toBe(true);
  });

  it('JPEG and WebP have the pixels that libvips reads back', async () => {
    for (const compression of ['jpeg', 'webp'] as const) {
      const file = await write({ compression, quality: 90 });
      const { data } = await read(file);
      const back = await sharp(file).raw().toBuffer();
      let largest = 0;
      for (let i = 0; i < width * height * 3; i++) {
        const mine = data[Math.floor(i / 3) * 4 + (i % 3)];
        largest = Math.max(largest, Math.abs(mine - back[i]));
      }
      expect(largest).toBeLessThanOrEqual(2);
    }
  });

  it('a small picture in strips is one tile', async () => {
    const file = await write({ compression: 'lzw', tile: false, pyramid: false });
    const { data } = await read(file);
    expect(Buffer.from(data.filter((_, i) => i % 4 !== 3)).equals(raw)).toBe(true);
  });
});
