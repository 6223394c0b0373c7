/** Cells out of Cytolens, streamed. Each format is a file of its own, loaded when asked for. */

import { csvParts } from './csv.ts';
import { annotationParts } from './dicom-annotations.ts';
import { mapParts } from './dicom-map.ts';
import type { ExportFormat } from './formats.ts';
import { geoJsonParts } from './geojson.ts';
import type { ExportInput, Parts } from './source.ts';

/**
 * The file, part by part: a consumer that waits between parts slows the writer down, so memory
 * stays at a few MB beside the table. Throws `cancelled`.
 */
export async function exportParts(
  format: ExportFormat,
  input: ExportInput,
  signal?: AbortSignal,
): Promise<Parts> {
  switch (format) {
    case 'geojson':
      return geoJsonParts(input, signal);
    case 'csv':
      return csvParts(input, signal);
    case 'parquet':
      return (await import('./parquet.ts')).parquetParts(input, signal);
    case 'anndata':
      return (await import('./anndata.ts')).anndataParts(input, signal);
    case 'dicom-ann':
      return annotationParts(input, signal);
    case 'dicom-map':
      return mapParts(input, signal);
  }
}
