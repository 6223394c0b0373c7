/** Deep Zoom: `<name>.dzi` and its tiles `<name>_files/<level>/<col>_<row>.<format>` beside it. */
import { CytolensError, isCytolensError } from '../core/errors.ts';
import type { Decoder } from './decode.ts';
import { DESCRIPTOR_LIMIT, parseDescriptor } from './deepzoom.ts';
import { PROPERTIES_LIMIT, parseProperties } from './properties.ts';
import { openPyramid } from './pyramid.ts';
import type { CatalogFacts, LocalFile, Slide } from './slide.ts';
import { seemsToBe } from './sniff.ts';
import { baseName, type FileTree, folderOf, folderTree, serverTree, splitAddress } from './tree.ts';

/** A tile file larger than this is no tile. */
const TILE_LIMIT = 32 * 1024 * 1024;
const EXTENSION = /\.dzi$/i;

/** By address. Throws `network`, `not-found`, `format`, `unsupported`, `cancelled`. */
export function openDziUrl(
  url: string,
  name: string,
  facts: CatalogFacts,
  decode: Decoder,
  signal?: AbortSignal,
): Promise<Slide> {
  const { path, query } = splitAddress(url);
  const tree = serverTree(folderOf(path), query);
  return openDzi(tree, baseName(path), name, facts, decode, signal);
}

/** From a chosen folder that `isDziFolder`. Throws as `openDziUrl` does. */
export function openDziFolder(
  files: readonly LocalFile[],
  facts: CatalogFacts,
  decode: Decoder,
  signal?: AbortSignal,
): Promise<Slide> {
  const path = descriptorsOf(files.map((file) => file.path))[0];
  const name = baseName(path).replace(EXTENSION, '');
  const tree = folderTree(files, folderOf(path));
  return openDzi(tree, baseName(path), name, facts, decode, signal);
}

/** Exactly one description with its folder of tiles: with several, which one was meant? */
export function isDziFolder(paths: readonly string[]): boolean {
  return descriptorsOf(paths).length === 1;
}

function descriptorsOf(paths: readonly string[]): string[] {
  const found = paths.filter((path) => EXTENSION.test(path));
  return found.filter((path) => {
    const tiles = `${tilesOf(path)}/`;
    return paths.some((other) => other.startsWith(tiles));
  });
}

async function openDzi(
  tree: FileTree,
  file: string,
  name: string,
  facts: CatalogFacts,
  decode: Decoder,
  signal?: AbortSignal,
): Promise<Slide> {
  const bytes = await tree.read(file, DESCRIPTOR_LIMIT, signal);
  const text = new TextDecoder().decode(bytes);
  if (!text.includes('<')) {
    throw new CytolensError(
      'format',
      `The file ends in .dzi but is ${seemsToBe(bytes)}, not a Deep Zoom description.`,
    );
  }
  const descriptor = parseDescriptor(text);
  const tiles = tilesOf(file);
  return openPyramid(
    {
      descriptor,
      name,
      said: await propertiesBeside(tree, tiles, facts, signal),
      file: (level, col, row, signal) =>
        tree.read(`${tiles}/${level}/${col}_${row}.${descriptor.format}`, TILE_LIMIT, signal),
    },
    decode,
    facts,
    signal,
  );
}

/** Where the tiles of a descriptor lie. */
function tilesOf(path: string): string {
  return path.replace(/\.[^./]*$/, '_files');
}

/**
 * libvips leaves the scanner's metadata among the tiles. It is asked for only when the catalog
 * does not give the scale, and its absence is no error: then the user is asked for the scale.
 */
async function propertiesBeside(
  tree: FileTree,
  tiles: string,
  facts: CatalogFacts,
  signal?: AbortSignal,
): Promise<CatalogFacts> {
  if (facts.mpp) return {};
  try {
    const bytes = await tree.read(`${tiles}/vips-properties.xml`, PROPERTIES_LIMIT, signal);
    return parseProperties(new TextDecoder().decode(bytes));
  } catch (error) {
    if (isCytolensError(error, 'cancelled')) throw error;
    return {};
  }
}
