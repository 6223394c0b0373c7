/** The slides of a folder, as the page's catalog. */
import { readdir, readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import { isCytolensError } from '../src/core/errors.ts';
import { type CatalogEntry, readCatalog } from '../src/slide/catalog.ts';
import { formatOf, withoutExtension } from '../src/slide/formats.ts';

/** How deep below the folder slides are looked for. */
const MAX_DEPTH = 4;
const TILES = /_files$/;

/**
 * Whether a file of the folder may be sent: slides and their tiles, nothing else, since people
 * point at folders that hold other things too. `segments` is its path below the folder.
 */
export function mayServe(segments: string[]): boolean {
  return isSlide(segments.at(-1) ?? '') || segments.slice(0, -1).some(isTileFolder);
}

/**
 * Every slide of the folder that can be opened, in the order of the folder's own catalog.json,
 * then by name. A catalog.json with a mistake is reported on the console and left out.
 */
export async function listSlides(folder: string): Promise<CatalogEntry[]> {
  const found = new Set(await findSlides(folder));
  const known = (await ownCatalog(folder)).filter(({ file }) => file && found.delete(file));
  const rest = [...found].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  return [...known, ...rest.map((file) => ({ file, name: nameOf(file) }))];
}

/** Paths of slides relative to the folder, with forward slashes. */
async function findSlides(folder: string): Promise<string[]> {
  const base = await realpath(folder);
  const slides: string[] = [];
  async function visit(relative: string, depth: number): Promise<void> {
    const entries = await readdir(path.join(base, relative), { withFileTypes: true });
    for (const entry of entries) {
      const file = relative ? `${relative}/${entry.name}` : entry.name;
      if (entry.name.startsWith('.')) continue;
      // Links are followed by `isServable` alone: a folder that links to itself has no end.
      if (entry.isDirectory()) {
        if (depth < MAX_DEPTH && !isTileFolder(entry.name)) await visit(file, depth + 1);
      } else if (isSlide(entry.name) && (entry.isFile() || (await isServable(base, file)))) {
        slides.push(file);
      }
    }
  }
  await visit('', 0);
  return slides;
}

/** Whether a link leads to something within the folder; others are not served, so not listed. */
async function isServable(base: string, file: string): Promise<boolean> {
  try {
    return (await realpath(path.join(base, file))).startsWith(base + path.sep);
  } catch {
    return false;
  }
}

async function ownCatalog(folder: string): Promise<CatalogEntry[]> {
  let json: string;
  try {
    json = await readFile(path.join(folder, 'catalog.json'), 'utf8');
  } catch {
    return [];
  }
  try {
    return readCatalog(json);
  } catch (error) {
    const sentence = isCytolensError(error) ? error.message : String(error);
    console.warn(`catalog.json is left out, slides are listed by file name. ${sentence}`);
    return [];
  }
}

/** Pictures lie in such folders for many reasons, labels among them: they are no slides there. */
function isSlide(name: string): boolean {
  const format = formatOf(name);
  return format !== null && !format.aside;
}

function isTileFolder(name: string): boolean {
  return TILES.test(name);
}

function nameOf(file: string): string {
  const name = path.posix.basename(file);
  return withoutExtension(name, formatOf(name));
}
