/** Which files of a folder are slides, and of which case. Paths alone tell: no file is read. */
import { FORMATS, type Format, withoutExtension } from '../../slide/formats.ts';

/** Files that are one slide, of the case that their folder names. */
export interface SlideFiles<File> {
  case: string;
  name: string;
  detail: string;
  files: File[];
}

interface Pathed {
  path: string;
}

const byName = new Intl.Collator('en', { numeric: true }).compare;

/**
 * The slides among the files of a folder; paths begin with the chosen folder's name. A file whose
 * ending a format knows is a slide, and so is a folder that a format claims. Folders right below
 * the chosen one are cases; slides that lie in none are of a case named after the chosen folder.
 */
export function slidesAmong<File extends Pathed>(
  files: readonly File[],
  formats: readonly Format[] = FORMATS,
): SlideFiles<File>[] {
  const seen = files.filter(({ path }) => !path.split('/').some(isHidden));
  // Pictures beside slides are labels and snapshots; alone they are the slides.
  const slides = formats.filter(({ aside, openBytes }) => !aside || !openBytes);
  const found = slidesBelow(seen, 0, slides);
  return (found.length > 0 ? found : slidesBelow(seen, 0, formats)).sort(
    (a, b) => byName(a.case, b.case) || byName(a.name, b.name) || byName(a.detail, b.detail),
  );
}

/** Zarr 2 keeps its descriptions in hidden files. */
function isHidden(part: string): boolean {
  return part.startsWith('.') && !part.startsWith('.z');
}

/** `depth`: how many leading parts of all paths are the same folder. */
function slidesBelow<File extends Pathed>(
  files: readonly File[],
  depth: number,
  formats: readonly Format[],
): SlideFiles<File>[] {
  const here = files.filter(({ path }) => path.split('/').length === depth + 1);
  // A folder without a file of its own holds slides; it is none.
  const whole = depth > 0 && here.length > 0 ? claimant(files, depth, formats) : null;
  if (whole) {
    const name = files[0].path.split('/')[depth - 1];
    return [{ name, files: [...files], ...placeOf(files[0], depth - 1, whole) }];
  }
  const found: SlideFiles<File>[] = [];
  const rest = new Set(files);
  for (const file of here) {
    rest.delete(file);
    const name = file.path.split('/')[depth];
    const format = formatAmong(formats, name);
    if (!format) continue;
    const title = withoutExtension(name, format);
    const parts = format.openBytes ? [file] : [file, ...partsBeside(title, rest, depth)];
    if (!format.openBytes && claimant(parts, depth, formats) === null) continue;
    for (const part of parts) rest.delete(part);
    found.push({ name: title, files: parts, ...placeOf(file, depth, format) });
  }
  for (const below of byFolder(rest, depth)) found.push(...slidesBelow(below, depth + 1, formats));
  return found;
}

/** Case and detail of what lies below `depth` folders. */
function placeOf({ path }: Pathed, depth: number, format: Format) {
  const folders = path.split('/').slice(0, Math.max(1, depth));
  const kind = format.label.replace(/ \(.*/, '');
  return {
    case: folders[1] ?? folders[0],
    detail: [...folders.slice(2), kind].join(' · '),
  };
}

/** A description's parts lie in a folder named after it: `slide.dzi`, `slide_files/`. */
function partsBeside<File extends Pathed>(title: string, files: Set<File>, depth: number): File[] {
  return [...files].filter(({ path }) => {
    const parts = path.split('/');
    return parts.length > depth + 1 && parts[depth].startsWith(`${title}_`);
  });
}

function claimant(files: readonly Pathed[], depth: number, formats: readonly Format[]) {
  const paths = files.map(({ path }) => path.split('/').slice(depth).join('/'));
  return formats.find(({ folder }) => folder?.claims(paths)) ?? null;
}

function formatAmong(formats: readonly Format[], name: string): Format | undefined {
  const lower = name.toLowerCase();
  return formats.find(({ extensions }) => extensions.some((end) => lower.endsWith(end)));
}

function byFolder<File extends Pathed>(files: Iterable<File>, depth: number): File[][] {
  const folders = new Map<string, File[]>();
  for (const file of files) {
    const folder = file.path.split('/')[depth];
    const held = folders.get(folder);
    if (held) held.push(file);
    else folders.set(folder, [file]);
  }
  return [...folders.values()];
}
