import { openAsBlob } from 'node:fs';
import sharp from 'sharp';
import { afterEach, describe, expect, it } from 'vitest';
import type { Bytes } from '../bytes.ts';
import { isRgba } from '../decode.ts';
import { openSlide } from '../formats.ts';
import { readRegion } from '../region.ts';
import type { Slide } from '../slide.ts';
import { dataFile, sharpDecoder } from '../testing/data.ts';
import { grey, serveFiles } from '../testing/pyramid.ts';
import { Bands, HELD_BYTES, levelsOf, TILE } from './bands.ts';
import { readHeader } from './header.ts';

const [WIDTH, HEIGHT] = [1301, 903];
const cleanup: (() => unknown)[] = [];
afterEach(() => {
  for (const end of cleanup.splice(0)) end();
});

type Kind = 'png' | 'jpeg' | 'webp';
async function picture(kind: Kind, options: object = {}): Promise<Bytes> {
  const raw = Buffer.alloc(WIDTH * HEIGHT * 3);
  for (let i = 0; i < WIDTH * HEIGHT; i++) {
    raw.fill(grey(i % WIDTH, Math.floor(i / WIDTH)), i * 3, i * 3 + 3);
  }
  const input = sharp(raw, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } });
  return new Uint8Array(await input.toFormat(kind, options).toBuffer());
}

const options = { decode: sharpDecoder };
const open = (bytes: Bytes, name: string) =>
  openSlide({ kind: 'file', file: new File([bytes], name) }, options);

async function valueAt(slide: Slide, level: number, x: number, y: number): Promise<number> {
  const tile = await slide.tile(level, Math.floor(x / TILE), Math.floor(y / TILE));
  if (!isRgba(tile)) throw new Error('bytes expected');
  return tile.data[((y % TILE) * tile.width + (x % TILE)) * 4];
}

describe('a plain picture', () => {
  it.each<[Kind, object]>([
    ['png', {}],
    ['webp', { lossless: true }],
    ['jpeg', { quality: 100 }],
  ])('is a slide without a scale: %s', async (kind, how) => {
    const slide = await open(await picture(kind, how), 'Block 3A.bin');
    expect(slide.info).toMatchObject({ width: WIDTH, height: HEIGHT, mpp: null });
    expect(slide.info.id).toMatch(/^picture-[0-9a-f]{32}$/);
    expect(slide.info.levels.map(({ width, height }) => `${width}x${height}`)).toEqual([
      '1301x903',
      '650x451',
      '325x225',
    ]);
    for (const [x, y] of [
      [0, 0],
      [1300, 902],
      [513, 511],
    ]) {
      expect(Math.abs((await valueAt(slide, 0, x, y)) - grey(x, y))).toBeLessThanOrEqual(
        kind === 'jpeg' ? 3 : 0,
      );
    }
  });

  it('has levels whose pixels are means of whole blocks', async () => {
    const slide = await open(await picture('png'), 'a.png');
    for (const [x, y] of [
      [3, 5],
      [324, 224],
    ]) {
      let sum = 0;
      for (let i = 0; i < 16; i++) sum += grey(4 * x + (i % 4), 4 * y + (i >> 2));
      expect(Math.abs((await valueAt(slide, 2, x, y)) - sum / 16)).toBeLessThanOrEqual(1);
    }
  });

  it('opens by address, from a server without ranges too', async () => {
    const server = await serveFiles([{ name: 'a.png', bytes: await picture('png') }]);
    cleanup.push(server.close);
    const slide = await openSlide({ kind: 'url', url: `${server.url}/a.png?key=1` }, options);
    expect(slide.info).toMatchObject({ name: 'a', width: WIDTH });
  });

  it('keeps the colour profile of a JPEG', async () => {
    const plain = await open(await picture('jpeg'), 'a.jpg');
    expect(await plain.iccProfile?.()).toBeNull();
    const tagged = await sharp(await picture('png'))
      .withIccProfile('p3')
      .jpeg()
      .toBuffer();
    const slide = await open(new Uint8Array(tagged), 'a.jpg');
    const profile = await slide.iccProfile?.();
    const { icc } = await sharp(tagged).metadata();
    expect(Buffer.from(profile ?? [])).toEqual(icc);
  });

  const her2st = dataFile('spatial/her2st/images/B4.jpg');
  it.skipIf(!her2st)(
    'of her2st is read as sharp reads it, within the memory',
    async () => {
      const file = new File([await openAsBlob(her2st ?? '')], 'B4.jpg');
      const slide = await openSlide({ kind: 'file', file }, options);
      expect(slide.info).toMatchObject({ width: 9272, height: 9923 });
      const box = { left: 5000, top: 4100, width: 300, height: 200 };
      const wanted = await sharp(her2st ?? '')
        .extract(box)
        .raw()
        .toBuffer();
      const image = await readRegion(slide, { x: 5000, y: 4100, w: 300, h: 200 }, 300, 200);
      let most = 0;
      for (let i = 0; i < 300 * 200 * 3; i++) {
        const at = Math.floor(i / 3) * 4 + (i % 3);
        most = Math.max(most, Math.abs(image.data[at] - wanted[i]));
      }
      expect(most).toBe(0);
    },
    60_000,
  );
});

describe('bands of a large picture', () => {
  const side = 8192;
  const whole = () => ({
    width: side,
    height: side,
    data: new Uint8ClampedArray(side * side * 4),
  });

  it('are cut from few decodings, and held within the memory', async () => {
    let decoded = 0;
    const bands = new Bands(levelsOf(side, side), async () => {
      decoded++;
      return whole();
    });
    await bands.fill(whole());
    await Promise.all([bands.tile(4, 0, 0), bands.tile(3, 1, 1)]);
    expect(decoded).toBe(0);
    await Promise.all(Array.from({ length: 16 }, (_, col) => bands.tile(0, col, 0)));
    expect(decoded).toBe(1);
    await Promise.all(Array.from({ length: 16 }, (_, row) => bands.tile(0, 0, row)));
    const held = [...(bands as never as { held: Map<string, { bytes: number }> }).held.values()];
    expect(held.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(HELD_BYTES);
    expect(decoded).toBeLessThan(8);
  }, 60_000);

  it('a reader who gives up leaves the others alone', async () => {
    const bands = new Bands(levelsOf(side, side), async () => whole());
    const abort = new AbortController();
    const gone = bands.tile(0, 0, 0, abort.signal);
    const stays = bands.tile(0, 1, 0);
    abort.abort();
    await expect(gone).rejects.toMatchObject({ tag: 'cancelled' });
    expect((await stays).width).toBe(TILE);
  }, 60_000);
});

describe('pictures that cannot be read', () => {
  it('are refused before they are decoded when they claim too much', async () => {
    const bytes = await picture('png');
    const claims = (width: number, height: number) => {
      const copy = bytes.slice();
      new DataView(copy.buffer).setUint32(16, width);
      new DataView(copy.buffer).setUint32(20, height);
      return open(copy, 'a.png');
    };
    for (const [width, height] of [
      [1e9, 1e9],
      [30_000, 10],
      [19_000, 19_000],
    ]) {
      await expect(claims(width, height)).rejects.toMatchObject({
        tag: 'too-large',
        message: expect.stringMatching(/vips dzsave/),
      });
    }
    await expect(claims(0, 10)).rejects.toMatchObject({ tag: 'format' });
  });

  it.each<Kind>(['png', 'jpeg', 'webp'])(
    'cut off anywhere they get a sentence: %s',
    async (kind) => {
      const bytes = await picture(kind);
      for (let i = 0; i < 20; i++) {
        const cut = bytes.slice(0, Math.floor((bytes.length * i) / 20));
        await expect(open(cut, `a.${kind}`)).rejects.toMatchObject({
          tag: expect.stringMatching(/^(format|truncated)$/),
        });
      }
    },
  );

  it('another file under the name of a picture is named', async () => {
    const page = new TextEncoder().encode('<!doctype html><p>Hello');
    await expect(open(page, 'a.png')).rejects.toMatchObject({
      tag: 'format',
      message: expect.stringMatching(/a web page/),
    });
  });

  it('headers full of nonsense give no size', () => {
    expect(readHeader(new Uint8Array([0xff, 0xd8, 0xff]))).toBeNull();
    expect(readHeader(new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 0, 0, 0, 0, 0, 0, 0, 0]))).toBeNull();
    expect(readHeader(new Uint8Array([0xff, 0xd8, ...Array(5000).fill(0xff)]))).toBeNull();
  });
});
