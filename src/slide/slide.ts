/**
 * What a slide is to the rest of Cytolens. Whoever adds a format writes one file that returns a
 * `Slide` and adds a row to the table in `formats.ts`.
 */
import type { Rect } from '../core/geometry.ts';

/** A resolution level; level 0 is the finest. */
export interface Level {
  width: number;
  height: number;
  /** Level-0 pixels per pixel of this level. */
  downsample: number;
  /** Size of a tile of this level, without overlap. Tiles at the right and lower edge may be smaller. */
  tileWidth: number;
  tileHeight: number;
}

export interface SlideInfo {
  /** Stable identity of the pixels: same slide, same id. Never a person's name or a local path. */
  id: string;
  name: string;
  width: number;
  height: number;
  /** um per level-0 pixel; null when the slide does not say. Nothing guesses in silence. */
  mpp: number | null;
  objective: number | null;
  stain: string | null;
  scanner: string | null;
  source: string | null;
  licence: string | null;
  levels: Level[];
  /** Pictures that lie beside the tissue; a label may name a person. None when left out. */
  associated?: AssociatedKind[];
  /** Sentences a person should read before trusting the picture: what was left out, and why. */
  notes?: string[];
}

export type AssociatedKind = 'label' | 'macro' | 'thumbnail';

/** Straight RGBA, 8 bits, row by row from the top. */
export interface RgbaImage {
  width: number;
  height: number;
  data: Uint8ClampedArray<ArrayBuffer>;
}

/** A decoded tile: a bitmap in browsers, bytes where the pixels are computed or in Node. */
export type Raster = ImageBitmap | RgbaImage;

export interface Slide {
  readonly info: SlideInfo;
  /**
   * One tile, decoded. Without overlap: column c covers level pixels [c * tileWidth, (c + 1) *
   * tileWidth). Throws CytolensError `not-found`, `network`, `truncated` or `cancelled`.
   */
  tile(level: number, col: number, row: number, signal?: AbortSignal): Promise<Raster>;
  /** A picture that `info.associated` names. Read only when asked for. Throws as `tile` does. */
  associatedImage?(kind: AssociatedKind, signal?: AbortSignal): Promise<Raster>;
  /** The scanner's ICC profile of the tiles' colours, as stored; null when there is none. */
  iccProfile?(signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer> | null>;
  close(): void;
}

/** Exact ground truth, which only a drawn slide has. */
export interface TruthSlide extends Slide {
  groundTruth(rect: Rect): GroundTruthCell[];
}

export interface GroundTruthCell {
  x: number;
  y: number;
  /** Outline x0, y0, x1, y1, ... in level-0 px. */
  outline: Float32Array;
  type: string;
}

/** What a catalog says beyond the file itself. */
export interface CatalogFacts {
  name?: string;
  mpp?: number | null;
  objective?: number | null;
  stain?: string;
  scanner?: string;
  source?: string;
  licence?: string;
}

/** How a slide is named when it is opened; crosses threads, so each thread opens its own. */
export type SlideSource =
  | { kind: 'url'; url: string; facts?: CatalogFacts }
  | { kind: 'file'; file: File; facts?: CatalogFacts }
  /** Several local files that are one slide: a folder, or what was chosen together. */
  | { kind: 'files'; name: string; files: LocalFile[]; facts?: CatalogFacts }
  | { kind: 'dicomweb'; series: DicomWebSeries; facts?: CatalogFacts }
  | { kind: 'synthetic'; seed: number; width: number; height: number };

/** A file and its path below the chosen folder, with `/`; the bare name when chosen singly. */
export interface LocalFile {
  path: string;
  file: File;
}

/** A series of a DICOMweb server. The token stays in memory: it is never stored, nor in an address. */
export interface DicomWebSeries {
  /** Address of the service, without the trailing slash: https://host/dicom-web */
  service: string;
  study: string;
  series: string;
  token?: string;
}

export function isTruthSlide(slide: Slide): slide is TruthSlide {
  return 'groundTruth' in slide;
}
