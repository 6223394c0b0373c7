import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Format } from '../../slide/formats.ts';
import { slidesAmong } from './grouping.ts';

const never = async (): Promise<never> => {
  throw new Error('Grouping opens nothing.');
};

const FORMATS: Format[] = [
  { id: 'one', label: 'One file', extensions: ['.szi', '.svs'], openBytes: never },
  {
    id: 'dzi',
    label: 'Deep Zoom (.dzi)',
    extensions: ['.dzi'],
    folder: {
      claims: (paths) => paths.filter((path) => /^[^/]*\.dzi$/.test(path)).length === 1,
      open: never,
    },
  },
  {
    id: 'dicom',
    label: 'DICOM',
    extensions: ['.dcm'],
    openBytes: never,
    folder: { claims: (paths) => paths.every((path) => path.endsWith('.dcm')), open: never },
  },
  { id: 'picture', label: 'Picture', extensions: ['.jpg'], aside: true, openBytes: never },
];

const among = (...paths: string[]) =>
  slidesAmong(
    paths.map((path) => ({ path })),
    FORMATS,
  ).map((slide) => ({ ...slide, files: slide.files.map(({ path }) => path) }));

describe('the slides of a folder', () => {
  it('takes folders below it as cases, and its own name for what lies in none', () => {
    const found = among('ward/a10.svs', 'ward/a9.svs', 'ward/S24-7/x.szi', 'ward/S24-7/ihc/y.svs');
    expect(found.map((slide) => [slide.case, slide.name, slide.detail])).toEqual([
      ['S24-7', 'x', 'One file'],
      ['S24-7', 'y', 'ihc · One file'],
      ['ward', 'a9', 'One file'],
      ['ward', 'a10', 'One file'],
    ]);
  });

  it('takes a folder that a format claims as one slide of the case around it', () => {
    const found = among('ward/S1/series/1.dcm', 'ward/S1/series/2.dcm', 'ward/loose/3.dcm');
    expect(found).toEqual([
      {
        case: 'S1',
        name: 'series',
        detail: 'DICOM',
        files: ['ward/S1/series/1.dcm', 'ward/S1/series/2.dcm'],
      },
      { case: 'ward', name: 'loose', detail: 'DICOM', files: ['ward/loose/3.dcm'] },
    ]);
  });

  it('leaves pictures aside where there are slides, and takes them where there are none', () => {
    expect(among('ward/a.svs', 'ward/label.jpg').map(({ name }) => name)).toEqual(['a']);
    expect(among('ward/a.jpg', 'ward/b.jpg').map(({ name }) => name)).toEqual(['a', 'b']);
  });

  it('keeps two descriptions in one folder apart, each with its parts', () => {
    const found = among(
      'w/a.dzi',
      'w/a_files/0/0_0.jpg',
      'w/b.dzi',
      'w/b_files/0/0_0.jpg',
      'w/notes.txt',
    );
    expect(found.map(({ name, files }) => [name, files])).toEqual([
      ['a', ['w/a.dzi', 'w/a_files/0/0_0.jpg']],
      ['b', ['w/b.dzi', 'w/b_files/0/0_0.jpg']],
    ]);
  });

  it('leaves out hidden files and what no format knows', () => {
    expect(among('w/.cache/x.svs', 'w/._x.svs', 'w/report.pdf')).toEqual([]);
  });

  it('gives no file to two slides, and every slide file to one', () => {
    const part = fc.constantFrom('a', 'b', 'c');
    const name = fc
      .tuple(part, fc.constantFrom('.svs', '.dcm', '.dzi', '.txt'))
      .map((parts) => parts.join(''));
    const path = fc
      .tuple(fc.array(part, { maxLength: 3 }), name)
      .map(([folders, file]) => ['w', ...folders, file].join('/'));
    fc.assert(
      fc.property(fc.uniqueArray(path, { maxLength: 20 }), (paths) => {
        const taken = among(...paths).flatMap(({ files }) => files);
        expect(new Set(taken).size).toBe(taken.length);
        for (const file of paths.filter((each) => each.endsWith('.svs'))) {
          expect(taken).toContain(file);
        }
      }),
    );
  });
});
