/** Tiles of every compression, decoded where they are asked for. */
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { Decoder } from '../decode.ts';
import type { RgbaImage } from '../slide.ts';
import { dataFile, sharpDecoder } from '../testing/data.ts';
import type { EncodedTile } from './codec.ts';
import { directCodec } from './codecs.ts';
import { wholeJpeg } from './jpeg.ts';
import { unpack } from './lossless.ts';
import { toRgba } from './samples.ts';

const codec = directCodec(sharpDecoder);
const tile = (more: Partial<EncodedTile>): EncodedTile => ({
  compression: 'none',
  bytes: new Uint8Array(0),
  width: 2,
  height: 1,
  samples: 3,
  bits: 8,
  colour: 'rgb',
  ...more,
});
const decoded = async (more: Partial<EncodedTile>) => [
  ...((await codec(tile(more))) as RgbaImage).data,
];

describe('plain samples', () => {
  it.each([
    ['RGB', { bytes: Uint8Array.of(1, 2, 3, 4, 5, 6) }, [1, 2, 3, 255, 4, 5, 6, 255]],
    [
      'planes',
      { bytes: Uint8Array.of(1, 4, 2, 5, 3, 6), planar: true },
      [1, 2, 3, 255, 4, 5, 6, 255],
    ],
    [
      'RGB with opacity',
      { bytes: Uint8Array.of(1, 2, 3, 9, 4, 5, 6, 8), samples: 4 },
      [1, 2, 3, 9, 4, 5, 6, 8],
    ],
    [
      'grey',
      { bytes: Uint8Array.of(7, 8), samples: 1, colour: 'grey' },
      [7, 7, 7, 255, 8, 8, 8, 255],
    ],
    [
      'grey with 0 for white',
      { bytes: Uint8Array.of(0, 255), samples: 1, colour: 'grey-inverted' },
      [255, 255, 255, 255, 0, 0, 0, 255],
    ],
    [
      'a palette',
      {
        bytes: Uint8Array.of(1, 0),
        samples: 1,
        colour: 'palette',
        palette: Uint8Array.of(9, 8, 7, 1, 2, 3),
      },
      [1, 2, 3, 255, 9, 8, 7, 255],
    ],
    [
      'YCbCr',
      { bytes: Uint8Array.of(76, 85, 255, 128, 128, 128), colour: 'ycbcr' },
      [254, 0, 0, 255, 128, 128, 128, 255],
    ],
    [
      '16 bits, high byte last',
      { bytes: Uint8Array.of(9, 1, 9, 2), samples: 1, bits: 16, colour: 'grey' },
      [1, 1, 1, 255, 2, 2, 2, 255],
    ],
    [
      '16 bits, high byte first',
      {
        bytes: Uint8Array.of(1, 9, 2, 9),
        samples: 1,
        bits: 16,
        colour: 'grey',
        littleEndian: false,
      },
      [1, 1, 1, 255, 2, 2, 2, 255],
    ],
    [
      'differences along the row',
      { bytes: Uint8Array.of(10, 20, 30, 1, 255, 0), predictor: true },
      [10, 20, 30, 255, 11, 19, 30, 255],
    ],
  ] as [string, Partial<EncodedTile>, number[]][])('of %s', async (_, more, rgba) => {
    expect(await decoded(more)).toEqual(rgba);
  });

  it('of 12 bits show their upper 8', () => {
    const values = Uint16Array.of(0xfff, 0x800);
    const { data } = toRgba({
      ...{ values, width: 2, height: 1, samples: 1, bits: 12 },
      colour: 'grey',
    });
    expect([data[0], data[4]]).toEqual([255, 128]);
  });
});

describe('unpacking', () => {
  it('PackBits: runs and plain stretches (TIFF 6.0, section 9)', async () => {
    const packed = Uint8Array.of(0xfe, 0xaa, 0x02, 0x80, 0x00, 0x2a, 0x80, 0xfd, 0xaa);
    const bytes = await unpack('packbits', packed, 10);
    expect([...bytes]).toEqual([0xaa, 0xaa, 0xaa, 0x80, 0, 0x2a, 0xaa, 0xaa, 0xaa, 0xaa]);
  });

  it('zstd: a plain block and a run', async () => {
    const frame = [0x28, 0xb5, 0x2f, 0xfd, 0x20, 6];
    const plain = [0x18, 0, 0, 1, 2, 3];
    const run = [0x1b, 0, 0, 9];
    const bytes = await unpack('zstd', Uint8Array.from([...frame, ...plain, ...run]), 6);
    expect([...bytes]).toEqual([1, 2, 3, 9, 9, 9]);
  });

  it.each(['lzw', 'deflate', 'packbits', 'zstd', 'none'] as const)(
    '%s of too few or senseless bytes is a damaged tile',
    async (compression) => {
      for (const bytes of [[], [1], [0xff, 0xff, 0xff, 0xff], [0x78, 0x9c, 1, 2, 3]]) {
        const unpacked = unpack(compression, Uint8Array.from(bytes), 1000);
        await expect(unpacked).rejects.toMatchObject({ tag: 'format' });
      }
    },
  );
});

describe('JPEG', () => {
  const size = { width: 32, height: 16 };
  const raw = Buffer.from({ length: 32 * 16 * 3 }).map((_, i) => [200, 60, 120][i % 3]);
  const jpeg = async () =>
    new Uint8Array(
      await sharp(raw, { raw: { ...size, channels: 3 } })
        .jpeg({ quality: 95 })
        .toBuffer(),
    );

  it('is read as RGB where the file says so, whatever its own markers say', async () => {
    const bytes = await jpeg();
    const ycbcr = await decoded({ ...size, compression: 'jpeg', bytes, colour: 'ycbcr' });
    const rgb = await decoded({ ...size, compression: 'jpeg', bytes, colour: 'rgb' });
    expect(Math.abs(ycbcr[0] - 200) + Math.abs(ycbcr[1] - 60)).toBeLessThan(6);
    // The stored components themselves: luminance of that colour, 0.299 R + 0.587 G + 0.114 B.
    expect(Math.abs(rgb[0] - 109)).toBeLessThan(4);
  });

  it('gets the tables that tiles share', async () => {
    const bytes = await jpeg();
    const { tables, rest } = split(bytes);
    expect(rest.length).toBeLessThan(bytes.length);
    const whole = await decoded({ ...size, compression: 'jpeg', bytes, colour: 'ycbcr' });
    const joined = { ...size, compression: 'jpeg', bytes: rest, jpegTables: tables } as const;
    expect(await decoded({ ...joined, colour: 'ycbcr' })).toEqual(whole);
  });

  it('of another size than said, or cut off in its header, is refused before it is decoded', async () => {
    let asked = 0;
    const counting: Decoder = (bytes) => {
      asked++;
      return sharpDecoder(bytes);
    };
    const bytes = await jpeg();
    for (const [part, width] of [
      [bytes, 64],
      [bytes.slice(0, 30), 32],
      [bytes.slice(10), 32],
    ] as const) {
      const wrong = tile({ ...size, compression: 'jpeg', bytes: part, width });
      await expect(directCodec(counting)(wrong)).rejects.toMatchObject({ tag: 'format' });
    }
    expect(asked).toBe(0);
  });

  it('of grey is left as it is', async () => {
    const image = sharp(raw, { raw: { ...size, channels: 3 } }).toColourspace('b-w');
    const bytes = new Uint8Array(await image.jpeg().toBuffer());
    expect(wholeJpeg({ bytes, ...size, colour: 'grey' })).toBe(bytes);
  });

  /** A JPEG's tables as an abbreviated stream of their own, and the rest. */
  function split(bytes: Uint8Array<ArrayBuffer>) {
    const tables = [0xff, 0xd8];
    const rest = [0xff, 0xd8];
    let at = 2;
    while (bytes[at + 1] !== 0xda) {
      const end = at + 2 + ((bytes[at + 2] << 8) | bytes[at + 3]);
      const shared = bytes[at + 1] === 0xdb || bytes[at + 1] === 0xc4;
      (shared ? tables : rest).push(...bytes.subarray(at, end));
      at = end;
    }
    rest.push(...bytes.subarray(at));
    return { tables: Uint8Array.from([...tables, 0xff, 0xd9]), rest: Uint8Array.from(rest) };
  }
});

describe('JPEG 2000, JPEG-LS and HTJ2K', () => {
  it.each(['jpeg2000', 'jpegls', 'htj2k'] as const)(
    '%s: damaged bytes are refused, and the next tile is read all the same',
    async (compression) => {
      for (const length of [0, 10, 200]) {
        const bytes = Uint8Array.from({ length }, (_, i) => (i * 37) % 256);
        const damaged = tile({ compression, bytes, width: 64, height: 64 });
        await expect(codec(damaged)).rejects.toMatchObject({ tag: 'format' });
      }
    },
  );

  const svs = dataFile('slides/tcga-jpeg2000.svs');
  it.skipIf(!svs)('a real tile, whole and with its content destroyed', async () => {
    const { open } = await import('node:fs/promises');
    const handle = await open(svs ?? '');
    const bytes = new Uint8Array(400_000);
    await handle.read(bytes, 0, bytes.length, 0);
    await handle.close();
    const at = bytes.findIndex(
      (_, i) => bytes[i] === 0xff && bytes[i + 1] === 0x4f && bytes[i + 2] === 0xff,
    );
    const end = bytes.findIndex((_, i) => i > at && bytes[i] === 0xff && bytes[i + 1] === 0xd9);
    const whole = tile({
      ...{ compression: 'jpeg2000', width: 256, height: 256 },
      bytes: bytes.slice(at, end + 2),
    });
    const destroyed = { ...whole, bytes: whole.bytes.slice() };
    destroyed.bytes.fill(0xff, 60, 120);
    await expect(codec(destroyed)).rejects.toMatchObject({ tag: 'format' });
    const { data } = (await codec(whole)) as RgbaImage;
    expect(data).toHaveLength(256 * 256 * 4);
    const wrong = { ...whole, width: 512 };
    await expect(codec(wrong)).rejects.toMatchObject({ tag: 'format' });
  });
});

describe('any codec', () => {
  it('refuses tiles of 10^9 px before it looks at them', async () => {
    const huge = tile({ width: 40_000, height: 40_000 });
    await expect(codec(huge)).rejects.toMatchObject({ tag: 'too-large' });
  });

  it('can be cancelled', async () => {
    const signal = AbortSignal.abort();
    await expect(codec(tile({}), signal)).rejects.toMatchObject({ tag: 'cancelled' });
  });
});
