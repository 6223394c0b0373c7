/** Annotations from GeoJSON: QuPath's and our own (the rules are told in geojson.ts). Level-0 px. */
import { chunksOf } from '../core/chunks.ts';
import { CytolensError, throwIfAborted } from '../core/errors.ts';
import { classNameOf, flatPositions, flatRing, listOf } from '../core/geojson.ts';
import { featuresOf, isRecord } from '../core/json-stream.ts';
import { nextTask } from '../core/tasks.ts';
import {
  type Annotation,
  type Classification,
  DEFAULT_CLASSES,
  type Foreign,
  isId,
  newId,
  UNCLASSIFIED_COLOUR,
  unpackRgb,
} from './annotation.ts';
import { colourFrom, MEASURE_KEY, NOTE_KEY } from './geojson.ts';
import { type Geometry, isArea, type Polygon, snap, snapped } from './geometry.ts';

export interface ReadReport {
  annotations: Annotation[];
  /** Features that are cells: QuPath's detections, cells and tiles. */
  cells: number;
  /** Features without a shape that can be drawn. */
  skipped: number;
}

/** A file holds at most so many: they are listed and saved as a whole. */
const MOST_ANNOTATIONS = 500_000;
/** Features taken between two turns for other work. */
const BATCH = 2000;
/** The largest sides of slides are a tenth of this; what is larger is in other units. */
const FARTHEST = 1e7;

/**
 * Read annotations feature by feature; cells are counted and left to the importer of cells. `onBytes`
 * is told how much of the file was read. Throws `format`, `truncated`, `too-large`, `cancelled`.
 */
export async function readAnnotations(
  file: Blob,
  { signal, onBytes }: { signal?: AbortSignal; onBytes?: (bytes: number) => void } = {},
): Promise<ReadReport> {
  const report: ReadReport = { annotations: [], cells: 0, skipped: 0 };
  const ids = new Set<string>();
  for await (const { features, bytes } of featuresOf(chunksOf(file, signal))) {
    for (let i = 0; i < features.length; i++) {
      if (i % BATCH === BATCH - 1) {
        await nextTask();
        throwIfAborted(signal);
      }
      take(report, ids, features[i]);
    }
    onBytes?.(bytes);
  }
  return report;
}

/** What the first features of a file are: enough to tell whose reader it is for. */
export async function peekAtFeatures(file: Blob): Promise<{ annotations: number; cells: number }> {
  const found = { annotations: 0, cells: 0 };
  for await (const { features } of featuresOf(chunksOf(file))) {
    for (const feature of features) {
      const type = isRecord(feature) ? objectTypeOf(feature) : null;
      if (type !== null && CELL_TYPES.test(type)) found.cells++;
      else if (type !== null || !isPolygon(feature)) found.annotations++;
    }
    if (features.length > 0) break;
  }
  return found;
}

const CELL_TYPES = /^(cell|detection|tile|Path(Cell|Detection|Tile)Object)$/;

/** QuPath's `objectType`, by any of the names it has had; null when the feature does not say. */
function objectTypeOf({ id, properties }: Record<string, unknown>): string | null {
  const said = isRecord(properties) ? properties : {};
  for (const type of [said.objectType, said.object_type, said.type]) {
    if (typeof type === 'string') return type;
  }
  // QuPath 0.2 wrote the type where the id belongs.
  return typeof id === 'string' && id.startsWith('Path') ? id : null;
}

function isPolygon(feature: unknown): boolean {
  const geometry = isRecord(feature) ? feature.geometry : null;
  return isRecord(geometry) && /^(Multi)?Polygon$/.test(String(geometry.type));
}

function take(report: ReadReport, ids: Set<string>, feature: unknown): void {
  if (!isRecord(feature)) {
    report.skipped++;
    return;
  }
  if (CELL_TYPES.test(objectTypeOf(feature) ?? '')) {
    report.cells++;
    return;
  }
  const annotation = annotationFrom(feature);
  if (!annotation) {
    report.skipped++;
    return;
  }
  // Two objects of one id would be edited as one.
  const id = ids.has(annotation.id) ? newId() : annotation.id;
  ids.add(id);
  report.annotations.push({ ...annotation, id });
  if (report.annotations.length > MOST_ANNOTATIONS) {
    throw new CytolensError(
      'too-large',
      'The file holds over 500,000 annotations. Export a part of them, or export cells as detections.',
    );
  }
}

/** An annotation from a feature; null without a shape that can be drawn. */
export function annotationFrom(feature: Record<string, unknown>): Annotation | null {
  const properties = isRecord(feature.properties) ? feature.properties : {};
  const {
    objectType,
    object_type,
    name,
    classification,
    isLocked,
    metadata: said,
    ...rest
  } = properties;
  const { [NOTE_KEY]: note, [MEASURE_KEY]: measured, ...metadata } = texts(said);
  const shape = isRecord(feature.geometry) ? feature.geometry : null;
  const geometry = shape && geometryFrom(shape, measured === 'angle');
  if (!geometry) return null;
  const foreign: Foreign = {
    ...(Object.keys(rest).length > 0 ? { properties: rest } : {}),
    ...(Object.keys(metadata).length > 0 ? { metadata } : {}),
    ...(shape.plane ? { plane: shape.plane } : {}),
  };
  return {
    id: isId(feature.id) ? feature.id : newId(),
    kind: measured && !isArea(geometry) ? 'measurement' : 'annotation',
    geometry,
    classification: classFrom(classification),
    name: typeof name === 'string' ? name : '',
    note: note ?? '',
    locked: isLocked === true,
    ...(Object.keys(foreign).length > 0 ? { foreign } : {}),
  };
}

function texts(metadata: unknown): Record<string, string> {
  if (!isRecord(metadata)) return {};
  const simple = Object.entries(metadata).filter(([, value]) => typeof value !== 'object');
  return Object.fromEntries(simple.map(([key, value]) => [key, String(value)]));
}

function classFrom(classification: unknown): Classification | null {
  const name = classNameOf(classification);
  if (name === null) return null;
  const { color, colorRGB } = isRecord(classification) ? classification : {};
  const packed = typeof colorRGB === 'number' ? colorRGB : typeof color === 'number' ? color : null;
  const colour = packed !== null ? unpackRgb(packed) : colourFrom(listOf(color));
  const known = DEFAULT_CLASSES.find((known) => known.name === name)?.colour;
  return { name, colour: colour ?? known ?? UNCLASSIFIED_COLOUR };
}

function geometryFrom(shape: Record<string, unknown>, isAngle: boolean): Geometry | null {
  const geometry = shapeFrom(shape, isAngle);
  return geometry && snapped(geometry);
}

function shapeFrom(
  { type, coordinates, isEllipse }: Record<string, unknown>,
  isAngle: boolean,
): Geometry | null {
  const positions = listOf(coordinates);
  if (type === 'Point') return pointsFrom('points', [positions], 1);
  if (type === 'MultiPoint') return pointsFrom('points', positions, 1);
  if (type === 'LineString') {
    const angle = isAngle && positions.length === 3;
    return pointsFrom(angle ? 'angle' : 'line', positions, 2);
  }
  if (type !== 'Polygon' && type !== 'MultiPolygon') return null;
  const parts = type === 'Polygon' ? [positions] : positions.map(listOf);
  const polygons = parts.map(polygonFrom);
  if (polygons.length === 0) return null;
  const whole: Polygon[] = [];
  for (const polygon of polygons) {
    if (!polygon) return null;
    whole.push(polygon);
  }
  const [ring] = whole[0];
  if (isEllipse === true) return { kind: 'ellipse', ...boxAround(ring) };
  const single = whole.length === 1 && whole[0].length === 1;
  const box = single ? uprightBox(ring) : null;
  return box ? { kind: 'rectangle', ...box } : { kind: 'polygons', polygons: whole };
}

function pointsFrom(
  kind: 'points' | 'line' | 'angle',
  positions: readonly unknown[],
  least: number,
): Geometry | null {
  const points = flatPositions(positions);
  if (!points || points.length < 2 * least || !near(points)) return null;
  return { kind, points: [...points] };
}

function polygonFrom(rings: readonly unknown[]): Polygon | null {
  const polygon: number[][] = [];
  for (const positions of rings) {
    const ring = flatRing(listOf(positions));
    if (!ring || !near(ring)) return null;
    if (ring.length >= 6) polygon.push([...ring]);
    else if (polygon.length === 0) return null;
  }
  return polygon.length > 0 ? polygon : null;
}

function near(points: Float64Array): boolean {
  return points.every((v) => Math.abs(v) <= FARTHEST);
}

function boxAround(ring: readonly number[]) {
  const xs = ring.filter((_, i) => i % 2 === 0);
  const ys = ring.filter((_, i) => i % 2 === 1);
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, w: snap(Math.max(...xs) - x), h: snap(Math.max(...ys) - y) };
}

/** The box that four corners are, one after the other; null for any other ring. */
function uprightBox(ring: readonly number[]) {
  if (ring.length !== 8) return null;
  const box = boxAround(ring);
  const corners = new Set<string>();
  for (let i = 0; i < 8; i += 2) {
    const [x, y] = [ring[i], ring[i + 1]];
    const next = (i + 2) % 8;
    // Each edge runs along one axis alone.
    if ((x === ring[next]) === (y === ring[next + 1])) return null;
    corners.add(`${x} ${y}`);
  }
  return corners.size === 4 ? box : null;
}
