import { describe, expect, it } from 'vitest';
import { CytolensError } from '../../core/errors.ts';
import { ResultCatalog } from './catalog.ts';
import { type RunIdentity, runKey, slideKey } from './keys.ts';
import { opfsFiles, opfsSource } from './opfs.ts';
import { openResults } from './reader.ts';
import { testField, testHead, testIndex } from './testing/fields.ts';
import { fakeStorage } from './testing/opfs.ts';
import { ResultWriter } from './writer.ts';

const RUN: RunIdentity = { segmenter: 's', encoder: 'e', mpp: 0.5 };

function catalogOf(storage = fakeStorage()): ResultCatalog {
  let persisted = false;
  return new ResultCatalog(storage.root, {
    estimate: async () => ({ usage: storage.used(), quota: 1e9 }),
    persisted: async () => persisted,
    persist: async () => {
      persisted = true;
      return true;
    },
  });
}

async function write(catalog: ResultCatalog, slide: string, count: number, created?: string) {
  const files = await opfsFiles(await catalog.folder(slide, RUN));
  const index = testIndex();
  const writer = await ResultWriter.create(files, created ? { ...index, created } : index);
  for (let i = 0; i < count; i++) writer.add(testField(i));
  return writer;
}

describe("results in the browser's storage", () => {
  it('are there after the writer went away', async () => {
    const catalog = catalogOf();
    (await write(catalog, 'one', 3)).close();
    const folder = await catalog.folder('one', RUN);
    const writer = await ResultWriter.resume(await opfsFiles(folder), testHead('a'));
    writer.add(testField(3));
    await writer.update({ state: 'done' });
    writer.close();
    const reader = await openResults(opfsSource(folder));
    expect(reader.count).toBe(4);
    expect(reader.index.state).toBe('done');
    expect(await reader.tokensOf(3)).toEqual(testField(3).tokens);
  });

  it('have one writer, whom others may watch', async () => {
    const catalog = catalogOf();
    const writer = await write(catalog, 'one', 2);
    const folder = await catalog.folder('one', RUN);
    await expect(opfsFiles(folder)).rejects.toMatchObject({
      tag: 'busy',
      message: expect.stringMatching(/another tab/i),
    });
    const watcher = await openResults(opfsSource(folder));
    writer.add(testField(2));
    expect(await watcher.refresh()).toBe(1);
    writer.close();
    (await opfsFiles(folder)).close();
  });

  it('are read though the writer appends at that moment', async () => {
    const storage = fakeStorage();
    const catalog = catalogOf(storage);
    const writer = await write(catalog, 'one', 1);
    const source = opfsSource(await catalog.folder('one', RUN));
    let left = 3;
    storage.beforeRead = () => {
      if (left-- > 0) writer.add(testField(1));
    };
    expect(await source.read('cells.bin')).toEqual(await writer.reader.source.read('cells.bin'));
    expect(writer.reader.count).toBe(4);
    left = Infinity;
    await expect(source.read('cells.bin')).rejects.toBeInstanceOf(CytolensError);
  });

  it('that are gone say so', async () => {
    await expect(catalogOf().open('a/b')).rejects.toMatchObject({ tag: 'not-found' });
  });

  it.each([false, true])('say when it is full, and stay whole (private: %s)', async (isPrivate) => {
    const storage = fakeStorage();
    storage.isPrivate = isPrivate;
    const catalog = catalogOf(storage);
    const writer = await write(catalog, 'one', 2);
    storage.quota = storage.used() + 150;
    expect(() => writer.add(testField(4))).toThrow(
      expect.objectContaining({
        tag: 'quota',
        message: expect.stringMatching(/Clear old results/),
      }),
    );
    await expect(writer.update({ state: 'done' })).resolves.toBeUndefined();
    expect(await writer.reader.refresh()).toBe(0);
    storage.quota = Infinity;
    writer.add(testField(2));
    expect(await writer.reader.tokensOf(2)).toEqual(testField(2).tokens);
    expect((await openResults(opfsSource(await catalog.folder('one', RUN)))).count).toBe(3);
  });

  it('are listed with what they hold, the newest first', async () => {
    const storage = fakeStorage();
    const catalog = catalogOf(storage);
    await write(catalog, 'one', 2, '2026-01-01T00:00:00.000Z');
    const second = await write(catalog, 'two', 5, '2026-02-01T00:00:00.000Z');
    await second.setHead(testHead('b'));
    second.answer(0, testField(0));
    const list = await catalog.list();
    expect(list.map(({ fields }) => fields)).toEqual([5, 2]);
    expect(list.map(({ path }) => path)).toEqual(
      ['two', 'one'].map((id) => `${slideKey(id)}/${runKey(RUN)}`),
    );
    expect(list[0].index?.plan.total).toBe(8);
    expect(list[0].bytes + list[1].bytes).toBe(storage.used());
    expect((await openResults(opfsSource(await catalog.open(list[1].path)))).count).toBe(2);
  });

  it('are listed though they cannot be read, so that they can be removed', async () => {
    const catalog = catalogOf();
    const files = await opfsFiles(await catalog.folder('one', RUN));
    await files.writeIndex(new TextEncoder().encode('{"format":"cytolens-results"'));
    files.close();
    const [entry] = await catalog.list();
    expect(entry).toMatchObject({ index: null, problem: expect.stringMatching(/damaged/) });
    await catalog.remove(entry.path);
    expect(await catalog.list()).toEqual([]);
  });

  it('are removed one by one or all, but not under their writer', async () => {
    const storage = fakeStorage();
    const catalog = catalogOf(storage);
    for (const id of ['one', 'two', 'three']) (await write(catalog, id, 2)).close();
    const [first] = await catalog.list();
    await catalog.remove(first.path);
    expect(await catalog.list()).toHaveLength(2);
    const writer = await write(catalog, 'four', 1);
    await expect(catalog.removeAll()).rejects.toMatchObject({ tag: 'busy' });
    expect(await catalog.list()).toHaveLength(1);
    writer.close();
    await catalog.removeAll();
    expect(await catalog.usage()).toEqual({ used: 0, quota: 1e9 });
  });

  it('asks once to be kept', async () => {
    expect(await catalogOf().persist()).toBe(true);
  });
});

describe('the folder of a run', () => {
  it('is the same for the same slide and models, and another for any other', () => {
    expect(slideKey('a')).toMatch(/^[0-9a-f]{16}$/);
    expect(slideKey('a')).not.toBe(slideKey('b'));
    const keys = [
      RUN,
      { ...RUN, segmenter: 'x' },
      { ...RUN, encoder: 'x' },
      { ...RUN, mpp: 0.25 },
      { ...RUN, settings: { fine: true } },
      { ...RUN, settings: { fine: false } },
    ].map(runKey);
    expect(new Set(keys).size).toBe(keys.length);
    expect(runKey({ ...RUN, settings: { a: 1, b: 2 } })).toBe(
      runKey({ ...RUN, settings: { b: 2, a: 1 } }),
    );
  });
});
