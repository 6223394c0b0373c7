/** Cells from GeoJSON: QuPath's (annotations, detections, cells) and our own. Level-0 px. */

import { chunksOf } from '../../core/chunks.ts';
import { classNameOf, flatRing, listOf } from '../../core/geojson.ts';
import { polygonArea } from '../../core/geometry.ts';
import { featuresOf, isRecord } from '../../core/json-stream.ts';
import { ImportBuilder, type ImportedCells, type SlideFrame } from './builder.ts';
import { predictionOf } from './prediction.ts';
import { starOf } from './star.ts';

/**
 * Read cells feature by feature. A QuPath cell is taken by its outer outline; of a MultiPolygon
 * the largest part is taken; holes and heights are left away; all are counted. `onProgress` is
 * given bytes read and cells so far. Throws `format`, `truncated`, `too-large`, `cancelled`.
 */
export async function readGeoJson(
  file: Blob,
  frame: SlideFrame,
  onProgress: (bytes: number, cells: number) => void,
  signal?: AbortSignal,
): Promise<ImportedCells> {
  const builder = new ImportBuilder(frame, 'GeoJSON');
  const { report } = builder;
  const onHead = (head: string) => {
    report.prediction = predictionOf(head);
  };
  for await (const { features, bytes } of featuresOf(chunksOf(file, signal), onHead)) {
    for (const feature of features) take(builder, feature);
    onProgress(bytes, report.cells);
  }
  return builder.finish();
}

function take(builder: ImportBuilder, feature: unknown): void {
  const { report } = builder;
  report.read++;
  if (!isRecord(feature) || !isRecord(feature.geometry)) {
    report.notPolygons++;
    return;
  }
  const ring = outerRing(builder, feature.geometry);
  if (!ring) return;
  const star = starOf(ring);
  if (!star) {
    report.notPolygons++;
    return;
  }
  const properties = isRecord(feature.properties) ? feature.properties : {};
  const { x, y, radii, area } = star;
  const row = builder.add(x, y, radii, area, classNameOf(properties.classification));
  if (row >= 0) takeMeasurements(builder, row, properties.measurements);
}

/** The outer ring of the (largest) polygon; null, and counted, where there is none to take. */
function outerRing(builder: ImportBuilder, geometry: Record<string, unknown>): Float64Array | null {
  const { report } = builder;
  const { type, coordinates } = geometry;
  const parts: unknown[] =
    type === 'Polygon' ? [coordinates] : type === 'MultiPolygon' ? listOf(coordinates) : [];
  if (parts.length > 1) report.manyParts++;
  let largest: Float64Array | null = null;
  let most = -1;
  let high = false;
  for (const part of parts) {
    const corners = listOf(listOf(part)[0]);
    if (corners.length < 3) continue;
    const ring = flatRing(corners);
    if (!ring) {
      report.notNumbers++;
      return null;
    }
    high ||= listOf(corners[0]).length > 2;
    const area = polygonArea(ring);
    if (area > most) {
      most = area;
      largest = ring;
    }
  }
  if (!largest) report.notPolygons++;
  else if (high) report.flattened++;
  return largest;
}

/** An object of numbers, or (before QuPath 0.4) a list of names and values. */
function takeMeasurements(builder: ImportBuilder, row: number, measurements: unknown): void {
  if (isRecord(measurements)) {
    for (const name in measurements) builder.measure(row, name, Number(measurements[name]));
  } else {
    for (const entry of listOf(measurements)) {
      if (isRecord(entry)) builder.measure(row, String(entry.name), Number(entry.value));
    }
  }
}
