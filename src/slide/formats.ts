/**
 * The table of slide formats, and the door through which every slide is opened. Whoever adds a
 * format writes one file that returns a `Slide` and adds a row here.
 */
import { CytolensError, throwIfAborted } from '../core/errors.ts';
import { type ByteSource, blobSource, urlSource } from './bytes.ts';
import { type Decoder, defaultDecoder } from './decode.ts';
import { openDziUrl } from './dzi.ts';
import type { CatalogFacts, LocalFile, Slide, SlideSource } from './slide.ts';
import { SNIFF_LENGTH } from './sniff.ts';
import { createSyntheticSlide } from './synthetic/synthetic.ts';
import { openSzi } from './szi.ts';

export interface OpenOptions {
  /** Needed where there is no createImageBitmap (Node). */
  decode?: Decoder;
  signal?: AbortSignal;
}

export interface OpenContext {
  /** File name without extension: what a slide is called when nothing else says. */
  name: string;
  facts: CatalogFacts;
  decode: Decoder;
  signal?: AbortSignal;
}

/** A format opens in one or more of three ways; a way it lacks is not offered. */
export interface Format {
  id: string;
  /** What people call it. */
  label: string;
  /** Lower-case, with the dot; the first is the usual one. */
  extensions: readonly string[];
  /** Does a file without a known extension begin as this format does? At most SNIFF_LENGTH bytes. */
  recognises?(head: Uint8Array): boolean;
  /** One file by byte ranges, from disk and by address alike. */
  openBytes?(bytes: ByteSource, context: OpenContext): Promise<Slide>;
  /** A description by address, whose parts lie beside it. */
  openUrl?(url: string, context: OpenContext): Promise<Slide>;
  /** Several local files as one slide, where `claims` says they are. */
  folder?: {
    claims(paths: readonly string[]): boolean;
    open(files: readonly LocalFile[], context: OpenContext): Promise<Slide>;
  };
}

export const FORMATS: readonly Format[] = [
  {
    id: 'szi',
    label: 'SZI (one-file Deep Zoom)',
    extensions: ['.szi'],
    openBytes: (bytes, { name, facts, decode, signal }) =>
      openSzi(bytes, name, facts, decode, signal),
  },
  {
    id: 'dzi',
    label: 'Deep Zoom (.dzi with its _files folder, by address)',
    extensions: ['.dzi'],
    openUrl: (url, { name, facts, decode, signal }) => openDziUrl(url, name, facts, decode, signal),
  },
];

/** The format whose extension a file name or a path ends in, or null. */
export function formatOf(name: string): Format | null {
  const lower = name.toLowerCase();
  return FORMATS.find(({ extensions }) => extensions.some((end) => lower.endsWith(end))) ?? null;
}

/**
 * Open a slide. Addresses in `source` must be absolute when they cross to a worker, whose own
 * address is another one. Throws CytolensError `format` for what no row of the table reads, and
 * what the format's own opener throws.
 */
export async function openSlide(source: SlideSource, options: OpenOptions = {}): Promise<Slide> {
  throwIfAborted(options.signal);
  if (source.kind === 'synthetic') return createSyntheticSlide(source);
  const context = (fileName: string, format: Format | null): OpenContext => ({
    name: withoutExtension(fileName, format),
    facts: source.facts ?? {},
    decode: options.decode ?? defaultDecoder(),
    signal: options.signal,
  });
  switch (source.kind) {
    case 'url':
      return openUrl(source.url, context);
    case 'file':
      return openFile(source.file, context);
    case 'files':
      return openFiles(source.name, source.files, context);
    case 'dicomweb':
      throw unknownFormat('');
  }
}

type ContextOf = (fileName: string, format: Format | null) => OpenContext;

async function openUrl(url: string, contextOf: ContextOf): Promise<Slide> {
  const fileName = lastSegment(url);
  const format = formatOf(fileName);
  const context = contextOf(fileName, format);
  if (format?.openUrl) return format.openUrl(url, context);
  if (format?.openBytes) return format.openBytes(await urlSource(url, context.signal), context);
  throw unknownFormat(fileName);
}

async function openFile(file: File, contextOf: ContextOf): Promise<Slide> {
  const named = formatOf(file.name);
  const context = contextOf(file.name, named);
  if (named && !named.openBytes) {
    throw new CytolensError(
      'unsupported',
      `A ${named.extensions[0]} file is only the description; its parts lie in a folder beside it, which a page cannot reach. Choose the whole folder instead.`,
    );
  }
  const bytes = blobSource(file);
  const format = named ?? (await formatByContent(bytes, context.signal));
  if (!format?.openBytes) throw unknownFormat(file.name);
  return format.openBytes(bytes, context);
}

async function formatByContent(bytes: ByteSource, signal?: AbortSignal): Promise<Format | null> {
  const head = await bytes.read(0, Math.min(SNIFF_LENGTH, bytes.size), signal);
  return FORMATS.find((format) => format.recognises?.(head)) ?? null;
}

async function openFiles(
  name: string,
  files: readonly LocalFile[],
  contextOf: ContextOf,
): Promise<Slide> {
  if (files.length === 1) return openFile(files[0].file, contextOf);
  const paths = files.map(({ path }) => path);
  const format = FORMATS.find(({ folder }) => folder?.claims(paths));
  if (format?.folder) return format.folder.open(files, contextOf(name, null));
  throw new CytolensError(
    'format',
    `These files are not one slide. Cytolens reads as a folder: ${listed(FORMATS.filter(({ folder }) => folder))}.`,
    `${files.length} files`,
  );
}

/** A file's name without the extension of its format. */
export function withoutExtension(fileName: string, format: Format | null): string {
  const lower = fileName.toLowerCase();
  const end = format?.extensions.find((extension) => lower.endsWith(extension)) ?? '';
  return fileName.slice(0, fileName.length - end.length);
}

function listed(formats: readonly Format[]): string {
  return formats.map(({ label }) => label).join('; ');
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
  const hint = OTHER_SLIDES.test(fileName)
    ? ' libvips turns this kind of slide into one: vips dzsave slide.svs slide.szi'
    : '';
  return new CytolensError(
    'format',
    `Slides of this kind are not read. Cytolens reads ${listed(FORMATS)}.${hint}`,
    fileName ? `file name ends in "${/\.[^.]*$/.exec(fileName)?.[0] ?? ''}"` : 'no file name',
  );
}
