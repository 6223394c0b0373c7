import { describe, expect, it } from 'vitest';
import { whatIsChosen } from './chosen.ts';

const at = (...paths: string[]) =>
  paths.map((path) => ({ path, file: new File(['x'], path.split('/').pop() ?? '') }));

describe('what is chosen', () => {
  it('is a slide when it is a single file, whatever its name', () => {
    const [file] = at('Chosen files/IM0001');
    expect(whatIsChosen([file])).toEqual({
      kind: 'slide',
      source: { kind: 'file', file: file.file },
    });
  });

  it.each([
    ['Deep Zoom', ['a/s.dzi', 'a/s_files/0/0_0.jpeg', 'a/notes.txt']],
    ['IIIF', ['s/info.json', 's/0,0,1,1/1,/0/default.jpg']],
    ['OME-Zarr', ['s.zarr/.zattrs', 's.zarr/.zgroup', 's.zarr/0/.zarray', 's.zarr/0/0/0']],
  ])('is a slide when a format claims the folder: %s', (_, paths) => {
    const chosen = whatIsChosen(at(...paths));
    expect(chosen).toMatchObject({ kind: 'slide', source: { kind: 'files' } });
  });

  it('is the one slide among other files', () => {
    const chosen = whatIsChosen(at('a/case.szi', 'a/report.txt'));
    expect(chosen).toMatchObject({ kind: 'slide', source: { kind: 'file' } });
  });

  it('is several slides, or nothing', () => {
    expect(whatIsChosen(at('a/1.szi', 'a/b/2.szi'))).toEqual({ kind: 'slides', count: 2 });
    expect(whatIsChosen(at('a/1.txt', 'a/2.txt'))).toEqual({ kind: 'none' });
    expect(whatIsChosen([])).toEqual({ kind: 'none' });
  });
});
