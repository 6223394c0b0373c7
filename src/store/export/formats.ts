/** What cells can be written as: one row a format, in the order of the menu. */

export type ExportFormat = 'geojson' | 'csv' | 'parquet' | 'anndata' | 'dicom-ann' | 'dicom-map';

export interface FormatRow {
  id: ExportFormat;
  name: string;
  /** What it is for, one line. */
  use: string;
  /** Added to the slide's name. */
  suffix: string;
  mime: string;
  /** Bytes a cell, measured: what the size estimate is made of; null: it hangs on the area. */
  bytesPerCell: number | null;
}

export const EXPORT_FORMATS: readonly FormatRow[] = [
  {
    id: 'geojson',
    name: 'GeoJSON',
    use: 'Outlines and values as QuPath detections',
    suffix: '-cells.geojson',
    mime: 'application/geo+json',
    bytesPerCell: 985,
  },
  {
    id: 'csv',
    name: 'CSV',
    use: 'A row a cell, for a spreadsheet',
    suffix: '-cells.csv',
    mime: 'text/csv',
    bytesPerCell: 83,
  },
  {
    id: 'parquet',
    name: 'Parquet',
    use: 'A row a cell with its outline, for pandas, R or DuckDB',
    suffix: '-cells.parquet',
    mime: 'application/vnd.apache.parquet',
    bytesPerCell: 52,
  },
  {
    id: 'anndata',
    name: 'AnnData tables',
    use: 'obs, var and X in a ZIP, for scanpy and squidpy',
    suffix: '-anndata.zip',
    mime: 'application/zip',
    bytesPerCell: 34,
  },
  {
    id: 'dicom-ann',
    name: 'DICOM annotations',
    use: 'Bulk simple annotations, a group a cell type',
    suffix: '-annotations.dcm',
    mime: 'application/dicom',
    bytesPerCell: 278,
  },
  {
    id: 'dicom-map',
    name: 'DICOM parametric map',
    use: 'Contribution, attention and cell count on a grid',
    suffix: '-map.dcm',
    mime: 'application/dicom',
    bytesPerCell: null,
  },
];

/** The row of a format. */
export function formatRow(id: ExportFormat): FormatRow {
  const row = EXPORT_FORMATS.find((format) => format.id === id);
  if (!row) throw new RangeError(`no such export format: ${id}`);
  return row;
}
