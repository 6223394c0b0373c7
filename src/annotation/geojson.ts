/**
 * Annotations as GeoJSON that QuPath 0.5 and 0.6 write and read. Its rules (PathObjectTypeAdapters
 * and ROITypeAdapters of qupath.lib.io):
 *   - an `id` that is no UUID is passed over; a missing or unknown `objectType` is an annotation;
 *   - `name` must not be null; `isLocked` is written only when true; `metadata` holds texts;
 *   - `classification` is {name, color: [r, g, b]}, of old files {name, colorRGB: packed int};
 *   - an ellipse is a polygon with `isEllipse` in its geometry, and read back as its bounding box;
 *   - a polygon that is an upright rectangle becomes one; several points are a MultiPoint;
 *   - an annotation's description is the metadata ANNOTATION_DESCRIPTION.
 * Coordinates are level-0 px to 1/100 px.
 */
import { cssColor, parseHex } from '../core/colormap.ts';
import { throwIfAborted } from '../core/errors.ts';
import { nextTask } from '../core/tasks.ts';
import type { Annotation } from './annotation.ts';
import { type Coordinates, type Geometry, outlinesOf, type Polygon, snap } from './geometry.ts';

export const NOTE_KEY = 'ANNOTATION_DESCRIPTION';
/** Metadata of a measurement: what is measured, which GeoJSON has no shape for. */
export const MEASURE_KEY = 'Cytolens measurement';
/** Features written between two turns for other work. */
const BATCH = 2000;

/**
 * A feature collection in parts of text. `about` becomes its member `cytolens`, which GeoJSON
 * allows and QuPath passes over (RFC 7946, section 6.1). Throws `cancelled`.
 */
export async function* annotationParts(
  annotations: readonly Annotation[],
  about: unknown,
  signal?: AbortSignal,
): AsyncGenerator<string, void, void> {
  const head = JSON.stringify({ type: 'FeatureCollection', cytolens: about }).slice(0, -1);
  yield `${head},"features":[\n`;
  for (let from = 0; from < annotations.length; from += BATCH) {
    throwIfAborted(signal);
    const batch = annotations.slice(from, from + BATCH);
    const text = batch.map((annotation) => JSON.stringify(featureOf(annotation))).join(',\n');
    yield from > 0 ? `,\n${text}` : text;
    await nextTask();
  }
  yield '\n]}\n';
}

/** One annotation as a GeoJSON feature. */
export function featureOf(annotation: Annotation): Record<string, unknown> {
  const { id, geometry, classification, name, locked, foreign } = annotation;
  const metadata = metadataOf(annotation);
  return {
    type: 'Feature',
    id,
    geometry: { ...geometryOf(geometry), ...(foreign?.plane ? { plane: foreign.plane } : {}) },
    properties: {
      ...foreign?.properties,
      objectType: 'annotation',
      ...(name ? { name } : {}),
      ...(classification
        ? {
            classification: { name: classification.name, color: parseHex(classification.colour) },
          }
        : {}),
      ...(locked ? { isLocked: true } : {}),
      ...(metadata ? { metadata } : {}),
    },
  };
}

function metadataOf({ kind, geometry, note, foreign }: Annotation): Record<string, string> | null {
  const metadata: Record<string, string> = { ...foreign?.metadata };
  if (note) metadata[NOTE_KEY] = note;
  if (kind === 'measurement') metadata[MEASURE_KEY] = geometry.kind;
  return Object.keys(metadata).length > 0 ? metadata : null;
}

type Position = [number, number];

function geometryOf(geometry: Geometry): Record<string, unknown> {
  switch (geometry.kind) {
    case 'points': {
      const positions = positionsOf(geometry.points);
      return positions.length === 1
        ? { type: 'Point', coordinates: positions[0] }
        : { type: 'MultiPoint', coordinates: positions };
    }
    case 'line':
    case 'angle':
      return { type: 'LineString', coordinates: positionsOf(geometry.points) };
    case 'rectangle':
      return { type: 'Polygon', coordinates: outlinesOf(geometry).map((o) => ringOf(o.points)) };
    case 'ellipse': {
      const rings = outlinesOf(geometry).map((o) => ringOf(o.points));
      return { type: 'Polygon', coordinates: rings, isEllipse: true };
    }
    case 'polygons': {
      const polygons = geometry.polygons.map((rings: Polygon) => rings.map(ringOf));
      return polygons.length === 1
        ? { type: 'Polygon', coordinates: polygons[0] }
        : { type: 'MultiPolygon', coordinates: polygons };
    }
  }
}

function positionsOf(points: Coordinates): Position[] {
  const positions: Position[] = [];
  for (let i = 0; i < points.length; i += 2) positions.push([snap(points[i]), snap(points[i + 1])]);
  return positions;
}

/** Closed: its first position stands at its end once more. */
function ringOf(points: Coordinates): Position[] {
  const ring = positionsOf(points);
  return [...ring, ring[0]];
}

/** Colour of a class as `#rrggbb` from [r, g, b]. */
export function colourFrom(channels: readonly unknown[]): string | null {
  const bytes = channels.map((v) => Math.round(Number(v)));
  const good = bytes.length === 3 && bytes.every((v) => v >= 0 && v <= 255);
  return good ? cssColor([bytes[0], bytes[1], bytes[2]]) : null;
}
