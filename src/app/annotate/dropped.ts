/** Files dropped on the slide that hold annotations, cells or both: each goes to its reader. */
import type { Transfers } from '../transfer.ts';
import type { AnnotationFiles } from './files.ts';

/** Names of files that may hold annotations. */
export const ANNOTATION_FILES = /\.(geojson|json|xml)$/i;

/** Read annotations, cells, or first the one and then the other. */
export async function readDropped(
  file: File,
  annotations: AnnotationFiles,
  cells: Pick<Transfers, 'importShown'>,
): Promise<void> {
  const holds = await annotations.holds(file);
  const found = holds.annotations ? await annotations.readShown(file) : null;
  if (holds.cells || (found && found.cells > 0)) await cells.importShown(file);
}
