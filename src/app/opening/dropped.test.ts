import { describe, expect, it } from 'vitest';
import { MAX_FILES, takeDropped } from './dropped.ts';

type Tree = { [name: string]: Tree | string };

/** An entry as browsers give it: readers hand out two children at a time. */
function entryOf(name: string, tree: Tree | string, path = `/${name}`): FileSystemEntry {
  if (typeof tree === 'string') {
    const file = (resolve: (file: File) => void) => resolve(new File([tree], name));
    return { isFile: true, isDirectory: false, name, fullPath: path, file } as never;
  }
  const createReader = () => {
    const children = Object.entries(tree).map(([child, below]) =>
      entryOf(child, below, `${path}/${child}`),
    );
    return { readEntries: (resolve: (some: unknown[]) => void) => resolve(children.splice(0, 2)) };
  };
  return { isFile: false, isDirectory: true, name, fullPath: path, createReader } as never;
}

function transferOf(tree: Tree): DataTransfer {
  const items = Object.entries(tree).map(([name, below]) => ({
    kind: 'file',
    webkitGetAsEntry: () => entryOf(name, below),
  }));
  const files = Object.entries(tree).map(([name]) => new File(['x'], name));
  return { items, files } as never;
}

describe('what is dropped', () => {
  it('is walked with its paths, however deep and however many', async () => {
    const tree = {
      s_files: { '0': { '0_0.png': 'a' }, '1': { a: '', b: '', c: '' } },
      's.dzi': '',
    };
    const files = await takeDropped(transferOf({ case: tree }))();
    expect(files.map(({ path }) => path).sort()).toEqual([
      'case/s.dzi',
      'case/s_files/0/0_0.png',
      'case/s_files/1/a',
      'case/s_files/1/b',
      'case/s_files/1/c',
    ]);
  });

  it('may be files alone, and files beside folders', async () => {
    const loose = await takeDropped(transferOf({ 'a.szi': '' }))();
    expect(loose.map(({ file }) => file.name)).toEqual(['a.szi']);
    const both = await takeDropped(transferOf({ 'a.dzi': '', a_files: { x: '' } }))();
    expect(both.map(({ path }) => path).sort()).toEqual(['a.dzi', 'a_files/x']);
  });

  it('is refused when it is a whole disk', async () => {
    const many = Object.fromEntries(Array.from({ length: MAX_FILES + 1 }, (_, i) => [`${i}`, '']));
    const transfer = transferOf({ disk: {} });
    const entry = entryOf('disk', {}) as never as { createReader(): unknown };
    let left = Object.keys(many).map((name) => entryOf(name, ''));
    entry.createReader = () => ({
      readEntries: (resolve: (some: unknown[]) => void) => {
        resolve(left.slice(0, 100_000));
        left = left.slice(100_000);
      },
    });
    Object.assign(transfer.items[0], { webkitGetAsEntry: () => entry });
    await expect(takeDropped(transfer)()).rejects.toMatchObject({
      tag: 'too-large',
      message: expect.stringMatching(/200,000 files/),
    });
  });
});
