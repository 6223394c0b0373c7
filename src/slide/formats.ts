/**
 * The table of slide formats, and the door through which every slide is opened. Whoever adds a
 * format writes one file that returns a `Slide` and adds a row here.
 */
import { CytolensError, throwIfAborted } from '../core/errors.ts';
import { type ByteSource, blobSource, urlSource } from './bytes.ts';
import { type Decoder, defaultDecoder } from './decode.ts';
import { openDziUrl } from './dzi.ts';
import type { CatalogFacts, Slide, SlideSource } from './slide.ts';
import { createSyntheticSlide } from './synthetic/synthetic.ts';
import { openSzi } from './szi.ts';

export interface OpenOptions {
  /** Needed where there is no createImageBitmap (Node). */
  decode?: Decoder;
  signal?: AbortSignal;
}

interface OpenContext {
  /** File name without extension: what a slide is called when nothing else says. */
  name: string;
  facts: CatalogFacts;
  decode: Decoder;
  signal?: AbortSignal;
}

export interface Format {
  id: string;
  /** What people call it. */
  label: string;
  /** Lower-case, with the dot. */
  extension: string;
  openUrl(url: string, context: OpenContext): Promise<Slide>;
  openFile(file: File, context: OpenContext): Promise<Slide>;
}

export const FORMATS: readonly Format[] = [
  {
    id: 'szi',
    label: 'SZI (one-file Deep Zoom)',
    extension: '.szi',
    openUrl: async (url, context) => openOneFile(await urlSource(url, context.signal), context),
    openFile: async (file, context) => openOneFile(blobSource(file), context),
  },
  {
    id: 'dzi',
    label: 'Deep Zoom (.dzi with its _files folder, by address)',
    extension: '.dzi',
    openUrl: (url, { name, facts, decode, signal }) => openDziUrl(url, name, facts, decode, signal),
    openFile: async () => {
      throw new CytolensError(
        'unsupported',
        'A .dzi file is only the description; its tiles lie in a folder beside it, which a page cannot reach. Pack both into one file with: zip -0 -r slide.szi slide.dzi slide_files - and open that.',
      );
    },
  },
];

/** The format whose extension a file name or a path ends in, or null. */
export function formatOf(name: string): Format | null {
  const lower = name.toLowerCase();
  return FORMATS.find((format) => lower.endsWith(format.extension)) ?? null;
}

/**
 * Open a slide. Addresses in `source` must be absolute when they cross to a worker, whose own
 * address is another one. Throws CytolensError `format` for an unknown extension, and what the
 * format's own opener throws.
 */
export async function openSlide(source: SlideSource, options: OpenOptions = {}): Promise<Slide> {
  throwIfAborted(options.signal);
  if (source.kind === 'synthetic') return createSyntheticSlide(source);
  const fileName = source.kind === 'url' ? lastSegment(source.url) : source.file.name;
  const format = formatOf(fileName);
  if (!format) throw unknownFormat(fileName);
  const context: OpenContext = {
    name: fileName.slice(0, -format.extension.length),
    facts: source.facts ?? {},
    decode: options.decode ?? defaultDecoder(),
    signal: options.signal,
  };
  return source.kind === 'url'
    ? format.openUrl(source.url, context)
    : format.openFile(source.file, context);
}

function openOneFile(bytes: ByteSource, { name, facts, decode, signal }: OpenContext) {
  return openSzi(bytes, name, facts, decode, signal);
}

/** Last part of an address's path, without query and hash, percent signs resolved. */
function lastSegment(url: string): string {
  const segment =
    url
      .replace(/[?#].*$/s, '')
      .split('/')
      .pop() ?? '';
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

const OTHER_SLIDES = /\.(svs|tiff?|ndpi|mrxs|scn|bif|vms|vmu|qptiff|czi|vsi|dcm|isyntax)$/i;

function unknownFormat(fileName: string): CytolensError {
  const supported = FORMATS.map((format) => format.label).join(' and ');
  const hint = OTHER_SLIDES.test(fileName)
    ? ' libvips turns this kind of slide into one: vips dzsave slide.svs slide.szi'
    : '';
  return new CytolensError(
    'format',
    `Slides of this kind are not read. Cytolens reads ${supported}.${hint}`,
    fileName ? `file name ends in "${/\.[^.]*$/.exec(fileName)?.[0] ?? ''}"` : 'no file name',
  );
}
