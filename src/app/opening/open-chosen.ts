/** The way from chosen or dropped files to a slide, to cases, or to a sentence. */
import { CytolensError, toCytolensError } from '../../core/errors.ts';
import { claimsSpots } from '../../molecular/spatial/read.ts';
import { formatOf } from '../../slide/formats.ts';
import type { LocalFile } from '../../slide/slide.ts';
import { CELL_FILES } from '../../store/import/import.ts';
import { ANNOTATION_FILES, readDropped } from '../annotate/dropped.ts';
import type { Commands } from '../commands.ts';
import { report, setState } from '../state.ts';
import { whatIsChosen } from './chosen.ts';

/** Open what the files are: one slide is shown, several become cases. Errors go to the screen. */
export async function openChosen(files: readonly LocalFile[], commands: Commands): Promise<void> {
  if (claimsSpots(files.map(({ path }) => path))) return openSpots(files, commands);
  const chosen = whatIsChosen(files);
  switch (chosen.kind) {
    case 'slide':
      return commands.openShown(chosen.source);
    case 'slides':
      setState({ dialog: null });
      return commands.cases.addFilesShown(files);
    case 'none':
      report(
        new CytolensError(
          'format',
          files.length === 0
            ? 'This folder is empty.'
            : 'No slide was found among these files. Open, then “What can be opened” lists the formats.',
          `${files.length} files`,
        ),
      );
  }
}

/** Spots go over the open slide, or over the one that lies among them. */
async function openSpots(files: readonly LocalFile[], commands: Commands): Promise<void> {
  setState({ dialog: null });
  // Space Ranger's own pictures are smaller than the slide whose px it tells.
  const slides = files.filter(({ path }) => formatOf(path) && !/(^|\/)spatial\//i.test(path));
  try {
    if (slides.length === 1) await commands.open({ kind: 'file', file: slides[0].file });
  } catch (error) {
    return report(toCytolensError(error));
  }
  await commands.measured.loadShown(files);
}

/** As `openChosen`; a single file may also hold cells or annotations of the open slide. */
export async function openDropped(
  take: (onProgress: (files: number) => void) => Promise<LocalFile[]>,
  commands: Commands,
): Promise<void> {
  try {
    const files = await take((count) =>
      setState({ opening: `a folder (${count.toLocaleString('en')} files so far)` }),
    ).finally(() => setState({ opening: null }));
    const only = files.length === 1 ? files[0].file : null;
    if (only && ANNOTATION_FILES.test(only.name)) {
      await readDropped(only, commands.annotating.files, commands.transfers);
    } else if (only && CELL_FILES.test(only.name)) await commands.transfers.importShown(only);
    else await openChosen(files, commands);
  } catch (error) {
    report(toCytolensError(error));
  }
}
