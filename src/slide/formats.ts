/**
 * The table of slide formats, and the door through which every slide is opened. Whoever adds a
 * format writes one file that returns a `Slide` and adds a row here.
 */
import { CytolensError, isCytolensError, throwIfAborted } from '../core/errors.ts';
import { type ByteSource, blobSource, urlSource } from './bytes.ts';
import { defaultCodec } from './codecs/codec.client.ts';
import type { TileCodec } from './codecs/codec.ts';
import { type Decoder, defaultDecoder } from './decode.ts';
import { claimsDicom, openDicom, openDicomFolder } from './dicom/files.ts';
import { isDicom } from './dicom/header.ts';
import { openDicomWeb } from './dicom/web.ts';
import { isDziFolder, openDziFolder, openDziUrl } from './dzi.ts';
import { isIiifFolder, openIiifFolder, openIiifUrl } from './iiif/iiif.ts';
import { isPicture } from './picture/header.ts';
import { openPicture, openPictureUrl } from './picture/picture.ts';
import type { CatalogFacts, LocalFile, Slide, SlideSource } from './slide.ts';
import { SNIFF_LENGTH } from './sniff.ts';
import { createSyntheticSlide } from './synthetic/synthetic.ts';
import { openSzi } from './szi.ts';
import { isTiff } from './tiff/ifd.ts';
import { openTiff } from './tiff/tiff.ts';
import { baseName, splitAddress } from './tree.ts';
import { rootGroup } from './zarr/paths.ts';

export interface OpenOptions {
  /** Needed where there is no createImageBitmap (Node). */
  decode?: Decoder;
  /** How tiles of TIFF, DICOM and Zarr are decoded; by default as fits where we are. */
  codec?: TileCodec;
  signal?: AbortSignal;
}

export interface OpenContext {
  /** File name without extension: what a slide is called when nothing else says. */
  name: string;
  facts: CatalogFacts;
  decode: Decoder;
  codec: TileCodec;
  signal?: AbortSignal;
}

/** A format opens in one or more of three ways; a way it lacks is not offered. */
export interface Format {
  id: string;
  /** What people call it. */
  label: string;
  /** Lower-case, with the dot; the first is the usual one. */
  extensions: readonly string[];
  /** Not listed nor served from a folder of slides: such files lie there for many reasons. */
  aside?: boolean;
  /** Does a file without a known extension begin as this format does? At most SNIFF_LENGTH bytes. */
  recognises?(head: Uint8Array): boolean;
  /** One file by byte ranges, from disk and by address alike. */
  openBytes?(bytes: ByteSource, context: OpenContext): Promise<Slide>;
  /** A description by address, whose parts lie beside it. */
  openUrl?(url: string, context: OpenContext): Promise<Slide>;
  /** What an address looks like that leads into the slide's own folder. */
  within?: RegExp;
  /** Its addresses need no extension, so one without is tried as this format. */
  bareAddress?: boolean;
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
    label: 'Deep Zoom (.dzi with its _files folder)',
    extensions: ['.dzi'],
    openUrl: (url, { name, facts, decode, signal }) => openDziUrl(url, name, facts, decode, signal),
    folder: {
      claims: isDziFolder,
      open: (files, { facts, decode, signal }) => openDziFolder(files, facts, decode, signal),
    },
  },
  {
    id: 'iiif',
    label: 'IIIF Image API 2 and 3 (info.json)',
    extensions: ['info.json'],
    aside: true,
    openUrl: (url, { facts, decode, signal }) => openIiifUrl(url, facts, decode, signal),
    folder: {
      claims: isIiifFolder,
      open: (files, { name, facts, decode, signal }) =>
        openIiifFolder(files, name, facts, decode, signal),
    },
    bareAddress: true,
  },
  {
    id: 'zarr',
    label: 'OME-Zarr 0.4 and 0.5, in colour',
    extensions: ['.zarr', '.zattrs', 'zarr.json'],
    aside: true,
    within: /\.zarr\//i,
    // zarrita and its codecs are loaded when they are needed.
    openUrl: async (url, { facts, signal }) =>
      (await import('./zarr/zarr.ts')).openZarrUrl(url, facts, signal),
    folder: {
      claims: (paths) => rootGroup(paths) !== null,
      open: async (files, { name, facts, signal }) => {
        const group = rootGroup(files.map(({ path }) => path)) ?? '';
        const { openZarrFolder } = await import('./zarr/zarr.ts');
        return openZarrFolder(files, group, name, facts, signal);
      },
    },
  },
  {
    id: 'svs',
    label: 'Aperio SVS',
    extensions: ['.svs'],
    openBytes: openTiff,
  },
  {
    id: 'ome-tiff',
    label: 'OME-TIFF, in colour',
    // Before plain TIFF, so that the whole of ".ome.tif" is taken off a name.
    extensions: ['.ome.tiff', '.ome.tif', '.ome.btf', '.ome.tf8', '.ome.tf2'],
    openBytes: openTiff,
  },
  {
    id: 'tiff',
    label: 'tiled TIFF and BigTIFF with smaller copies (Philips and Akoya too)',
    extensions: ['.tiff', '.tif', '.btf', '.tf8', '.tf2', '.qptiff'],
    recognises: isTiff,
    openBytes: openTiff,
  },
  {
    id: 'scn',
    label: 'Leica SCN of one area',
    extensions: ['.scn'],
    openBytes: openTiff,
  },
  {
    id: 'bif',
    label: 'Ventana BIF without overlap',
    extensions: ['.bif'],
    openBytes: openTiff,
  },
  {
    id: 'dicom',
    label: 'DICOM whole slide images (.dcm files or their folder)',
    extensions: ['.dcm', '.dicom'],
    recognises: isDicom,
    openBytes: openDicom,
    folder: { claims: claimsDicom, open: openDicomFolder },
  },
  {
    id: 'picture',
    label: 'JPEG, PNG or WebP picture',
    extensions: ['.jpg', '.jpeg', '.png', '.webp'],
    aside: true,
    recognises: isPicture,
    openBytes: (bytes, { name, facts, decode, signal }) =>
      openPicture(bytes, name, facts, decode, signal),
    openUrl: (url, { name, facts, decode, signal }) =>
      openPictureUrl(url, name, facts, decode, signal),
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
  const decode = options.decode ?? defaultDecoder();
  const codec = options.codec ?? defaultCodec(decode);
  const context = (fileName: string, format: Format | null): OpenContext => ({
    name: withoutExtension(fileName, format),
    facts: source.facts ?? {},
    decode,
    codec,
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
      return openDicomWeb(source.series, context(source.facts?.name ?? 'DICOM series', null));
  }
}

type ContextOf = (fileName: string, format: Format | null) => OpenContext;

async function openUrl(url: string, contextOf: ContextOf): Promise<Slide> {
  const fileName = lastSegment(url);
  const { path } = splitAddress(url);
  const format = formatOf(fileName) ?? FORMATS.find(({ within }) => within?.test(path)) ?? null;
  const context = contextOf(fileName, format);
  if (format?.openUrl) return format.openUrl(url, context);
  if (format?.openBytes) return format.openBytes(await urlSource(url, context.signal), context);
  const bare = FORMATS.find(({ bareAddress }) => bareAddress);
  if (!bare?.openUrl || !/^[^.]+$/.test(fileName)) throw unknownFormat(fileName);
  return bare.openUrl(url, context).catch((error) => {
    throw isCytolensError(error, 'not-found') ? unknownFormat(fileName) : error;
  });
}

async function openFile(file: File, contextOf: ContextOf): Promise<Slide> {
  const named = formatOf(file.name);
  const context = contextOf(file.name, named);
  if (named && !named.openBytes) {
    throw new CytolensError(
      'unsupported',
      'This file is only the description of a slide; its parts lie in a folder beside it, which a page cannot reach. Choose the whole folder instead.',
      named.id,
    );
  }
  const bytes = blobSource(file);
  // Slides of other makers begin like a TIFF or a JPEG, but hold more than those readers show.
  const foreign = OTHER_SLIDES.test(file.name);
  const format = named ?? (foreign ? null : await formatByContent(bytes, context.signal));
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
  const path = url.replace(/[?#].*$/s, '').replace(/\/+$/, '');
  // The host of an address alone is no name of a slide.
  const segment = /^\w+:\/\/[^/]*$/.test(path) ? '' : baseName(path);
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** Slides that libvips reads (by OpenSlide) and we do not. */
const OTHER_SLIDES = /\.(ndpi|mrxs|vms|vmu|svslide|czi)$/i;

function unknownFormat(fileName: string): CytolensError {
  const other = OTHER_SLIDES.exec(fileName)?.[0].toLowerCase();
  const hint = other
    ? ` libvips turns this kind of slide into one: vips dzsave slide${other} slide.szi`
    : '';
  return new CytolensError(
    'format',
    `Slides of this kind are not read. Cytolens reads ${listed(FORMATS)}.${hint}`,
    fileName ? `file name ends in "${/\.[^.]*$/.exec(fileName)?.[0] ?? ''}"` : 'no file name',
  );
}
