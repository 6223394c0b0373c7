import { execFileSync } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blobSource } from '../../slide/bytes.ts';
import { pack } from '../../slide/testing/pyramid.ts';
import { readDirectory, readEntry, type ZipEntry } from '../../slide/zip.ts';
import { directoryFiles, zipFiles } from './archive.ts';
import { exportResults } from './export-results.ts';
import { openResults, type ResultReader, type StoredField } from './reader.ts';
import { testEvidence, testField, testHead, testIndex } from './testing/fields.ts';
import { memoryFiles } from './testing/memory.ts';
import { ResultWriter } from './writer.ts';
import { storedZip, type ZipFile } from './zip-writer.ts';

const TIME = new Date('2026-11-21T12:00:00');

async function blobOf(pieces: AsyncIterable<Uint8Array<ArrayBuffer>>): Promise<Blob> {
  const parts: BlobPart[] = [];
  for await (const piece of pieces) parts.push(piece);
  return new Blob(parts);
}

async function writer(count: number): Promise<ResultWriter> {
  const made = await ResultWriter.create(memoryFiles(), testIndex());
  for (let i = 0; i < count; i++) made.add(testField(i));
  return made;
}

async function listed(reader: ResultReader): Promise<StoredField[]> {
  const fields: StoredField[] = [];
  for await (const field of reader.fields()) fields.push(field);
  return fields;
}

describe('an exported archive', () => {
  it('opens elsewhere with every field and its tokens', async () => {
    const { reader } = await writer(6);
    const shares: number[] = [];
    const onProgress = (share: number) => shares.push(share);
    const archive = await blobOf(exportResults(reader, TIME, { onProgress }));
    expect(shares.at(-1)).toBeCloseTo(1, 9);
    const opened = await openResults(await zipFiles(archive));
    expect(opened.index).toEqual(reader.index);
    expect(await listed(opened)).toEqual(await listed(reader));
    expect(await opened.tokensOf(5)).toEqual(testField(5).tokens);
  });

  it('holds whole fields, though the run goes on meanwhile', async () => {
    const running = await writer(3);
    const pieces = exportResults(running.reader, TIME);
    running.add(testField(3));
    await running.setHead(testHead('b'));
    running.answer(0, testEvidence(9));
    expect((await openResults(await zipFiles(await blobOf(pieces)))).count).toBe(3);
  });

  it('stops when asked', async () => {
    const stop = new AbortController();
    stop.abort();
    const { reader } = await writer(1);
    const pieces = exportResults(reader, TIME, { signal: stop.signal });
    await expect(blobOf(pieces)).rejects.toMatchObject({ tag: 'cancelled' });
  });

  it('may be packed again by another tool, in another folder', async () => {
    const files = memoryFiles();
    (await ResultWriter.create(files, testIndex())).add(testField(0));
    const entries = [...files.bytes].map(([name, bytes]) => ({ name: `my slide/${name}`, bytes }));
    const repacked = new Blob([pack(entries, { zip64: true, localExtra: 24 })]);
    expect((await openResults(await zipFiles(repacked))).count).toBe(1);
  });

  it.each<[string, Uint8Array<ArrayBuffer>, string, RegExp]>([
    ['without an index', pack([]), 'not-found', /index\.json is missing/],
    ['compressed', pack([file('index.json', 3)], { method: 8 }), 'unsupported', /zip -0 -r/],
    ['no archive', Uint8Array.of(1, 2, 3), 'format', /not an archive of Cytolens results/],
  ])('is refused with a sentence: %s', async (_, bytes, tag, sentence) => {
    await expect(zipFiles(new Blob([bytes]))).rejects.toMatchObject({
      tag,
      message: expect.stringMatching(sentence),
    });
  });
});

describe('a picked folder', () => {
  it('opens', async () => {
    const files = memoryFiles();
    const made = await ResultWriter.create(files, testIndex());
    for (let i = 0; i < 3; i++) made.add(testField(i));
    const picked = [...files.bytes].map(([name, bytes]) => new File([bytes], name));
    const reader = await openResults(directoryFiles(picked));
    expect(await listed(reader)).toEqual(await listed(made.reader));
    expect(await reader.tokensOf(2)).toEqual(testField(2).tokens);
  });

  it('opens as far as it was copied', async () => {
    const files = memoryFiles();
    const made = await ResultWriter.create(files, testIndex());
    for (let i = 0; i < 3; i++) made.add(testField(i));
    files.bytes.delete('cells.bin');
    const picked = [...files.bytes].map(([name, bytes]) => new File([bytes], name));
    // The first field has no cells, so nothing of it is missing.
    expect((await openResults(directoryFiles(picked))).count).toBe(1);
  });

  it('without an index is refused', () => {
    expect(() => directoryFiles([new File([], 'a.txt')])).toThrow(/index\.json is missing/);
  });
});

describe('a stored ZIP as it is written', () => {
  it.each([0xffffffff, 0])('is read back, with ZIP64 from %i bytes on', async (limit) => {
    const contents = [file('a.txt', 5), file('größe/b.bin', 5_000_000), file('empty', 0)];
    const archive = await blobOf(storedZip(contents.map(zipFile), { time: TIME, limit }));
    const source = blobSource(archive);
    const entries: ZipEntry[] = [];
    await readDirectory(source, (entry) => entries.push(entry));
    expect(entries.map(({ name }) => name)).toEqual(contents.map(({ name }) => name));
    for (const [i, entry] of entries.entries()) {
      // Byte by byte, as the test's own comparison of megabytes takes minutes.
      expect(Buffer.compare(await readEntry(source, entry), contents[i].bytes)).toBe(0);
    }
  });

  it('passes the test of another ZIP reader (Python)', async (context) => {
    if (!hasPython()) return context.skip('python3 is not installed');
    const folder = await mkdtemp(path.join(tmpdir(), 'cytolens-'));
    for (const limit of [0xffffffff, 100]) {
      const contents = [file('a.txt', 5), file('größe.bin', 500)];
      const archive = await blobOf(storedZip(contents.map(zipFile), { time: TIME, limit }));
      const where = path.join(folder, `${limit}.zip`);
      await writeFile(where, new Uint8Array(await archive.arrayBuffer()));
      const code = `import sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
print(z.testzip(), [(i.filename, i.file_size, i.date_time[:5]) for i in z.infolist()])`;
      expect(execFileSync('python3', ['-c', code, where], { encoding: 'utf8' }).trim()).toBe(
        "None [('a.txt', 5, (2026, 11, 21, 12, 0)), ('größe.bin', 500, (2026, 11, 21, 12, 0))]",
      );
    }
  });

  it('fails when a file changes under it', async () => {
    let reads = 0;
    const changing = { ...zipFile(file('a', 10)), read: async () => file('a', 10, reads++).bytes };
    await expect(blobOf(storedZip([changing], { time: TIME }))).rejects.toMatchObject({
      tag: 'truncated',
    });
    const shrinking = { ...zipFile(file('a', 10)), size: 11 };
    await expect(blobOf(storedZip([shrinking], { time: TIME }))).rejects.toMatchObject({
      tag: 'truncated',
    });
  });

  it('is read back whatever it holds', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 5 }),
        fc.integer({ min: 0, max: 600 }),
        async (contents, limit) => {
          const files = contents.map((bytes, i) => ({ name: `${i}`, bytes: bytes.slice() }));
          const source = blobSource(
            await blobOf(storedZip(files.map(zipFile), { time: TIME, limit })),
          );
          const entries: ZipEntry[] = [];
          await readDirectory(source, (entry) => entries.push(entry));
          const read = await Promise.all(entries.map((entry) => readEntry(source, entry)));
          expect(read).toEqual(files.map(({ bytes }) => bytes));
        },
      ),
    );
  });
});

interface Content {
  name: string;
  bytes: Uint8Array<ArrayBuffer>;
}

function file(name: string, size: number, first = 0): Content {
  return { name, bytes: Uint8Array.from({ length: size }, (_, i) => first + i * 7) };
}

function zipFile({ name, bytes }: Content): ZipFile {
  return { name, size: bytes.length, read: async (from, to) => bytes.slice(from, to) };
}

function hasPython(): boolean {
  try {
    execFileSync('python3', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
