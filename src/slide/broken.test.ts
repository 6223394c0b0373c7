/** Damaged and hostile slides in every web and folder format: one of our sentences, never a hang. */
import { openAsBlob, readdirSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCytolensError } from '../core/errors.ts';
import type { Decoder } from './decode.ts';
import { openSlide } from './formats.ts';
import type { SlideSource } from './slide.ts';
import { dataFile } from './testing/data.ts';
import { type PackedFile, pack, readFolder, writePyramid } from './testing/pyramid.ts';
import { writeZarr } from './testing/zarr.ts';

/** Any bytes are a picture of this size: what is tested lies around the tiles. */
const anyPicture = (width: number, height: number): Decoder => {
  const data = new Uint8ClampedArray(width * height * 4);
  return async () => ({ width, height, data });
};

const single = (name: string, bytes: Uint8Array): SlideSource => ({
  kind: 'file',
  file: new File([new Uint8Array(bytes)], name),
});
const folder = (files: PackedFile[]): SlideSource => ({
  kind: 'files',
  name: 'x',
  files: files.map(({ name, bytes }) => ({
    path: name,
    file: new File([new Uint8Array(bytes)], path.basename(name)),
  })),
});

/** Opens or fails with one of our own sentences; true when it opened. */
async function sane(source: SlideSource, decode: Decoder): Promise<boolean> {
  try {
    const slide = await openSlide(source, { decode });
    await slide.tile(0, 0, 0);
    slide.close();
    return true;
  } catch (error) {
    if (!isCytolensError(error) || error.tag === 'internal') throw error;
    expect(error.message.length).toBeGreaterThan(20);
    return false;
  }
}

const HOSTILE = ['1e9', '-1', '0', '1e999', 'null', '"x"', '[]', '{}', '[[[[', '0.5', '4294967296'];

/** Bytes flipped, cut or, in texts, numbers replaced by hostile ones. */
const mutations = fc.array(
  fc.oneof(
    fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), byte: fc.nat(255) }),
    fc.record({ number: fc.nat(200), token: fc.constantFrom(...HOSTILE) }),
    fc.record({ cut: fc.double({ min: 0, max: 1, noNaN: true }) }),
  ),
  { minLength: 1, maxLength: 4 },
);
type Mutations = typeof mutations extends fc.Arbitrary<infer T> ? T : never;

function mutate(bytes: Uint8Array, changes: Mutations): Uint8Array {
  let out: Uint8Array = bytes.slice();
  for (const change of changes) {
    if ('byte' in change && out.length > 0) {
      out[Math.floor(change.at * (out.length - 1))] = change.byte;
    } else if ('cut' in change) out = out.slice(0, Math.floor(change.cut * out.length));
    else if ('token' in change) out = withToken(out, change.number, change.token);
  }
  return out;
}

function withToken(bytes: Uint8Array, index: number, token: string): Uint8Array {
  const text = new TextDecoder('latin1').decode(bytes);
  const numbers = [...text.matchAll(/\d+(\.\d+)?/g)];
  const found = numbers[index % Math.max(1, numbers.length)];
  if (!found) return bytes;
  const changed = `${text.slice(0, found.index)}${token}${text.slice(found.index + found[0].length)}`;
  return Uint8Array.from(changed, (letter) => letter.charCodeAt(0));
}

const INFO = {
  '@context': 'http://iiif.io/api/image/3/context.json',
  id: 'https://example.com/a',
  type: 'ImageService3',
  profile: 'level0',
  width: 100,
  height: 80,
  tiles: [{ width: 128, height: 128, scaleFactors: [1] }],
  service: { physicalScale: 0.00025, physicalUnits: 'mm' },
};
const iiif = (info: unknown): PackedFile[] => [
  { name: 'a/info.json', bytes: new TextEncoder().encode(JSON.stringify(info)) },
  { name: 'a/full/max/0/default.jpg', bytes: new Uint8Array(9) },
];
const PICTURE = { width: 100, height: 80, value: (x: number, y: number) => (x + y) % 256 };
const ZARR = { axes: 'cyx', chunk: 64, together: 3 } as const;

describe('a fuzz of descriptions and headers', () => {
  it('SZI: directory, local headers and description', async () => {
    const whole = pack(await readFolder(await writePyramid(100, 80)), { zip64: true });
    const decode = anyPicture(50, 40);
    await fc.assert(
      fc.asyncProperty(mutations, async (changes) => {
        await sane(single('a.szi', mutate(whole, changes)), decode);
      }),
      { seed: 20261121, numRuns: 1600 },
    );
  }, 30_000);

  it('IIIF: info.json', async () => {
    const [info, tile] = iiif(INFO);
    expect(await sane(folder([info, tile]), anyPicture(100, 80))).toBe(true);
    await fc.assert(
      fc.asyncProperty(mutations, async (changes) => {
        const damaged = { ...info, bytes: mutate(info.bytes, changes) };
        await sane(folder([damaged, tile]), anyPicture(100, 80));
      }),
      { seed: 20261121, numRuns: 1600 },
    );
  }, 30_000);

  it.each([
    [2, 'zlib', '.zattrs', '0/.zarray'],
    [3, 'gzip', 'zarr.json', '0/zarr.json'],
  ] as const)(
    'OME-Zarr %i: groups and arrays',
    async (version, packed, group, array) => {
      const files = await writeZarr([PICTURE], { ...ZARR, version, packed });
      expect(await sane(folder(files), anyPicture(1, 1))).toBe(true);
      await fc.assert(
        fc.asyncProperty(mutations, fc.constantFrom(group, array, array), async (changes, name) => {
          const damaged = files.map((file) =>
            file.name === name ? { ...file, bytes: mutate(file.bytes, changes) } : file,
          );
          await sane(folder(damaged), anyPicture(1, 1));
        }),
        { seed: 20261121, numRuns: 400 },
      );
    },
    30_000,
  );
});

describe('cut at twenty places', () => {
  const cuts = (bytes: Uint8Array) =>
    Array.from({ length: 20 }, (_, i) => bytes.slice(0, Math.floor((bytes.length * i) / 20)));

  it('an SZI', async () => {
    const whole = pack(await readFolder(await writePyramid()));
    for (const cut of cuts(whole)) {
      expect(await sane(single('a.szi', cut), anyPicture(40, 30))).toBe(false);
    }
  });

  it('the description of a Deep Zoom folder', async () => {
    const files = await readFolder(await writePyramid());
    const dzi = files.find(({ name }) => name.endsWith('.dzi')) ?? files[0];
    // The closing tags are not needed: what counts is read before them.
    for (const bytes of cuts(dzi.bytes).slice(0, 14)) {
      const damaged = files.map((file) => (file === dzi ? { ...dzi, bytes } : file));
      expect(await sane(folder(damaged), anyPicture(1, 1))).toBe(false);
    }
  });

  it('an info.json, and the descriptions and a chunk of an OME-Zarr', async () => {
    const [info, tile] = iiif(INFO);
    for (const bytes of cuts(info.bytes)) {
      expect(await sane(folder([{ ...info, bytes }, tile]), anyPicture(100, 80))).toBe(false);
    }
    const files = await writeZarr([PICTURE], { ...ZARR, version: 3, packed: 'gzip' });
    for (const name of ['zarr.json', '0/zarr.json', '0/c/0/0/0']) {
      const whole = files.find((file) => file.name === name)?.bytes ?? new Uint8Array();
      for (const bytes of cuts(whole)) {
        const damaged = files.map((file) => (file.name === name ? { ...file, bytes } : file));
        expect(await sane(folder(damaged), anyPicture(1, 1))).toBe(false);
      }
    }
  });
});

describe('what is not what it claims', () => {
  it.each([['a.szi'], ['info.json'], ['a.png'], ['a.webp']])(
    'a web page in place of %s',
    async (name) => {
      const page = new TextEncoder().encode('<!doctype html><title>Sign in</title>');
      const source = name === 'info.json' ? folder(iiif({})) : single(name, page);
      if (source.kind === 'files') source.files[0].file = new File([page], name);
      await expect(openSlide(source, { decode: anyPicture(1, 1) })).rejects.toMatchObject({
        tag: 'format',
        message: expect.stringMatching(/a web page/),
      });
    },
  );

  it('an SZI whose entries claim more than the file holds is not read', async () => {
    const files = await readFolder(await writePyramid());
    const whole = pack(files);
    const view = new DataView(whole.buffer);
    for (let at = 0; at < whole.length - 46; at++) {
      if (view.getUint32(at, true) !== 0x02014b50) continue;
      view.setUint32(at + 20, 0x7fffffff, true);
      view.setUint32(at + 24, 0x7fffffff, true);
    }
    await expect(
      openSlide(single('a.szi', whole), { decode: anyPicture(1, 1) }),
    ).rejects.toMatchObject({ tag: 'format' });
  });

  it('an SZI that is packed is not unpacked, so no bomb goes off', async () => {
    const files = await readFolder(await writePyramid());
    const packed = pack(files, { method: 8 });
    await expect(
      openSlide(single('a.szi', packed), { decode: anyPicture(1, 1) }),
    ).rejects.toMatchObject({ tag: 'unsupported', message: expect.stringMatching(/stored/) });
  });

  const broken = dataFile('slides/broken');
  it.skipIf(!broken)('each broken slide of the shared data gets a sentence', async () => {
    for (const name of readdirSync(broken ?? '')) {
      const bytes = await openAsBlob(path.join(broken ?? '', name));
      const source: SlideSource = { kind: 'file', file: new File([bytes], name) };
      expect(await sane(source, anyPicture(1, 1))).toBe(false);
    }
  });
});
