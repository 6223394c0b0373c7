/** What files that were chosen or dropped together are: one slide, several, or none. */
import { FORMATS } from '../../slide/formats.ts';
import type { LocalFile, SlideSource } from '../../slide/slide.ts';
import { slidesAmong } from '../cases/grouping.ts';

/** Where `filesOf` puts files that were chosen without a folder. */
const LOOSE = 'Chosen files';

export type Chosen =
  | { kind: 'slide'; source: SlideSource }
  /** Several slides: a folder of cases. */
  | { kind: 'slides'; count: number }
  | { kind: 'none' };

/** One slide of files that are one: a folder that a format claims, or a single file. */
export function sourceOfFiles(files: readonly LocalFile[]): SlideSource {
  if (files.length === 1) return { kind: 'file', file: files[0].file };
  return { kind: 'files', name: nameOf(files), files: [...files] };
}

/** Paths alone tell; no file is read. */
export function whatIsChosen(files: readonly LocalFile[]): Chosen {
  if (files.length === 0) return { kind: 'none' };
  const paths = files.map(({ path }) => path);
  const whole = files.length > 1 && FORMATS.some(({ folder }) => folder?.claims(paths));
  if (files.length === 1 || whole) return { kind: 'slide', source: sourceOfFiles(files) };
  const slides = slidesAmong(files);
  if (slides.length === 0) return { kind: 'none' };
  if (slides.length > 1) return { kind: 'slides', count: slides.length };
  return { kind: 'slide', source: sourceOfFiles(slides[0].files) };
}

function nameOf(files: readonly LocalFile[]): string {
  const folder = files[0].path.split('/')[0];
  return folder === LOOSE ? files[0].file.name.replace(/\.[^.]*$/, '') : folder;
}
