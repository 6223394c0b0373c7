/** A IIIF image as a Slide: by the address of its `info.json`, or as a folder that holds one. */
import { CytolensError, isCytolensError, throwIfAborted } from '../../core/errors.ts';
import type { Bytes } from '../bytes.ts';
import { type Decoder, release } from '../decode.ts';
import { checkTile } from '../deepzoom.ts';
import { describeSlide } from '../describe.ts';
import { PROPERTIES_LIMIT, parseProperties } from '../properties.ts';
import { sha256 } from '../sha256.ts';
import type { CatalogFacts, LocalFile, Slide } from '../slide.ts';
import {
  baseName,
  type FileTree,
  folderOf,
  folderTree,
  serverTree,
  splitAddress,
} from '../tree.ts';
import { type IiifImage, INFO_LIMIT, levelsOf, parseInfo, tileAddresses } from './info.ts';
import { decodeNear } from './near.ts';

/** A tile file larger than this is no tile. */
const TILE_LIMIT = 32 * 1024 * 1024;
const INFO = 'info.json';

/**
 * By the address of an `info.json`, or of the service without it. Tiles are looked for beside the
 * description first: static trees often carry the placeholder that their maker wrote as their id.
 * Throws `network`, `not-found`, `format`, `unsupported`, `cancelled`.
 */
export async function openIiifUrl(
  url: string,
  facts: CatalogFacts,
  decode: Decoder,
  signal?: AbortSignal,
): Promise<Slide> {
  const { path, query } = splitAddress(url);
  const base = baseName(path) === INFO ? folderOf(path) : path.replace(/\/+$/, '');
  const beside = serverTree(base, query);
  const image = parseInfo(await beside.read(INFO, INFO_LIMIT, signal));
  const trees = [beside];
  if (image.id && image.id !== base) trees.push(serverTree(image.id));
  const name = decodedName(baseName(base));
  return openImage(image, trees, name, {}, facts, decode, signal);
}

/** From a chosen folder that `isIiifFolder`. Throws as `openIiifUrl` does. */
export async function openIiifFolder(
  files: readonly LocalFile[],
  name: string,
  facts: CatalogFacts,
  decode: Decoder,
  signal?: AbortSignal,
): Promise<Slide> {
  const { path } = files.find((file) => baseName(file.path) === INFO) ?? files[0];
  const tree = folderTree(files, folderOf(path));
  const image = parseInfo(await tree.read(INFO, INFO_LIMIT, signal));
  const said = await propertiesBeside(tree, signal);
  const called = baseName(folderOf(path)) || name;
  return openImage(image, [tree], called, said, facts, decode, signal);
}

/** Exactly one description: with several, which picture was meant? */
export function isIiifFolder(paths: readonly string[]): boolean {
  return paths.filter((path) => baseName(path) === INFO).length === 1;
}

/** Reads and decodes the overview, so that a tree without tiles fails here, not as an empty view. */
async function openImage(
  image: IiifImage,
  trees: FileTree[],
  name: string,
  said: CatalogFacts,
  facts: CatalogFacts,
  decode: Decoder,
  signal?: AbortSignal,
): Promise<Slide> {
  const levels = levelsOf(image);
  const load = async (at: Place, level: number, col: number, row: number, stop?: AbortSignal) => {
    throwIfAborted(stop);
    checkTile(levels, level, col, row);
    const { paths, width, height } = tileAddresses(image, at.format, level, col, row);
    const bytes = await firstFound(at.tree, paths, stop);
    const what = `tile ${col},${row} of level ${level}`;
    return { bytes, raster: await decodeNear(decode, bytes, { width, height }, what, stop) };
  };
  const places = trees.flatMap((tree) => image.formats.map((format) => ({ tree, format })));
  const { place, overview } = await findPlace(places, (candidate) =>
    load(candidate, levels.length - 1, 0, 0, signal),
  );
  release(overview.raster);
  const { width, height } = image;
  return {
    info: {
      ...describeSlide(name, { ...said, mpp: image.mpp ?? said.mpp }, facts),
      id: identity(image, overview.bytes),
      width,
      height,
      levels,
    },
    tile: async (level, col, row, signal) => (await load(place, level, col, row, signal)).raster,
    close() {},
  };
}

/** Where tiles may lie, and as what. */
interface Place {
  tree: FileTree;
  format: string;
}

/** The first place that has the overview; throws the first one's error when none has. */
async function findPlace<T>(
  places: Place[],
  load: (place: Place) => Promise<T>,
): Promise<{ place: Place; overview: T }> {
  let first: unknown;
  for (const place of places) {
    try {
      return { place, overview: await load(place) };
    } catch (error) {
      first ??= error;
      if (!isCytolensError(error, 'not-found')) break;
    }
  }
  if (!isCytolensError(first, 'not-found')) throw first;
  throw new CytolensError(
    'not-found',
    'The description of this IIIF picture was found but not its tiles, which must lie beside info.json.',
    first.detail,
  );
}

async function firstFound(tree: FileTree, paths: string[], signal?: AbortSignal): Promise<Bytes> {
  for (const path of paths.slice(0, -1)) {
    try {
      return await tree.read(path, TILE_LIMIT, signal);
    } catch (error) {
      if (!isCytolensError(error, 'not-found')) throw error;
    }
  }
  return tree.read(paths[paths.length - 1], TILE_LIMIT, signal);
}

/** The same picture has the same identity wherever it lies: over its measures and its overview. */
function identity(image: IiifImage, overview: Bytes): string {
  const { width, height, tileWidth, tileHeight } = image;
  const measures = `${width}x${height}/${tileWidth}x${tileHeight}/${sha256(overview)}`;
  return `iiif-${sha256(new TextEncoder().encode(measures)).slice(0, 32)}`;
}

/** libvips leaves the scanner's metadata beside the description; most trees have none. */
async function propertiesBeside(tree: FileTree, signal?: AbortSignal): Promise<CatalogFacts> {
  try {
    const bytes = await tree.read('vips-properties.xml', PROPERTIES_LIMIT, signal);
    return parseProperties(new TextDecoder().decode(bytes));
  } catch (error) {
    if (isCytolensError(error, 'cancelled')) throw error;
    return {};
  }
}

function decodedName(segment: string): string {
  try {
    return baseName(decodeURIComponent(segment));
  } catch {
    return segment;
  }
}
