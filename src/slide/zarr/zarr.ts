/** OME-Zarr 0.4 (zarr 2) and 0.5 (zarr 3) pictures in colour, by address or as a folder. */
import * as zarr from 'zarrita';
import { z } from 'zod';
import { CytolensError, isCytolensError, throwIfAborted } from '../../core/errors.ts';
import { checkTile } from '../deepzoom.ts';
import { describeSlide } from '../describe.ts';
import { readJson } from '../json.ts';
import { sha256 } from '../sha256.ts';
import type { CatalogFacts, Level, LocalFile, RgbaImage, Slide } from '../slide.ts';
import { type FileTree, folderTree, serverTree, splitAddress } from '../tree.ts';
import { limitCodecs } from './codecs.ts';
import { ZarrLevel } from './level.ts';
import { ATTRIBUTES_LIMIT, downsampleOf, type Multiscale, parseGroup, WHAT } from './metadata.ts';
import { groupOf, nameOf } from './paths.ts';
import { zarrStore } from './store.ts';

limitCodecs(zarr.registry);

/**
 * By the address of the group (`.../slide.zarr`), or of its `.zattrs` or `zarr.json`.
 * Throws `network`, `not-found`, `format`, `unsupported`, `cancelled`.
 */
export function openZarrUrl(
  url: string,
  facts: CatalogFacts,
  signal?: AbortSignal,
): Promise<Slide> {
  const { path, query } = splitAddress(url);
  const group = groupOf(path);
  return openGroup(serverTree(group, query), nameOf(group), facts, signal);
}

/** From a chosen folder whose group lies at `group`. Throws as `openZarrUrl` does. */
export function openZarrFolder(
  files: readonly LocalFile[],
  group: string,
  name: string,
  facts: CatalogFacts,
  signal?: AbortSignal,
): Promise<Slide> {
  return openGroup(folderTree(files, group), nameOf(group) || name, facts, signal);
}

/** Reads and decodes the overview too, so that a group without chunks' files fails here. */
async function openGroup(
  tree: FileTree,
  name: string,
  facts: CatalogFacts,
  signal?: AbortSignal,
): Promise<Slide> {
  let group = await readGroup(tree, '', signal);
  if (group.picture === 'series') group = await readGroup(tree, '0/', signal);
  const { picture, version, below } = group;
  if (picture === 'series') throw noGroup('a series of series');
  const location = zarr.root(zarrStore(tree));
  const open = (path: string) =>
    version === 2
      ? zarr.open.v2(location.resolve(path), { kind: 'array', attrs: false, signal })
      : zarr.open.v3(location.resolve(path), { kind: 'array', signal });
  const arrays = await Promise.all(
    picture.datasets.map(({ path }) => ours(() => open(below + path), signal)),
  );
  const zarrLevels = levelsOf(picture, arrays);
  const levels = zarrLevels.map(({ level }) => level);
  const tile = async (index: number, col: number, row: number, stop?: AbortSignal) => {
    throwIfAborted(stop);
    checkTile(levels, index, col, row);
    return ours(() => zarrLevels[index].tile(col, row, stop), stop);
  };
  const overview = await tile(levels.length - 1, 0, 0, signal);
  const [{ width, height }] = levels;
  return {
    info: {
      ...describeSlide(name, { mpp: picture.mpp }, facts),
      id: identity(levels, overview),
      width,
      height,
      levels,
    },
    tile,
    close() {},
  };
}

interface Group {
  picture: Multiscale | 'series';
  version: 2 | 3;
  /** Path of the group below the tree, with a trailing slash, or ''. */
  below: string;
}

async function readGroup(tree: FileTree, below: string, signal?: AbortSignal): Promise<Group> {
  for (const [version, file] of [
    [3, 'zarr.json'],
    [2, '.zattrs'],
  ] as const) {
    try {
      const bytes = await tree.read(below + file, ATTRIBUTES_LIMIT, signal);
      const picture = parseGroup(readJson(bytes, z.unknown(), WHAT), version);
      return { picture, version, below };
    } catch (error) {
      if (!isCytolensError(error, 'not-found')) throw error;
    }
  }
  throw noGroup(`neither ${below}zarr.json nor ${below}.zattrs`);
}

function levelsOf(picture: Multiscale, arrays: readonly zarr.Array<zarr.DataType>[]): ZarrLevel[] {
  const x = picture.axes.indexOf('x');
  const [finest] = arrays;
  const first = picture.datasets[0].scale?.[x] ?? 1;
  return arrays.map((array, i) => {
    const claimed = (picture.datasets[i].scale?.[x] ?? Number.NaN) / first;
    return new ZarrLevel(
      array,
      picture.axes,
      i === 0 ? 1 : downsampleOf(claimed, finest.shape[x], array.shape[x]),
    );
  });
}

/** Over the measures and the pixels of the overview's first tile: however it is packed. */
function identity(levels: Level[], overview: RgbaImage): string {
  const measures = levels.map(({ width, height }) => `${width}x${height}`).join('/');
  const pixels = sha256(new Uint8Array(overview.data.buffer));
  return `zarr-${sha256(new TextEncoder().encode(`${measures} ${pixels}`)).slice(0, 32)}`;
}

/** What zarrita throws as ours: our own errors come back wrapped, the rest is a damaged file. */
async function ours<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throwIfAborted(signal);
    const cause = error instanceof Error ? error.cause : undefined;
    if (isCytolensError(error)) throw error;
    if (isCytolensError(cause)) throw cause;
    if (zarr.isZarritaError(error, 'UnknownCodecError')) {
      throw new CytolensError(
        'unsupported',
        'The chunks of this OME-Zarr are packed in a way that is not read. Export it with blosc, zstd or gzip.',
        error.message,
      );
    }
    if (zarr.isZarritaError(error, 'NotFoundError')) {
      throw new CytolensError(
        'not-found',
        'The description of this OME-Zarr was found but not all of its levels. Copy the whole folder again.',
        error.message,
      );
    }
    const detail = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    throw new CytolensError(
      'format',
      'This OME-Zarr is damaged or says things that contradict each other. Copy or export it again.',
      `${detail}${cause instanceof Error ? ` (${cause.message})` : ''}`,
    );
  }
}

function noGroup(detail: string): CytolensError {
  return new CytolensError(
    'not-found',
    'There is no OME-Zarr at this place: its zarr.json or .zattrs is missing. Check the address, or choose the whole folder whose name ends in .zarr.',
    detail,
  );
}
