import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { concatBytes } from '../../core/arrays.ts';
import { type Bytes, blobSource } from '../bytes.ts';
import { directCodec } from '../codecs/codecs.ts';
import { toOpaqueBytes } from '../decode.ts';
import type { Slide } from '../slide.ts';
import { sharpDecoder } from '../testing/data.ts';
import { claimsDicom, openDicom, openDicomFolder } from './files.ts';
import {
  ENCAPSULATED,
  EXPLICIT,
  encapsulate,
  flat,
  JPEG,
  part10,
  plainFile,
  type Wsi,
  wsi,
} from './testing/write.ts';

const context = { name: 'folder', facts: {}, codec: directCodec(sharpDecoder) };
const open = (bytes: Bytes) => openDicom(blobSource(new Blob([bytes])), context);
const openAll = (files: Record<string, Bytes>) =>
  openDicomFolder(
    Object.entries(files).map(([path, bytes]) => ({ path, file: new File([bytes], path) })),
    context,
  );

/** Red value of the middle of a tile. */
async function valueAt(slide: Slide, level: number, col: number, row: number): Promise<number> {
  const { width, height, data } = toOpaqueBytes(await slide.tile(level, col, row));
  return data[(Math.floor(height / 2) * width + Math.floor(width / 2)) * 4];
}

const SMALL: Wsi = { width: 40, height: 24, tile: 8 };

describe('openDicom', () => {
  it('reads size, scale, objective and tiles; tiles at the edge are cut', async () => {
    const slide = await open(plainFile({ width: 20, height: 11, tile: 8 }));
    expect(slide.info).toMatchObject({ width: 20, height: 11, mpp: 0.25, objective: 40 });
    expect(slide.info.levels).toEqual([
      { width: 20, height: 11, downsample: 1, tileWidth: 8, tileHeight: 8 },
    ]);
    expect(await valueAt(slide, 0, 1, 1)).toBe(4);
    expect(await slide.tile(0, 2, 1)).toMatchObject({ width: 4, height: 3 });
    await expect(slide.tile(0, 3, 0)).rejects.toMatchObject({ tag: 'not-found' });
  });

  it('puts sparse frames where they say, and white glass elsewhere', async () => {
    const cells = Array.from({ length: 15 }, (_, i) => i);
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(cells, { minLength: 1 }),
        fc.boolean(),
        async (kept, implicit) => {
          const corners = kept.map((i) => [(i % 5) * 8 + 1, Math.floor(i / 5) * 8 + 1] as const);
          const syntax = implicit ? '1.2.840.10008.1.2' : undefined;
          const slide = await open(plainFile({ ...SMALL, corners }, kept, syntax));
          for (const i of cells) {
            const value = await valueAt(slide, 0, i % 5, Math.floor(i / 5));
            expect(value).toBe(kept.includes(i) ? i : 255);
          }
        },
      ),
      { numRuns: 25, seed: 3 },
    );
  });

  it('says that frames which overlap are not read, and that groups do not match frames', async () => {
    const off = plainFile({
      ...SMALL,
      corners: [
        [1, 1],
        [6, 1],
      ],
    });
    await expect(open(off)).rejects.toMatchObject({ tag: 'unsupported' });
    const fewer = plainFile({ ...SMALL, corners: [[1, 1]], frames: 3 }, [1, 2, 3]);
    await expect(open(fewer)).rejects.toMatchObject({ tag: 'format' });
    const none = plainFile({ ...SMALL, frames: 3 });
    await expect(open(none)).rejects.toMatchObject({ tag: 'format' });
  });

  it('finds the order of tiles that nothing tells, by their seams', async () => {
    const [cols, rows, tile] = [5, 4, 16];
    const value = (x: number, y: number) =>
      120 + 60 * Math.sin(x / 5) + 60 * Math.cos(y / 4 + x / 30);
    const frame = (col: number, row: number) =>
      Uint8Array.from({ length: tile * tile * 3 }, (_, i) => {
        const px = Math.floor(i / 3);
        return value(col * tile + (px % tile), row * tile + Math.floor(px / tile));
      });
    for (const order of ['row by row', 'column by column']) {
      const frames = Array.from({ length: cols * rows }, (_, i) =>
        order === 'row by row'
          ? frame(i % cols, Math.floor(i / cols))
          : frame(Math.floor(i / rows), i % rows),
      );
      const size = { width: cols * tile, height: rows * tile, tile };
      const elements = wsi({ ...size, more: [[0x00209311, 'CS', '']] });
      const slide = await open(
        part10(EXPLICIT, [...elements, [0x7fe00010, 'OB', concatBytes(frames)]]),
      );
      const { data } = toOpaqueBytes(await slide.tile(0, 3, 1));
      expect(data[0]).toBe(frame(3, 1)[0]);
      expect(slide.info.notes).toEqual([expect.stringContaining(order)]);
    }
  });

  it('takes the middle of several planes of focus, and says so', async () => {
    const planes: Wsi = { ...SMALL, frames: 45, more: [[0x00480303, 'UL', [3]]] };
    const slide = await open(plainFile(planes));
    expect(await valueAt(slide, 0, 2, 1)).toBe(15 + 7);
    expect(slide.info.notes).toEqual([expect.stringMatching(/3 planes of focus/)]);
  });

  it('takes no scale from pixels that are not square, and says so', async () => {
    const slide = await open(plainFile({ ...SMALL, spacing: '0.00025\\0.0003' }));
    expect(slide.info.mpp).toBeNull();
    expect(slide.info.notes?.[0]).toMatch(/0\.3000 x 0\.2500 µm/);
    const plausible = await open(plainFile({ ...SMALL, spacing: '0.25\\0.25' }));
    expect(plausible.info.mpp).toBeNull();
  });

  it('shows a JPEG in the colours of its own header, else of the attributes', async () => {
    const colour = { r: 0xc0, g: 0x20, b: 0x40 };
    const encoded = await sharp({
      create: { width: 8, height: 8, channels: 3, background: colour },
    })
      .jpeg({ quality: 100, chromaSubsampling: '4:4:4' })
      .toBuffer();
    const jfif = Buffer.from('ffe000104a46494600010100000100010000', 'hex');
    const bare = new Uint8Array(encoded);
    const headed = concatBytes([bare.subarray(0, 2), jfif, bare.subarray(2)]);
    const shown = async (jpeg: Bytes, photometric: string) => {
      const more = [[0x00280004, 'CS', photometric]] as const;
      const { tail } = encapsulate([[jpeg]], 'basic');
      const slide = await open(part10(JPEG, wsi({ width: 8, height: 8, tile: 8, more }), tail));
      const [r, g, b] = toOpaqueBytes(await slide.tile(0, 0, 0)).data;
      return Math.max(Math.abs(r - colour.r), Math.abs(g - colour.g), Math.abs(b - colour.b));
    };
    expect(await shown(headed, 'RGB')).toBeLessThan(4);
    expect(await shown(bare, 'YBR_FULL_422')).toBeLessThan(4);
    // Without a header the attributes are believed, as pydicom does.
    expect(await shown(bare, 'RGB')).toBeGreaterThan(50);
  });

  it('reads frames of bytes in items', async () => {
    const frames = [0, 1, 2, 3].map((value) => [flat(8, value * 9)]);
    const { elements, tail } = encapsulate(frames, 'extended');
    const said = wsi({ width: 16, height: 16, tile: 8 });
    const slide = await open(part10(ENCAPSULATED, [...said, ...elements], tail));
    expect(await valueAt(slide, 0, 1, 1)).toBe(27);
  });

  it('hands out the colour profile of the optical path', async () => {
    const profile = Uint8Array.from({ length: 300 }, (_, i) => i % 256);
    const more = [[0x00480105, 'SQ', [[[0x00282000, 'OB', profile]]]]] as const;
    const slide = await open(plainFile({ ...SMALL, more }));
    expect(await slide.iccProfile?.()).toEqual(profile);
    expect(await (await open(plainFile(SMALL))).iccProfile?.()).toBeNull();
  });

  it.each([
    ['1.2.840.10008.5.1.4.1.1.2', /a CT image, not a slide/],
    ['1.2.840.10008.5.1.4.1.1.66.4', /segmentation/],
    ['1.2.840.10008.5.1.4.1.1.91.1', /annotations/],
    ['1.2.840.10008.5.1.4.1.1.30', /parametric map/],
    ['1.2.840.10008.5.1.4.1.1.88.22', /report/],
    ['1.2.3.4', /modality SM/],
  ])('says what an object of class %s is', async (uid, sentence) => {
    const other = plainFile({ ...SMALL, more: [[0x00080016, 'UI', uid]] });
    await expect(open(other)).rejects.toMatchObject({
      tag: 'unsupported',
      message: expect.stringMatching(sentence),
    });
  });

  it.each([
    [
      'several optical paths in grey',
      [
        [0x00280004, 'CS', 'MONOCHROME2'],
        [0x00280002, 'US', [1]],
        [0x00480105, 'SQ', [[], []]],
      ],
      /2 optical paths/,
    ],
    ['16 bits', [[0x00280100, 'US', [16]]], /colours/],
    [
      'a palette',
      [
        [0x00280004, 'CS', 'PALETTE COLOR'],
        [0x00280002, 'US', [1]],
      ],
      /colours/,
    ],
  ] as const)('says that %s are not read', async (_, more, sentence) => {
    await expect(open(plainFile({ ...SMALL, more }))).rejects.toMatchObject({
      tag: 'unsupported',
      message: expect.stringMatching(sentence),
    });
  });

  it('says which compression it does not read', async () => {
    const { tail } = encapsulate([[flat(8, 0)]], 'none');
    const xl = part10('1.2.840.10008.1.2.4.110', wsi({ width: 8, height: 8, tile: 8 }), tail);
    await expect(open(xl)).rejects.toMatchObject({ message: expect.stringMatching(/JPEG XL/) });
  });
});

describe('openDicomFolder', () => {
  const level = (scale: number, sop: string, more: Partial<Wsi> = {}) =>
    plainFile({ width: 80 / scale, height: 48 / scale, tile: 8, sop, ...more });
  const pyramid = {
    'a/2.dcm': level(2, '1.2'),
    'a/1.dcm': level(1, '1.1'),
    'a/4.dcm': level(4, '1.3'),
    'a/label.dcm': plainFile(
      { width: 16, height: 8, tile: 8, flavor: 'LABEL', sop: '1.4' },
      [7, 9],
    ),
    'a/over.dcm': plainFile(
      { width: 30, height: 10, tile: 30, flavor: 'OVERVIEW', sop: '1.5' },
      [3],
    ),
    'readme.txt': new Uint8Array([65, 66]),
  };

  it('makes levels of volumes and keeps label and overview beside them', async () => {
    const slide = await openAll(pyramid);
    expect(slide.info.levels.map(({ width, downsample }) => [width, downsample])).toEqual([
      [80, 1],
      [40, 2],
      [20, 4],
    ]);
    expect([...(slide.info.associated ?? [])].sort()).toEqual(['label', 'macro']);
    expect(slide.info.notes).toEqual([]);
    expect(await valueAt(slide, 2, 1, 0)).toBe(1);
    const label = toOpaqueBytes(
      (await slide.associatedImage?.('label')) ?? (await slide.tile(0, 0, 0)),
    );
    expect([label.width, label.height, label.data[0], label.data[15 * 4]]).toEqual([16, 8, 7, 9]);
    await expect(slide.associatedImage?.('thumbnail')).rejects.toMatchObject({ tag: 'not-found' });
  });

  it('is the same slide whatever the order and the names, and tells no identifier', async () => {
    const one = await openAll(pyramid);
    const other = await openAll(
      Object.fromEntries(
        Object.entries(pyramid)
          .reverse()
          .map(([, bytes], i) => [`f${i}`, bytes]),
      ),
    );
    expect(other.info.id).toBe(one.info.id);
    expect(one.info.id).toMatch(/^dicom-[0-9a-f]{32}$/);
    expect(JSON.stringify(one.info)).not.toMatch(/1\.2\.3|Jane/);
    const { 'a/4.dcm': _, ...fewer } = pyramid;
    expect((await openAll(fewer)).info.id).not.toBe(one.info.id);
  });

  it('takes the same instance once, and says that of two of a size one is left out', async () => {
    const one = await openAll(pyramid);
    const twice = await openAll({ ...pyramid, 'copy.dcm': pyramid['a/2.dcm'] });
    expect(twice.info.id).toBe(one.info.id);
    expect(twice.info.notes).toEqual([]);
    const other = await openAll({ ...pyramid, 'b.dcm': level(2, '1.9') });
    expect(other.info.levels).toHaveLength(3);
    expect(other.info.notes?.[0]).toMatch(/1 more.*left out/);
  });

  it('shows the largest of several series and names the others', async () => {
    const slide = await openAll({
      'x.dcm': plainFile({ ...SMALL, series: '9.1', more: [[0x0008103e, 'LO', 'Ki-67']] }),
      ...pyramid,
    });
    expect(slide.info.width).toBe(80);
    expect(slide.info.notes?.[0]).toMatch(/1 other series .*"Ki-67", 40 x 24 px/);
  });

  it('joins an image that was cut into instances, and says what is missing of it', async () => {
    const part = (first: number, frames: number, sop: string) =>
      plainFile(
        {
          ...SMALL,
          frames,
          sop,
          more: [
            [0x00209161, 'UI', '5.5'],
            [0x00209228, 'UL', [first]],
          ],
        },
        Array.from({ length: frames }, (_, i) => first + i),
      );
    const whole = await openAll({ 'b.dcm': part(6, 9, '1.2'), 'a.dcm': part(0, 6, '1.1') });
    for (const i of [0, 5, 6, 14]) {
      expect(await valueAt(whole, 0, i % 5, Math.floor(i / 5))).toBe(i);
    }
    const half = await open(part(6, 9, '1.2'));
    expect(half.info.notes?.[0]).toMatch(/6 tiles are left white/);
    expect([await valueAt(half, 0, 0, 0), await valueAt(half, 0, 1, 1)]).toEqual([255, 6]);
  });

  it('takes levels that were rounded for halves, and no pyramid without coarse levels', async () => {
    const odd = await openAll({
      'a.dcm': plainFile({ width: 81, height: 49, tile: 8, sop: '1.1' }),
      'b.dcm': plainFile({ width: 40, height: 24, tile: 8, sop: '1.2' }),
    });
    expect(odd.info.levels[1].downsample).toBe(2);
    const corners = [[1, 1]] as const;
    const huge = plainFile({ width: 40_000, height: 40_000, tile: 64, corners }, [1]);
    await expect(openAll({ 'a.dcm': huge })).rejects.toMatchObject({
      message: expect.stringMatching(/coarser ones too/),
    });
  });

  it('cuts no picture from frames at the edge that were stored short', async () => {
    const jpeg = async (width: number, height: number) => {
      const size = { width, height, channels: 3, background: '#804020' } as const;
      return [new Uint8Array(await sharp({ create: size }).jpeg().toBuffer())];
    };
    const said = wsi({ width: 20, height: 8, tile: 16, more: [[0x00280004, 'CS', 'YBR_FULL']] });
    const file = async (second: number) => {
      const frames = [await jpeg(16, 16), await jpeg(second, 16)];
      return open(part10(JPEG, said, encapsulate(frames, 'basic').tail));
    };
    expect(await (await file(8)).tile(0, 1, 0)).toMatchObject({ width: 4, height: 8 });
    await expect((await file(3)).tile(0, 1, 0)).rejects.toMatchObject({ tag: 'format' });
  });

  it('opens a thumbnail alone, never a label alone', async () => {
    const only = (flavor: string) => openAll({ 'a.dcm': plainFile({ ...SMALL, flavor }) });
    expect((await only('THUMBNAIL')).info.width).toBe(40);
    await expect(only('LABEL')).rejects.toMatchObject({ tag: 'unsupported' });
  });

  it('leaves out damaged files and says how many; fails when nothing is left', async () => {
    const cutShort = level(1, '1.1').slice(0, 900);
    const slide = await openAll({ ...pyramid, 'a/1.dcm': cutShort });
    expect(slide.info.width).toBe(40);
    expect(slide.info.notes?.[0]).toMatch(/1 of the 6 files are damaged/);
    await expect(openAll({ 'a.dcm': cutShort, b: cutShort })).rejects.toMatchObject({
      tag: 'truncated',
    });
    await expect(openAll({ a: new Uint8Array(9), b: new Uint8Array(9) })).rejects.toMatchObject({
      message: expect.stringMatching(/None of these files is DICOM/),
    });
  });
});

describe('claimsDicom', () => {
  it.each([
    [['a/1.dcm', 'a/2.DCM', 'a/note.txt'], true],
    [['DICOM/IM0001', 'DICOM/IM0002', 'DICOMDIR'], true],
    [['1.2.826.0.1', '1.2.826.0.2'], true],
    [['a_files/0/0_0.jpeg', 'a.dzi'], false],
    [['x/.zattrs', 'x/.zgroup', 'x/0/.zarray', 'x/0/0.0.0'], false],
    [['info.json', 'a/b/0/default.jpg', 'README'], false],
  ])('%j: %s', (paths, expected) => {
    expect(claimsDicom(paths)).toBe(expected);
  });
});
