/** What a person marks on a slide: a shape with a class, a name and a note. */
import { cssColor, type Rgb } from '../core/colormap.ts';
import { type Geometry, snapped } from './geometry.ts';

/** A class of annotations; two of the same name are the same class. */
export interface Classification {
  name: string;
  /** `#rrggbb`. */
  colour: string;
}

/** What another program said of an annotation: not shown, written back as it was. */
export interface Foreign {
  /** Further members of GeoJSON `properties`, and of its `metadata`. */
  properties?: Record<string, unknown>;
  metadata?: Record<string, string>;
  /** QuPath's plane: channel, z and time of the picture. */
  plane?: unknown;
}

export interface Annotation {
  /** UUID. */
  id: string;
  /** A measurement is there for its length, angle or count; an annotation for its area or place. */
  kind: 'annotation' | 'measurement';
  /** Level-0 px, to 1/100. */
  geometry: Geometry;
  classification: Classification | null;
  name: string;
  note: string;
  /** A locked shape is neither moved nor removed by hand. */
  locked: boolean;
  foreign?: Foreign;
}

/** Classes at hand at first. After Okabe and Ito: told apart by colour-blind eyes and on H&E. */
export const DEFAULT_CLASSES: readonly Classification[] = [
  { name: 'Tumour', colour: '#d55e00' },
  { name: 'Stroma', colour: '#56b4e9' },
  { name: 'Immune', colour: '#f2dc1e' },
  { name: 'Necrosis', colour: '#17181a' },
  { name: 'Other', colour: '#009e73' },
  { name: 'Ignore', colour: '#8a8b92' },
];

/** Colour of what has no class. */
export const UNCLASSIFIED_COLOUR = '#0b53a0';
export const UNCLASSIFIED = 'Unclassified';

export function createAnnotation(
  geometry: Geometry,
  about: Partial<Omit<Annotation, 'id' | 'geometry'>> = {},
): Annotation {
  return {
    id: newId(),
    kind: 'annotation',
    classification: null,
    name: '',
    note: '',
    locked: false,
    ...about,
    geometry: snapped(geometry),
  };
}

/** What a script gives: a shape, and what it wants to say of it. */
export type AnnotationInput = Pick<Annotation, 'geometry'> & Partial<Annotation>;

/** A whole annotation from what a script gives; an id that is a UUID is kept. */
export function annotationOf({ id, geometry, ...about }: AnnotationInput): Annotation {
  const made = createAnnotation(geometry, about);
  return isId(id) ? { ...made, id } : made;
}

/** The same annotation with another shape; what others measured on the old one goes. */
export function withGeometry(annotation: Annotation, geometry: Geometry): Annotation {
  const { foreign } = annotation;
  const changed = { ...annotation, geometry: snapped(geometry) };
  if (!foreign?.properties) return changed;
  const { measurements: _, ...properties } = foreign.properties;
  return { ...changed, foreign: { ...foreign, properties } };
}

export function colourOf({ classification }: Annotation): string {
  return classification?.colour ?? UNCLASSIFIED_COLOUR;
}

export function classOf({ classification }: Annotation): string {
  return classification?.name ?? UNCLASSIFIED;
}

/** A random UUID (RFC 9562, version 4), on pages without a secure context too. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function isId(value: unknown): value is string {
  return typeof value === 'string' && UUID.test(value);
}

/** `#rrggbb` of a colour packed as 0xRRGGBB, a sign and an opacity above it left away. */
export function unpackRgb(packed: number): string {
  return cssColor([(packed >> 16) & 255, (packed >> 8) & 255, packed & 255] satisfies Rgb);
}
