import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { throwIfAborted } from '../../core/errors.ts';
import type { ByteSource } from '../bytes.ts';
import { paged } from './paged.ts';

const PAGE = 64 * 1024;
const SIZE = 5 * PAGE + 1000;
const content = Uint8Array.from({ length: SIZE }, (_, i) => (i * 31 + (i >> 8)) % 251);

function source(): ByteSource & { reads: [number, number][] } {
  const reads: [number, number][] = [];
  return {
    size: SIZE,
    reads,
    async read(offset, length, signal) {
      reads.push([offset, length]);
      await new Promise((resolve) => setTimeout(resolve, 0));
      throwIfAborted(signal);
      if (offset + length > SIZE) throw new Error('beyond the end');
      return content.slice(offset, offset + length);
    },
  };
}

describe('paged reading', () => {
  it('gives the very bytes of the source, in whatever order it is asked', async () => {
    const place = fc.tuple(fc.nat(SIZE - 1), fc.nat(3 * PAGE));
    await fc.assert(
      fc.asyncProperty(fc.array(place, { minLength: 1, maxLength: 8 }), async (places) => {
        const pages = paged(source());
        for (const [at, most] of places) {
          const length = Math.min(most + 1, SIZE - at);
          const bytes = await pages.read(at, length);
          expect(Buffer.from(bytes).equals(content.subarray(at, at + length))).toBe(true);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('asks once for neighbouring pages, and not again for what it holds', async () => {
    const below = source();
    const pages = paged(below);
    await pages.read(PAGE + 10, 2 * PAGE);
    expect(below.reads).toEqual([[PAGE, 3 * PAGE]]);
    await Promise.all([pages.read(PAGE, 8), pages.read(2 * PAGE, 8), pages.read(10, PAGE)]);
    expect(below.reads).toEqual([
      [PAGE, 3 * PAGE],
      [0, PAGE],
    ]);
  });

  it('reads for one what another gave up', async () => {
    const pages = paged(source());
    const abort = new AbortController();
    const given = expect(pages.read(0, 8, abort.signal)).rejects.toMatchObject({
      tag: 'cancelled',
    });
    const kept = pages.read(4, 4);
    abort.abort();
    await given;
    expect([...(await kept)]).toEqual([...content.subarray(4, 8)]);
  });

  it('leaves a reading beyond the end to the source', async () => {
    await expect(paged(source()).read(SIZE - 4, 8)).rejects.toThrow('beyond the end');
  });
});
