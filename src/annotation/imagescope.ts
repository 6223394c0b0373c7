/**
 * Annotations from Aperio ImageScope: XML with Annotations/Annotation/Regions/Region/Vertices, in
 * level-0 px. Types of a region: 0 freehand, 1 rectangle, 2 ellipse (two or four corners of its
 * box), 3 arrow, 4 ruler, 5 counter. LineColor is a Windows COLORREF, 0x00BBGGRR. A region with
 * NegativeROA is a hole in the areas of its layer.
 */
import { XMLParser } from 'fast-xml-parser';
import { cssColor } from '../core/colormap.ts';
import { CytolensError } from '../core/errors.ts';
import { extentOf, intersect } from '../core/geometry.ts';
import { isRecord } from '../core/json-stream.ts';
import { type Annotation, type Classification, createAnnotation } from './annotation.ts';
import { subtract } from './brush.ts';
import { type Geometry, isArea, type Polygon, polygonsOf } from './geometry.ts';

/** Layers are kept whole while they are read. */
const MOST_TEXT = 256 * 1024 * 1024;
/** Annotations, Annotation, Regions, Region, Vertices, Vertex, and some room. */
const DEEPEST = 16;

const LISTS = new Set(['Annotation', 'Region', 'Vertex', 'Attribute']);

export function looksLikeImageScope(head: string): boolean {
  return /<Annotations[\s>/]/.test(head);
}

/**
 * The annotations of an ImageScope file; regions without a shape are counted in `skipped`. Throws
 * `format` for what is not such a file, `too-large`.
 */
export function readImageScope(text: string): { annotations: Annotation[]; skipped: number } {
  if (text.length > MOST_TEXT) {
    throw new CytolensError(
      'too-large',
      'This XML file is larger than 256 MB. Export fewer layers.',
    );
  }
  const root = parse(text);
  const layers = listIn(root, 'Annotations', 'Annotation');
  if (!isRecord(root.Annotations)) throw notImageScope('No Annotations element.');
  const annotations: Annotation[] = [];
  let skipped = 0;
  for (const layer of layers) {
    const read = readLayer(layer);
    annotations.push(...read.annotations);
    skipped += read.skipped;
  }
  return { annotations, skipped };
}

function parse(text: string): Record<string, unknown> {
  // Entities are the one way in which a small XML file grows without bounds, or reads other files.
  if (/<!(DOCTYPE|ENTITY)/i.test(text)) {
    throw notImageScope('The file declares a document type or entities, which are not read.');
  }
  try {
    const parser = new XMLParser({
      ignoreAttributes: false,
      attributeNamePrefix: '',
      parseAttributeValue: false,
      parseTagValue: false,
      processEntities: true,
      maxNestedTags: DEEPEST,
      isArray: (name) => LISTS.has(name),
    });
    const root: unknown = parser.parse(text, true);
    if (isRecord(root)) return root;
  } catch (error) {
    throw notImageScope(error instanceof Error ? error.message : String(error));
  }
  throw notImageScope('No elements.');
}

function readLayer(layer: Record<string, unknown>) {
  const classification = classOf(layer);
  const shapes: { annotation: Annotation; hole: boolean }[] = [];
  let skipped = 0;
  for (const region of listIn(layer, 'Regions', 'Region')) {
    const annotation = annotationOf(region, classification);
    if (annotation) shapes.push({ annotation, hole: region.NegativeROA === '1' });
    else skipped++;
  }
  const holes = shapes.filter(({ hole }) => hole).flatMap((s) => polygonsOf(s.annotation.geometry));
  const annotations = shapes.filter(({ hole }) => !hole).map(({ annotation }) => annotation);
  return { annotations: annotations.flatMap((a) => withoutHoles(a, holes)), skipped };
}

/** Cut out what lies in holes; nothing is left of an area that is a hole as a whole. */
function withoutHoles(annotation: Annotation, holes: readonly Polygon[]): Annotation[] {
  const { geometry } = annotation;
  const met = isArea(geometry) ? holes.filter((hole) => meets(geometry, hole)) : [];
  if (met.length === 0) return [annotation];
  const cut = subtract(geometry, met);
  return cut.kind === 'polygons' && cut.polygons.length === 0
    ? []
    : [{ ...annotation, geometry: cut }];
}

function meets(geometry: Geometry, hole: Polygon): boolean {
  const outers = polygonsOf(geometry).map(([outer]) => outer);
  return intersect(extentOf(...outers), extentOf(hole[0])) !== null;
}

/** A layer's name, or the first text attribute it has; its colour. Layers without a name are no class. */
function classOf(layer: Record<string, unknown>): Classification | null {
  const [attribute] = listIn(layer, 'Attributes', 'Attribute');
  const name = textOf(layer.Name) || textOf(attribute?.Value) || textOf(attribute?.Name);
  if (!name) return null;
  const packed = Number(layer.LineColor) || 0;
  const colour = cssColor([packed & 255, (packed >> 8) & 255, (packed >> 16) & 255]);
  return { name, colour };
}

function annotationOf(
  region: Record<string, unknown>,
  classification: Classification | null,
): Annotation | null {
  const vertices = listIn(region, 'Vertices', 'Vertex');
  const points = vertices.flatMap(({ X, Y }) => [numberOf(X), numberOf(Y)]);
  if (points.length === 0 || !points.every(Number.isFinite)) return null;
  const type = textOf(region.Type) || '0';
  const geometry = geometryOf(type, points);
  if (!geometry) return null;
  return createAnnotation(geometry, {
    classification,
    kind: type === '4' ? 'measurement' : 'annotation',
    name: textOf(region.Text),
  });
}

function geometryOf(type: string, points: number[]): Geometry | null {
  const corners = points.length / 2;
  if (type === '5' || corners === 1) return { kind: 'points', points };
  if (type === '3' || type === '4') return { kind: 'line', points };
  if (type === '2' || (type === '1' && (corners === 2 || isUpright(points)))) {
    return { kind: type === '2' ? 'ellipse' : 'rectangle', ...extentOf(points) };
  }
  return corners >= 3 ? { kind: 'polygons', polygons: [[points]] } : null;
}

/** Whether every edge runs along one axis. */
function isUpright(points: readonly number[]): boolean {
  if (points.length !== 8) return false;
  for (let i = 0; i < 8; i += 2) {
    const next = (i + 2) % 8;
    if (points[i] !== points[next] && points[i + 1] !== points[next + 1]) return false;
  }
  return true;
}

/** The elements `list` within the element `holder`. */
function listIn(element: Record<string, unknown>, holder: string, list: string) {
  const within = element[holder];
  const found = isRecord(within) ? within[list] : null;
  return Array.isArray(found) ? found.filter(isRecord) : [];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}

function numberOf(value: unknown): number {
  return typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
}

function notImageScope(detail: string): CytolensError {
  return new CytolensError(
    'format',
    'This XML file does not hold ImageScope annotations. Save the annotations again in ImageScope, or export GeoJSON from QuPath.',
    detail,
  );
}
