import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes } from '../../core/arrays.ts';
import { type ByteSource, type Bytes, blobSource } from '../bytes.ts';
import { fileFrames } from './frames.ts';
import { readHeader } from './header.ts';
import { imageOf } from './image.ts';
import {
  EXPLICIT,
  encapsulate,
  flat,
  JPEG,
  part10,
  plainFile,
  type Table,
  wsi,
} from './testing/write.ts';

const counted = (bytes: Bytes) => {
  const blob = blobSource(new Blob([bytes]));
  const source = {
    size: blob.size,
    bytesRead: 0,
    read: (offset: number, length: number) => {
      source.bytesRead += length;
      return blob.read(offset, length);
    },
  };
  return source;
};

async function framesOf(source: ByteSource) {
  const header = await readHeader(source, () => null);
  return fileFrames(source, header, imageOf(header.attributes, null));
}

/** A file of a row of frames that begin as JPEG does, cut into fragments. */
function compressed(frames: readonly (readonly Bytes[])[], table: Table): Bytes {
  const said = wsi({ width: frames.length * 4, height: 4, tile: 4 });
  const { elements, tail } = encapsulate(frames, table);
  return part10(JPEG, [...said, ...elements], tail);
}

function jpegLike(length: number, seed: number): Bytes {
  const bytes = Uint8Array.from({ length: Math.max(4, length) }, (_, i) => (i * 31 + seed) % 255);
  bytes.set([0xff, 0xd8]);
  return bytes;
}

describe('fileFrames', () => {
  it('finds every frame with any table and without one, in any order, however it is cut', async () => {
    const lengths = fc.array(fc.integer({ min: 4, max: 20_000 }), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(
        lengths,
        fc.constantFrom<Table>('none', 'basic', 'extended'),
        fc.integer({ min: 1, max: 3 }),
        async (all, table, cuts) => {
          const frames = all.map((length, i) => jpegLike(length & ~1, i));
          // An extended table is for frames of one fragment (PS3.5, A.4).
          const parts = frames.map((frame) => cut(frame, table === 'extended' ? 1 : cuts));
          const source = await framesOf(blobSource(new Blob([compressed(parts, table)])));
          const order = frames.map((_, i) => i).reverse();
          const read = await Promise.all(order.map((i) => source.frame(i)));
          read.forEach(({ bytes }, k) => {
            expect(Buffer.from(bytes).equals(frames[order[k]])).toBe(true);
          });
        },
      ),
      { numRuns: 60, seed: 4 },
    );
  });

  it('steps only as far as the frame that is asked for', async () => {
    const frames = Array.from({ length: 40 }, (_, i) => [jpegLike(40_000, i)]);
    const source = counted(compressed(frames, 'none'));
    const { frame } = await framesOf(source);
    source.bytesRead = 0;
    await frame(2);
    expect(source.bytesRead).toBeLessThan(200_000);
    await frame(39);
    // The way there is headers, not pixels.
    expect(source.bytesRead).toBeLessThan(300_000);
  });

  it('reads plain frames where they must lie', async () => {
    const source = counted(plainFile({ width: 64, height: 32, tile: 8 }));
    const { frame } = await framesOf(source);
    source.bytesRead = 0;
    expect((await frame(31)).bytes).toEqual(flat(8, 31));
    expect(source.bytesRead).toBe(8 * 8 * 3);
  });

  it('passes over a 32-bit table whose offsets ran over', async () => {
    const frames = Array.from({ length: 3 }, (_, i) => [jpegLike(100, i)]);
    const bytes = compressed(frames, 'basic');
    const table = new DataView(bytes.buffer, indexOfPixels(bytes) + 20);
    table.setUint32(8, 0, true);
    const { frame } = await framesOf(blobSource(new Blob([bytes])));
    expect((await frame(2)).bytes).toEqual(frames[2][0]);
  });

  it.each([
    ['a million frames in a kilobyte', { frames: 1_000_000 }, JPEG, 'truncated'],
    ['more plain frames than bytes', { frames: 1000 }, EXPLICIT, 'truncated'],
    ['10^9 frames', { frames: 1e9 }, JPEG, 'too-large'],
    ['a picture of 10^9 x 10^9 px', { width: 1e9, height: 1e9, frames: 10 }, JPEG, 'too-large'],
  ])('refuses %s at once', async (_, claim, syntax, tag) => {
    const elements = wsi({ width: 16, height: 16, tile: 8, ...claim });
    const { tail } = encapsulate([[jpegLike(100, 1)]], 'none');
    const bytes =
      syntax === JPEG
        ? part10(JPEG, elements, tail)
        : part10(EXPLICIT, [...elements, [0x7fe00010, 'OB', flat(8, 1)]]);
    await expect(framesOf(blobSource(new Blob([bytes])))).rejects.toMatchObject({ tag });
  });

  it('says that a file was cut short, wherever it was cut', async () => {
    for (const table of ['none', 'basic', 'extended'] as const) {
      const frames = Array.from({ length: 6 }, (_, i) => [jpegLike(500, i)]);
      const bytes = compressed(frames, table);
      for (let k = 1; k <= 20; k++) {
        const short = bytes.slice(0, Math.floor((bytes.length * k) / 21));
        const all = framesOf(blobSource(new Blob([short]))).then(({ frame }) => frame(5));
        await expect(all).rejects.toMatchObject({ tag: expect.stringMatching(/truncated|format/) });
      }
    }
  });

  it('says so when there are fewer frames than promised', async () => {
    const { tail } = encapsulate([[jpegLike(100, 1)], [jpegLike(100, 2)]], 'none');
    const bytes = part10(
      JPEG,
      wsi({ width: 32, height: 8, tile: 8 }),
      concatBytes([tail, new Uint8Array(64)]),
    );
    const { frame } = await framesOf(blobSource(new Blob([bytes])));
    expect((await frame(1)).bytes[2]).toBe(jpegLike(100, 2)[2]);
    await expect(frame(3)).rejects.toMatchObject({ tag: 'not-found' });
  });
});

function cut(frame: Bytes, parts: number): Bytes[] {
  const step = Math.max(2, Math.ceil(frame.length / parts / 2) * 2);
  const all: Bytes[] = [];
  for (let at = 0; at < frame.length; at += step) all.push(frame.slice(at, at + step));
  return all;
}

/** Where the element Pixel Data begins. */
function indexOfPixels(bytes: Bytes): number {
  return Buffer.from(bytes).indexOf(Buffer.from([0xe0, 0x7f, 0x10, 0x00]));
}
