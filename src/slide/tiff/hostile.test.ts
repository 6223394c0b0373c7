/** Damaged and hostile TIFFs: a sentence each time, soon, and little memory. */
import { beforeAll, describe, expect, it } from 'vitest';
import { isCytolensError } from '../../core/errors.ts';
import { mulberry32 } from '../../core/random.ts';
import { type ByteSource, truncated } from '../bytes.ts';
import type { TileCodec } from '../codecs/codec.ts';
import { directCodec } from '../codecs/codecs.ts';
import { sharpDecoder } from '../testing/data.ts';
import { TAG } from './picture.ts';
import { jpegPicture } from './testing/pictures.ts';
import { type TestPicture, tiffBytes } from './testing/write.ts';
import { openTiff } from './tiff.ts';

type File = Uint8Array<ArrayBuffer>;

/** A file in memory that counts the bytes read of it. */
function counted(bytes: File): ByteSource & { seen: { sum: number } } {
  const seen = { sum: 0 };
  return {
    size: bytes.length,
    seen,
    async read(offset, length) {
      const inside = offset >= 0 && length >= 0 && offset + length <= bytes.length;
      if (!inside) throw truncated(`${length} bytes at ${offset}`);
      seen.sum += length;
      return bytes.slice(offset, offset + length);
    },
  };
}

const real = directCodec(sharpDecoder);
/** Gives a blank tile at once: what is tested is what the headers make us do. */
const blank: TileCodec = async ({ width, height }) => ({
  width,
  height,
  data: new Uint8ClampedArray(width * height * 4),
});

/** What opening and drawing every level's first tile ends in: null, or the error. */
async function outcome(bytes: File, codec: TileCodec = real): Promise<unknown> {
  try {
    const slide = await openTiff(counted(bytes), { name: 'x', facts: {}, codec });
    for (const index of slide.info.levels.keys()) await slide.tile(index, 0, 0);
    for (const kind of slide.info.associated ?? []) await slide.associatedImage?.(kind);
    await slide.iccProfile?.();
    return null;
  } catch (error) {
    return error;
  }
}

const isSentence = (error: unknown) =>
  isCytolensError(error) && error.tag !== 'internal' && /^[A-Z].{20,}[.:]/.test(error.message);

let fixtures: Record<string, File>;

beforeAll(async () => {
  const about = 'Aperio Image Library\n300x200|AppMag = 40|MPP = 0.25';
  const ome =
    '<OME><Image Name="a"><Pixels SizeX="200" SizeY="150" PhysicalSizeX="0.5" PhysicalSizeY="0.5"/></Image></OME>';
  const level = (width: number, height: number, description?: string) =>
    jpegPicture(width, height, { tags: description ? { [TAG.description]: description } : {} });
  const label = await jpegPicture(30, 20, {
    tile: 0,
    tags: { [TAG.description]: 'Aperio\nlabel 30x20' },
  });
  const [a, b] = [await level(200, 150), await level(100, 75)];
  fixtures = {
    plain: tiffBytes([a, b]),
    bigEndian: tiffBytes([a, b], { littleEndian: false }),
    big: tiffBytes([a, b], { big: true }),
    aperio: tiffBytes([await level(200, 150, about), b, label]),
    ome: tiffBytes([{ ...(await level(200, 150, ome)), subPictures: [b] }], { big: true }),
  };
});

describe('a TIFF that is', () => {
  it('whole opens, each of these', async () => {
    for (const [name, bytes] of Object.entries(fixtures)) {
      expect(await outcome(bytes), name).toBeNull();
    }
  });

  it('cut off at 20 places ends in a sentence', async () => {
    for (const [name, bytes] of Object.entries(fixtures)) {
      for (let k = 0; k < 20; k++) {
        const cut = bytes.slice(0, Math.floor((bytes.length * k) / 20));
        expect(await outcome(cut), `${name} cut at ${k}/20`).toSatisfy(isSentence);
      }
    }
  });

  it('something else says what it seems to be', async () => {
    const png = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, ...new Array(60).fill(0));
    expect(await outcome(png)).toMatchObject({ tag: 'format', message: /a PNG picture/ });
    expect(await outcome(new Uint8Array(0))).toMatchObject({ tag: 'format' });
  });

  it('a circle of directories ends', async () => {
    const bytes = fixtures.plain.slice();
    const view = new DataView(bytes.buffer);
    const first = view.getUint32(4, true);
    const next = first + 2 + 12 * view.getUint16(first, true);
    view.setUint32(next, first, true);
    expect(await outcome(bytes)).toMatchObject({ tag: 'format', detail: /circle/ });
  });

  it('a circle of sub-directories ends', async () => {
    const picture = await jpegPicture(200, 150, { tags: { [TAG.subIfds]: [16] } });
    const bytes = tiffBytes([picture]);
    const view = new DataView(bytes.buffer);
    const first = view.getUint32(4, true);
    for (let entry = first + 2; ; entry += 12) {
      if (view.getUint16(entry, true) !== TAG.subIfds) continue;
      view.setUint16(entry + 2, 4, true);
      view.setUint32(entry + 8, first, true);
      break;
    }
    expect(await outcome(bytes)).toBeNull();
  });

  const claims = (more: Partial<TestPicture>): TestPicture => ({
    ...{ width: 256, height: 256, tile: 256, tiles: () => new Uint8Array(100) },
    ...more,
  });
  it.each([
    [
      'a tile of 10^9 px',
      claims({ tags: { [TAG.tileWidth]: [32_768], [TAG.tileHeight]: [32_768] } }),
      'too-large',
    ],
    ['a tile without width', claims({ tags: { [TAG.tileWidth]: [0] } }), 'format'],
    ['a side of 4,000,000,000 px', claims({ tags: { [TAG.width]: [4_000_000_000] } }), 'format'],
    [
      'more tiles than places',
      claims({ tags: { [TAG.width]: [10_000_000], [TAG.height]: [10_000_000] } }),
      'format',
    ],
    ['tiles beyond the end', claims({ tags: { [TAG.tileOffsets]: [4_000_000_000] } }), 'truncated'],
    ['a tile of gigabytes', claims({ tags: { [TAG.tileCounts]: [2_000_000_000] } }), 'format'],
    ['a compression of its own', claims({ tags: { [TAG.compression]: [60_000] } }), 'unsupported'],
    ['seven samples', claims({ tags: { [TAG.samples]: [7] } }), 'unsupported'],
    ['a tile that is no JPEG', claims({}), 'format'],
  ] as const)('claims %s is refused in words', async (_, picture, tag) => {
    const error = await outcome(tiffBytes([picture]));
    expect(error).toMatchObject({ tag });
    expect(error).toSatisfy(isSentence);
  });

  it('claims billions of tiles costs no memory', async () => {
    const bytes = tiffBytes([claims({})], { big: true });
    const view = new DataView(bytes.buffer);
    const first = Number(view.getBigUint64(8, true));
    const entries = Number(view.getBigUint64(first, true));
    for (let e = 0; e < entries; e++) {
      const entry = first + 8 + 20 * e;
      const tag = view.getUint16(entry, true);
      if (tag === TAG.tileOffsets || tag === TAG.tileCounts) {
        view.setBigUint64(entry + 4, 4_000_000_000n, true);
      }
    }
    const source = counted(bytes);
    await expect(openTiff(source, { name: 'x', facts: {}, codec: real })).rejects.toSatisfy(
      isSentence,
    );
    expect(source.seen.sum).toBeLessThan(bytes.length + 1e6);
  });

  it.each(['lzw', 'deflate'])(
    'unfolds to more than its tile (%s) costs no memory',
    async (kind) => {
      const { deflateSync } = await import('node:zlib');
      const tile = new Uint8Array(deflateSync(Buffer.alloc(64 * 2 ** 20)));
      const compression = kind === 'lzw' ? 5 : 8;
      const tags = { [TAG.compression]: [compression], [TAG.photometric]: [2] };
      const before = process.memoryUsage().arrayBuffers;
      const error = await outcome(tiffBytes([claims({ tags, tiles: () => tile })]));
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16e6);
      // Those bytes are no LZW; as deflate their beginning is the tile.
      if (kind === 'lzw') expect(error).toSatisfy(isSentence);
      else expect(error).toBeNull();
    },
  );
});

describe('mutated headers', () => {
  const ROUNDS = 5000;

  /** One to eight bytes changed outside of the first tiles, or the end cut off. */
  function mutate(bytes: File, next: () => number): File {
    const out = bytes.slice(0, next() < 0.05 ? Math.floor(next() * bytes.length) : bytes.length);
    const any = (count: number) => Math.floor(next() * count);
    // Directories and their values lie behind the tiles.
    const begin = Math.max(0, out.length - 1600);
    for (let k = any(8); k >= 0 && out.length > 0; k--) {
      const at = next() < 0.1 ? any(Math.min(16, out.length)) : begin + any(out.length - begin);
      const flavours = [0, 1, 0x7f, 0x80, 0xff, any(256), out[at] ^ (1 << any(8))];
      out[at] = flavours[any(flavours.length)];
    }
    return out;
  }

  it(`end in a slide or in a sentence, each of ${ROUNDS}`, async () => {
    const next = mulberry32(20261121);
    const names = Object.keys(fixtures);
    let refused = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const name = names[round % names.length];
      const bytes = mutate(fixtures[name], next);
      const begun = performance.now();
      const error = await outcome(bytes, blank);
      // Not a timing of the machine: a reading that hangs, or loops over billions, never ends.
      expect(performance.now() - begun, `${name}, round ${round}`).toBeLessThan(2000);
      if (error === null) continue;
      refused++;
      if (!isSentence(error)) throw new Error(`${name}, round ${round}`, { cause: error });
    }
    expect(refused).toBeGreaterThan(ROUNDS / 10);
    expect(refused).toBeLessThan(ROUNDS);
  }, 60_000);
});
