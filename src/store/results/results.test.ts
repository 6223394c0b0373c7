import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sliceCells } from '../../core/cells.ts';
import { CytolensError } from '../../core/errors.ts';
import { DATA_FILES, type DataFile, type ResultFiles } from './files.ts';
import { cellBytes, evidenceBytes } from './layout.ts';
import { openResults, type ReadOptions, type ResultReader, type StoredField } from './reader.ts';
import { seal } from './seal.ts';
import { TOKENS, testEvidence, testField, testHead, testIndex } from './testing/fields.ts';
import { type MemoryFiles, memoryFiles } from './testing/memory.ts';
import { ResultWriter } from './writer.ts';

async function listed(reader: ResultReader, options?: ReadOptions): Promise<StoredField[]> {
  const fields: StoredField[] = [];
  for await (const field of reader.fields(options)) fields.push(field);
  return fields;
}

/** What reading field `i`, written as `testField(seed)`, must give back. */
function expected(i: number, seed = i): StoredField {
  const { tokens, ...field } = testField(seed);
  return { ...field, i, head: 0, cells: sliceCells(field.cells) };
}

async function written(count: number): Promise<MemoryFiles> {
  const files = memoryFiles();
  const writer = await ResultWriter.create(files, testIndex());
  for (let i = 0; i < count; i++) writer.add(testField(i));
  return files;
}

describe('a results folder', () => {
  it('gives back every field as it was written', async () => {
    const reader = await openResults(await written(8));
    expect(await listed(reader)).toEqual(Array.from({ length: 8 }, (_, i) => expected(i)));
    expect(await listed(reader, { from: 6 })).toEqual([expected(6), expected(7)]);
    expect(reader.index).toEqual(testIndex());
  });

  it('of a version that did not look at the stain opens, and does not know it', async () => {
    const files = await written(3);
    const lines = new TextDecoder().decode(files.bytes.get('fields.jsonl')).trimEnd().split('\n');
    const older = lines.map((text) => {
      const { crc: _, stain: __, ...line } = JSON.parse(text);
      const part = (name: DataFile, at: number, length: number) =>
        (files.bytes.get(name) as Uint8Array).subarray(at, at + length);
      const cells = part('cells.bin', line.cellsAt, cellBytes(line.cells));
      return seal(line, cells, part('evidence.bin', line.evidenceAt, evidenceBytes(TOKENS)));
    });
    files.bytes.set('fields.jsonl', new TextEncoder().encode(older.join('')));
    const fields = await listed(await openResults(files));
    expect(fields).toEqual([0, 1, 2].map((i) => ({ ...expected(i), stain: null })));
    // A newer version goes on with it, and knows the fields that it sees itself.
    const writer = await ResultWriter.resume(files, testHead('a'));
    writer.add(testField(3));
    expect((await listed(await openResults(files)))[3]).toEqual(expected(3));
  });

  it('gives back tokens on demand, and none where none were kept', async () => {
    const files = await written(2);
    const writer = await ResultWriter.resume(files, testHead('a'));
    writer.add(testField(2, 3, false));
    writer.add(testField(3));
    const reader = await openResults(files);
    for (const i of [3, 0, 1]) expect(await reader.tokensOf(i)).toEqual(testField(i).tokens);
    expect(await reader.tokensOf(2)).toBeNull();
    expect(await writer.reader.tokensOf(3)).toEqual(testField(3).tokens);
  });

  it('refuses tokens that changed', async () => {
    const files = await written(3);
    (files.bytes.get('tokens.bin') as Uint8Array)[70] ^= 1;
    const reader = await openResults(files);
    expect(reader.count).toBe(3);
    expect(await reader.tokensOf(0)).toEqual(testField(0).tokens);
    await expect(reader.tokensOf(1)).rejects.toMatchObject({ tag: 'format' });
  });

  it('keeps the answers of several heads apart', async () => {
    const files = await written(3);
    const writer = await ResultWriter.resume(files, testHead('a'));
    await writer.setHead(testHead('b'));
    writer.answer(1, testEvidence(50));
    writer.add(testField(3));
    const reader = await openResults(files);
    const b = reader.headOf(testHead('b'));
    expect(b).toBe(1);
    expect((await listed(reader, { head: b })).map(({ head }) => head)).toEqual([0, 1, 0, 1]);
    expect((await listed(reader, { head: b }))[1]).toEqual({
      ...expected(1),
      ...testEvidence(50),
      head: 1,
    });
    expect((await listed(reader, { head: 0 })).slice(0, 3)).toEqual(
      [0, 1, 2].map((i) => expected(i)),
    );
    await writer.setHead(testHead('a'));
    expect(writer.index.heads).toHaveLength(2);
  });

  it('is followed by a reader while it grows', async () => {
    const files = await written(2);
    const reader = await openResults(files);
    const writer = await ResultWriter.resume(files, testHead('a'));
    writer.add(testField(2));
    await writer.update({ state: 'done' });
    expect(await reader.refresh()).toBe(1);
    expect(await listed(reader, { from: 2 })).toEqual([expected(2)]);
    expect(reader.index.state).toBe('done');
    expect(await reader.refresh()).toBe(0);
    await ResultWriter.create(files, { ...testIndex(), created: '2026-11-22T00:00:00.000Z' });
    await expect(reader.refresh()).rejects.toMatchObject({ tag: 'format' });
  });

  it('begins anew without what was there', async () => {
    const files = await written(5);
    const writer = await ResultWriter.create(files, testIndex());
    writer.add(testField(9));
    expect(await listed(await openResults(files))).toEqual([expected(0, 9)]);
  });

  it('reports how far it is, and stops when asked', async () => {
    const files = await written(4);
    const shares: number[] = [];
    const reader = await openResults(files, { onProgress: (share) => shares.push(share) });
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares.at(-1)).toBe(1);
    const stop = new AbortController();
    stop.abort();
    const { signal } = stop;
    await expect(openResults(files, { signal })).rejects.toMatchObject({ tag: 'cancelled' });
    await expect(listed(reader, { signal })).rejects.toMatchObject({ tag: 'cancelled' });
  });

  it.each([
    ['a logit that is no number', { logit: Number.NaN }],
    ['attention of another grid', { attention: new Float32Array(5) }],
    [
      'tokens of another encoder',
      { tokens: { classToken: new Float32Array(3), patchTokens: new Float32Array(18) } },
    ],
  ])('takes no field with %s', async (_, change) => {
    const files = await written(1);
    const writer = await ResultWriter.resume(files, testHead('a'));
    expect(() => writer.add({ ...testField(1), ...change })).toThrow(CytolensError);
    writer.add(testField(2));
    expect(await listed(await openResults(files))).toEqual([expected(0), expected(1, 2)]);
  });
});

describe('after a crash', () => {
  /** Three fields, another head's answer, a field of that head: every kind of line. */
  async function mixed(): Promise<MemoryFiles> {
    const files = await written(3);
    const writer = await ResultWriter.resume(files, testHead('a'));
    await writer.setHead(testHead('b'));
    writer.answer(0, testEvidence(60));
    writer.add(testField(3));
    return files;
  }
  const whole = [0, 1, 2, 3].map((i) => ({ ...expected(i), head: i === 3 ? 1 : 0 }));

  async function staysTrue(files: MemoryFiles): Promise<void> {
    const fields = await listed(await openResults(files));
    expect(fields).toEqual(whole.slice(0, fields.length));
    // Going on works, and leaves nothing torn between old and new.
    const writer = await ResultWriter.resume(files, testHead('a'));
    writer.add(testField(7));
    const reader = await openResults(files);
    expect(await listed(reader)).toEqual([...fields, expected(fields.length, 7)]);
    expect(await reader.tokensOf(fields.length)).toEqual(testField(7).tokens);
    for (const name of DATA_FILES) {
      expect(await files.size(name)).toBe(reader.journal.ends[name]);
    }
  }

  it('a file cut anywhere leaves a prefix', async () => {
    const good = await mixed();
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.tuple(fc.constantFrom(...DATA_FILES), fc.double({ min: 0, max: 1, noNaN: true })),
          {
            minLength: 1,
            maxLength: 3,
          },
        ),
        async (cuts) => {
          const files = good.copy();
          for (const [name, share] of cuts) {
            files.truncate(name, Math.floor(share * (files.bytes.get(name)?.length ?? 0)));
          }
          await staysTrue(files);
        },
      ),
      { numRuns: 100 },
    );
  }, 60_000);

  it('bytes changed anywhere leave a prefix', async () => {
    const good = await mixed();
    // Tokens are checked when they are read, see above.
    const names = DATA_FILES.filter((name) => name !== 'tokens.bin');
    const flip = fc.tuple(
      fc.constantFrom(...names),
      fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
      fc.integer({ min: 1, max: 255 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(flip, { minLength: 1, maxLength: 4 }), async (flips) => {
        const files = good.copy();
        for (const [name, share, mask] of flips) {
          const bytes = files.bytes.get(name) as Uint8Array;
          bytes[Math.floor(share * bytes.length)] ^= mask;
        }
        await staysTrue(files);
      }),
      { numRuns: 100 },
    );
  }, 60_000);

  it('loses the field in flight alone, wherever writing stopped', async () => {
    const before = await written(2);
    const after = before.copy();
    (await ResultWriter.resume(after, testHead('a'))).add(testField(2));
    for (const stopped of DATA_FILES) {
      const order = DATA_FILES.indexOf(stopped);
      const files = before.copy();
      for (const [k, name] of DATA_FILES.entries()) {
        const bytes = after.bytes.get(name) as Uint8Array<ArrayBuffer>;
        const old = before.bytes.get(name)?.length ?? 0;
        const end =
          k < order ? bytes.length : k > order ? old : Math.floor((old + bytes.length) / 2);
        files.bytes.set(name, bytes.slice(0, end));
      }
      const fields = await listed(await openResults(files));
      expect(fields).toEqual([expected(0), expected(1)]);
    }
  });

  it('a full disk keeps what was finished, and takes the field later', async () => {
    for (const failing of DATA_FILES) {
      const files = await written(2);
      const torn = tearing(files, failing);
      const writer = await ResultWriter.resume(torn.files, testHead('a'));
      torn.full = true;
      expect(() => writer.add(testField(2))).toThrow('full');
      expect(await listed(await openResults(files))).toEqual([expected(0), expected(1)]);
      torn.full = false;
      writer.add(testField(2));
      expect(await listed(await openResults(files))).toEqual([0, 1, 2].map((i) => expected(i)));
    }
  });
});

/** Files of which one takes only half of what is appended while the disk is full. */
function tearing(files: MemoryFiles, failing: DataFile): { files: ResultFiles; full: boolean } {
  const state = { full: false };
  return Object.assign(state, {
    files: {
      ...files,
      append(name: DataFile, bytes: Uint8Array) {
        if (!state.full || name !== failing) return files.append(name, bytes);
        files.append(name, bytes.subarray(0, bytes.length >> 1));
        throw new CytolensError('quota', 'full');
      },
    },
  });
}
