/**
 * `info.json` of the IIIF Image API 2 and 3, and the addresses of tiles it promises.
 * Source: https://iiif.io/api/image/2.1/ and /3.0/, sections 4 (requests) and 5 (information);
 * physical size: https://iiif.io/api/annex/services/#physical-dimensions
 */
import { z } from 'zod';
import { CytolensError } from '../../core/errors.ts';
import { MAX_SIDE, MAX_TILE, MIN_TILE } from '../deepzoom.ts';
import { squareMpp } from '../describe.ts';
import { checkJson, readJson } from '../json.ts';
import type { Level } from '../slide.ts';

/** A description is some kB; one with thousands of lines is something else. */
export const INFO_LIMIT = 1024 * 1024;
/** Tile side asked of a server that cuts any region and names no size of its own, px. */
const OWN_TILE = 512;

export interface IiifImage {
  version: 2 | 3;
  width: number;
  height: number;
  tileWidth: number;
  tileHeight: number;
  /** Level-0 px per px of each level, finest (1) first. */
  scaleFactors: number[];
  /** File extensions that the tiles may have, without the dot, the likeliest first. */
  formats: string[];
  /** Only the listed tiles exist (level 0): no other may be asked for. */
  fixed: boolean;
  /** um per px, where a physical-dimensions service says so. */
  mpp: number | null;
  /** The address that the service gives itself; null when it is no web address. */
  id: string | null;
}

const side = z.number().int().min(1).max(MAX_SIDE);
const tileSide = z.number().int().min(MIN_TILE).max(MAX_TILE);
const limit = z.number().positive();
const tilesSchema = z.object({
  width: tileSide,
  height: tileSide.optional(),
  scaleFactors: z.array(z.number().int().min(1).max(MAX_SIDE)).min(1).max(64),
});
const infoSchema = z.object({
  '@context': z.unknown().optional(),
  '@id': z.string().optional(),
  id: z.string().optional(),
  type: z.string().optional(),
  width: side,
  height: side,
  tiles: z.array(tilesSchema).max(64).optional(),
  profile: z.unknown().optional(),
  extraFormats: z.array(z.string()).optional(),
  preferredFormats: z.array(z.string()).optional(),
  maxWidth: limit.optional(),
  maxHeight: limit.optional(),
  maxArea: limit.optional(),
  service: z.unknown().optional(),
});
type Info = z.infer<typeof infoSchema>;

const WHAT = 'IIIF image description (info.json)';
// What every browser decodes, the smallest first.
const TILE_FORMATS = ['jpg', 'webp', 'png', 'avif', 'gif'];

/** Throws `format` for what is no info.json, `unsupported` for API 1 and unlisted ways of cutting. */
export function parseInfo(bytes: Uint8Array): IiifImage {
  const info = readJson(bytes, infoSchema, WHAT);
  const version = versionOf(info);
  const { fixed, formats } = abilities(info);
  const shape = tilesOf(info, fixed);
  return {
    version,
    width: info.width,
    height: info.height,
    ...shape,
    formats: tileFormats([...(info.preferredFormats ?? []), ...formats], fixed),
    fixed,
    mpp: physicalMpp(info.service),
    id: addressOf(info.id ?? info['@id']),
  };
}

/** Levels of an image, the finest first; a side is rounded up as the API's sizes are. */
export function levelsOf(image: IiifImage): Level[] {
  return image.scaleFactors.map((factor) => ({
    width: Math.ceil(image.width / factor),
    height: Math.ceil(image.height / factor),
    downsample: factor,
    tileWidth: image.tileWidth,
    tileHeight: image.tileHeight,
  }));
}

/**
 * Paths of a tile below the service, the likeliest first, and the size of the picture there in px.
 * In static trees a tile that is the whole picture is called `full`, but numbers in those of
 * libvips before 8.15, so both are named; a server that cuts on demand gets the numbers alone.
 */
export function tileAddresses(
  image: IiifImage,
  format: string,
  level: number,
  col: number,
  row: number,
) {
  const factor = image.scaleFactors[level];
  const x = col * image.tileWidth * factor;
  const y = row * image.tileHeight * factor;
  const w = Math.min(image.tileWidth * factor, image.width - x);
  const h = Math.min(image.tileHeight * factor, image.height - y);
  const width = Math.ceil(w / factor);
  const height = Math.ceil(h / factor);
  const size = image.version === 3 ? `${width},${height}` : `${width},`;
  const end = `0/default.${format}`;
  const paths = [`${x},${y},${w},${h}/${size}/${end}`];
  if (image.fixed && w === image.width && h === image.height) {
    const full = image.version === 3 ? 'max' : 'full';
    paths.unshift(...(factor === 1 ? [`full/${full}/${end}`] : []), `full/${size}/${end}`);
  }
  return { paths, width, height };
}

function versionOf(info: Info): 2 | 3 {
  const said = JSON.stringify(info['@context'] ?? '').slice(0, 2000);
  if (info.type === 'ImageService3' || said.includes('/image/3/')) return 3;
  if (info.type === 'ImageService2' || said.includes('/image/2/')) return 2;
  throw new CytolensError(
    'unsupported',
    'This picture is offered by another version of the IIIF Image API than 2 or 3, which are read.',
    `@context ${said.slice(0, 200)}`,
  );
}

/** Whether only listed tiles exist, and the formats named. */
function abilities({ profile, extraFormats = [] }: Info): { fixed: boolean; formats: string[] } {
  const list: unknown[] = Array.isArray(profile) ? profile : [profile];
  const level = list.find((item) => typeof item === 'string') ?? '';
  const extras = z.object({ formats: z.array(z.string()).optional() });
  const named = list.flatMap((item) => extras.safeParse(item).data?.formats ?? []);
  return { fixed: !/level[12]\b/.test(String(level)), formats: [...named, ...extraFormats] };
}

/**
 * A server always makes JPEG. A static tree has one format, which libvips does not name in version
 * 3: then it is found out.
 */
function tileFormats(named: string[], fixed: boolean): string[] {
  if (!fixed) return ['jpg'];
  if (named.length === 0) return ['jpg', 'png', 'webp'];
  const readable = TILE_FORMATS.filter((format) => named.includes(format));
  if (readable.length > 0) return readable;
  throw new CytolensError(
    'unsupported',
    'The tiles of this picture are of a kind that browsers cannot decode. Export it again with JPEG or PNG tiles.',
    named.join(', ').slice(0, 200),
  );
}

function tilesOf(info: Info, fixed: boolean) {
  const listed = info.tiles?.find(({ scaleFactors }) => scaleFactors.includes(1));
  if (!listed && fixed) {
    throw new CytolensError(
      'unsupported',
      'This IIIF picture comes whole, not in tiles at full size. Save the picture and open the file instead.',
      `${info.tiles?.length ?? 0} tile sizes`,
    );
  }
  const tileWidth = listed?.width ?? ownTile(info);
  const tileHeight = listed?.height ?? tileWidth;
  const scaleFactors = [...new Set(listed?.scaleFactors ?? [1])].sort((a, b) => a - b);
  // A server that cuts on demand also makes the coarser levels that it does not list.
  const single = (factor: number) =>
    info.width <= tileWidth * factor && info.height <= tileHeight * factor;
  while (!fixed && !single(scaleFactors[scaleFactors.length - 1])) {
    scaleFactors.push(scaleFactors[scaleFactors.length - 1] * 2);
  }
  return { tileWidth, tileHeight, scaleFactors };
}

function ownTile({ maxWidth, maxHeight, maxArea }: Info): number {
  const allowed = Math.min(
    OWN_TILE,
    maxWidth ?? OWN_TILE,
    maxHeight ?? maxWidth ?? OWN_TILE,
    Math.sqrt(maxArea ?? OWN_TILE ** 2),
  );
  return checkJson(Math.floor(allowed), tileSide, WHAT);
}

const physicalSchema = z.object({
  physicalScale: z.number().positive(),
  physicalUnits: z.enum(['mm', 'cm', 'in']),
});
const MICROMETRES = { mm: 1000, cm: 10_000, in: 25_400 };

/** um per px of a physical-dimensions service, which says units per px. */
function physicalMpp(service: unknown): number | null {
  for (const item of Array.isArray(service) ? service.slice(0, 64) : [service]) {
    const { data } = physicalSchema.safeParse(item);
    if (data) {
      const mpp = data.physicalScale * MICROMETRES[data.physicalUnits];
      return squareMpp(mpp, mpp);
    }
  }
  return null;
}

function addressOf(id: string | undefined): string | null {
  return id && /^https?:\/\/[^/]/.test(id) ? id.replace(/\/+$/, '') : null;
}
