/** SZI: one file, a stored ZIP of a Deep Zoom pyramid, read by byte ranges from disk or server. */
import { CytolensError } from '../core/errors.ts';
import type { ByteSource } from './bytes.ts';
import type { Decoder } from './decode.ts';
import { DESCRIPTOR_LIMIT, parseDescriptor } from './deepzoom.ts';
import { PROPERTIES_LIMIT, parseProperties } from './properties.ts';
import { openPyramid } from './pyramid.ts';
import type { CatalogFacts, Slide } from './slide.ts';
import { readDirectory, readEntry, type ZipEntry } from './zip.ts';

/** A tile file larger than this is no tile. */
const TILE_LIMIT = 32 * 1024 * 1024;
/** More tiles than a slide of 500,000 x 500,000 px has; a Map of them would not fit anyway. */
const MAX_TILES = 8_000_000;
const TILE_NAME = /(?:^|\/)(\d{1,2})\/(\d{1,7})_(\d{1,7})\.[A-Za-z0-9]+$/;

/** Throws `network`, `range`, `not-found`, `truncated`, `format`, `unsupported`, `cancelled`. */
export async function openSzi(
  source: ByteSource,
  name: string,
  facts: CatalogFacts,
  decode: Decoder,
  signal?: AbortSignal,
): Promise<Slide> {
  const contents = await readContents(source, signal);
  const text = async (entry: ZipEntry) =>
    new TextDecoder().decode(await readEntry(source, entry, signal));
  const descriptor = parseDescriptor(await text(contents.descriptor));
  const { properties, tiles } = contents;
  return openPyramid(
    {
      descriptor,
      name,
      said: properties ? parseProperties(await text(properties)) : {},
      async file(level, col, row, signal) {
        const entry = tiles.find(level, col, row);
        if (entry && entry.size <= TILE_LIMIT) return readEntry(source, entry, signal);
        throw new CytolensError(
          'not-found',
          'This slide file lacks a tile of the picture here.',
          `${level}/${col}_${row}.${descriptor.format} ${entry ? `of ${entry.size} bytes` : ''}`,
        );
      },
    },
    decode,
    facts,
    signal,
  );
}

interface Contents {
  descriptor: ZipEntry;
  properties: ZipEntry | null;
  tiles: TileIndex;
}

async function readContents(source: ByteSource, signal?: AbortSignal): Promise<Contents> {
  const tiles = new TileIndex();
  const descriptors: ZipEntry[] = [];
  let properties: ZipEntry | null = null;
  await readDirectory(
    source,
    (entry) => {
      const tile = TILE_NAME.exec(entry.name);
      if (tile) tiles.add(Number(tile[1]), Number(tile[2]), Number(tile[3]), entry);
      else if (/\.dzi$/i.test(entry.name) && entry.size <= DESCRIPTOR_LIMIT) {
        if (!entry.name.includes('__MACOSX')) descriptors.push(entry);
      } else if (entry.name.endsWith('vips-properties.xml') && entry.size <= PROPERTIES_LIMIT) {
        properties = entry;
      }
    },
    signal,
  );
  if (descriptors.length !== 1) {
    throw new CytolensError(
      descriptors.length > 1 ? 'unsupported' : 'format',
      descriptors.length > 1
        ? 'This SZI holds several pictures, and only one can be read. Pack each into a file of its own.'
        : 'This is a ZIP archive but not an SZI slide: no Deep Zoom description (.dzi) is inside. Pack the .dzi together with its _files folder.',
      `${descriptors.length} descriptors, ${tiles.size} tiles`,
    );
  }
  return { descriptor: descriptors[0], properties, tiles };
}

/**
 * Where each tile lies: numbers in columns, not an object a tile, so that a million tiles take
 * about 70 MB and the usual five thousand next to nothing.
 */
export class TileIndex {
  private readonly rows = new Map<number, number>();
  private offset = new Float64Array(1024);
  /** Size of content, size of header: two a tile. */
  private lengths = new Float64Array(2048);

  get size(): number {
    return this.rows.size;
  }

  /** A tile that comes twice counts as it came last, as unzip does it. */
  add(level: number, col: number, row: number, entry: Omit<ZipEntry, 'name'>): void {
    const index = this.rows.size;
    if (index >= MAX_TILES) {
      throw new CytolensError(
        'unsupported',
        'This SZI has more tiles than can be held in memory. Export it with larger tiles (512 or 1024 px).',
        `more than ${MAX_TILES} tiles`,
      );
    }
    const key = keyOf(level, col, row);
    const at = this.rows.get(key) ?? index;
    if (at === index) this.rows.set(key, index);
    if (at >= this.offset.length) {
      this.offset = grown(this.offset);
      this.lengths = grown(this.lengths);
    }
    this.offset[at] = entry.offset;
    this.lengths[2 * at] = entry.size;
    this.lengths[2 * at + 1] = entry.header;
  }

  find(level: number, col: number, row: number): Omit<ZipEntry, 'name'> | null {
    const at = this.rows.get(keyOf(level, col, row));
    if (at === undefined) return null;
    return {
      offset: this.offset[at],
      size: this.lengths[2 * at],
      header: this.lengths[2 * at + 1],
    };
  }
}

/** Exact: 7 bits of level over 2 x 23 bits of column and row stay below 2^53. */
function keyOf(level: number, col: number, row: number): number {
  return (level * 2 ** 23 + col) * 2 ** 23 + row;
}

function grown(column: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(column.length * 2);
  larger.set(column);
  return larger;
}
