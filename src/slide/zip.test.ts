import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCytolensError } from '../core/errors.ts';
import { type ByteSource, blobSource } from './bytes.ts';
import { type PackOptions, pack } from './testing/pyramid.ts';
import { readDirectory, readEntry, type ZipEntry } from './zip.ts';

const FILES = [
  { name: 'a.txt', bytes: new TextEncoder().encode('first') },
  { name: 'folder/größe.bin', bytes: new Uint8Array(5000).fill(7) },
  { name: 'folder/empty', bytes: new Uint8Array(0) },
];

const sourceOf = (bytes: Uint8Array<ArrayBuffer>): ByteSource => blobSource(new Blob([bytes]));

async function list(source: ByteSource): Promise<ZipEntry[]> {
  const entries: ZipEntry[] = [];
  await readDirectory(source, (entry) => entries.push(entry));
  return entries;
}

describe('a stored ZIP', () => {
  it.each<[string, PackOptions]>([
    ['plain', {}],
    ['ZIP64', { zip64: true }],
    ['with longer local headers than its directory says', { localExtra: 40 }],
    ['with a comment', { comment: 'a comment with PK\u0005\u0006 inside, as some tools write' }],
  ])('is read: %s', async (_, options) => {
    const source = sourceOf(pack(FILES, options));
    const entries = await list(source);
    expect(entries.map(({ name }) => name)).toEqual(FILES.map(({ name }) => name));
    for (const [i, entry] of entries.entries()) {
      expect(await readEntry(source, entry)).toEqual(FILES[i].bytes);
    }
  });

  it('costs one read an entry, none for a small directory beyond the tail', async () => {
    const source = sourceOf(pack(FILES));
    let reads = 0;
    const counting: ByteSource = {
      size: source.size,
      read: (...args) => {
        reads++;
        return source.read(...args);
      },
    };
    const entries = await list(counting);
    expect(reads).toBe(1);
    await readEntry(counting, entries[1]);
    expect(reads).toBe(2);
  });

  it('is listed though its directory is read in several pieces', async () => {
    const many = Array.from({ length: 60_000 }, (_, i) => ({
      name: `slide_files/15/${'x'.repeat(40)}${i}.jpeg`,
      bytes: new Uint8Array(0),
    }));
    const entries = await list(sourceOf(pack(many)));
    expect(entries).toHaveLength(60_000);
    expect(entries[59_999].name).toBe(many[59_999].name);
  });

  it.each<[string, Uint8Array<ArrayBuffer>, string, RegExp]>([
    ['compressed', pack(FILES, { method: 8 }), 'unsupported', /zip -0 -r slide\.szi folder/],
    ['encrypted', pack(FILES, { flags: 1 }), 'unsupported', /password/],
    ['cut off', pack(FILES).slice(0, 3000), 'truncated', /ends before its content/],
    ['a PNG', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10), 'format', /a PNG picture/],
    ['empty', new Uint8Array(0), 'format', /an empty file/],
    ['a page', new TextEncoder().encode('<!DOCTYPE html><p>404'), 'format', /a web page/],
  ])('is refused with a sentence: %s', async (_, bytes, tag, sentence) => {
    await expect(list(sourceOf(bytes))).rejects.toMatchObject({
      tag,
      message: expect.stringMatching(sentence),
    });
  });

  it.each([
    ['offset of the directory', 16, 0xfffffff0],
    ['size of the directory', 12, 0x7fffffff],
    ['number of entries', 10, 0xfffe],
  ])('with a hostile %s is refused', async (_, field, value) => {
    const bytes = pack(FILES);
    const view = new DataView(bytes.buffer, bytes.length - 22);
    if (field === 10) view.setUint16(field, value, true);
    else view.setUint32(field, value, true);
    await expect(list(sourceOf(bytes))).rejects.toMatchObject({ tag: 'format' });
  });

  it('never fails in another way than ours, whatever bytes are flipped', async () => {
    const good = pack(FILES, { zip64: true });
    const flips = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(flips, async (changes) => {
        const bytes = good.slice();
        for (const [at, value] of changes) bytes[at] = value;
        const source = sourceOf(bytes);
        try {
          for (const entry of await list(source)) await readEntry(source, entry);
        } catch (error) {
          expect(isCytolensError(error)).toBe(true);
          expect(isCytolensError(error, 'internal')).toBe(false);
        }
      }),
      { numRuns: 300 },
    );
  });
});
