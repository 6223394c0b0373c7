/** Deep Zoom by address: `<name>.dzi` and its tiles `<name>_files/<level>/<col>_<row>.<format>`. */
import { CytolensError, isCytolensError } from '../core/errors.ts';
import { fetchWhole } from './bytes.ts';
import type { Decoder } from './decode.ts';
import { DESCRIPTOR_LIMIT, parseDescriptor } from './deepzoom.ts';
import { PROPERTIES_LIMIT, parseProperties } from './properties.ts';
import { openPyramid } from './pyramid.ts';
import type { CatalogFacts, Slide } from './slide.ts';
import { seemsToBe } from './sniff.ts';

/** A tile file larger than this is no tile. */
const TILE_LIMIT = 32 * 1024 * 1024;

/** Throws `network`, `not-found`, `format`, `unsupported`, `cancelled`. */
export async function openDziUrl(
  url: string,
  name: string,
  facts: CatalogFacts,
  decode: Decoder,
  signal?: AbortSignal,
): Promise<Slide> {
  const { bytes } = await fetchWhole(url, DESCRIPTOR_LIMIT, signal);
  const text = new TextDecoder().decode(bytes);
  if (!text.includes('<')) {
    throw new CytolensError(
      'format',
      `The file at this address ends in .dzi but is ${seemsToBe(bytes)}, not a Deep Zoom description.`,
      url,
    );
  }
  const descriptor = parseDescriptor(text);
  const folder = tileFolder(url);
  return openPyramid(
    {
      descriptor,
      name,
      said: await propertiesBeside(folder, facts, signal),
      async file(level, col, row, signal) {
        const path = `${folder.base}/${level}/${col}_${row}.${descriptor.format}${folder.query}`;
        const { bytes, type } = await fetchWhole(path, TILE_LIMIT, signal);
        // Single-page hosts answer their start page, with 200, to any address they do not know.
        if (type.startsWith('text/html')) {
          throw new CytolensError(
            'not-found',
            'The server answers a web page in place of a tile of this slide. Check the address.',
            path,
          );
        }
        return bytes;
      },
    },
    decode,
    facts,
    signal,
  );
}

/** Where the tiles of a descriptor lie; a query (a signed address) goes with every tile. */
function tileFolder(url: string): { base: string; query: string } {
  const [, path, query] = /^([^?#]*)(\?[^#]*)?/.exec(url) ?? ['', url, ''];
  return { base: path.replace(/\.[^./]*$/, '_files'), query: query ?? '' };
}

/**
 * libvips leaves the scanner's metadata among the tiles. It is asked for only when the catalog
 * does not give the scale, and its absence is no error: then the user is asked for the scale.
 */
async function propertiesBeside(
  folder: { base: string; query: string },
  facts: CatalogFacts,
  signal?: AbortSignal,
): Promise<CatalogFacts> {
  if (facts.mpp) return {};
  try {
    const url = `${folder.base}/vips-properties.xml${folder.query}`;
    const { bytes } = await fetchWhole(url, PROPERTIES_LIMIT, signal);
    return parseProperties(new TextDecoder().decode(bytes));
  } catch (error) {
    if (isCytolensError(error, 'cancelled')) throw error;
    return {};
  }
}
