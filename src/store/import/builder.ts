/** Gathers cells that come from a file into a table, and counts what could not be taken as it is. */
import { appendCells, type CellTable, createCells, RAYS, starArea } from '../../core/cells.ts';
import { CytolensError } from '../../core/errors.ts';
import { MEASUREMENTS } from '../measurements.ts';

/** The open slide, which the cells are laid on. */
export interface SlideFrame {
  /** Level-0 px. */
  width: number;
  height: number;
  /** um per level-0 px. */
  mpp: number;
  /** Level-0 px of one radius step of the table. */
  radiusUnit: number;
}

export type ImportFormat = 'GeoJSON' | 'CSV' | 'Parquet';

/** What became of the file's content. */
export interface ImportReport {
  format: ImportFormat;
  /** Objects or rows in the file, and cells taken from them. */
  read: number;
  cells: number;
  /** The file holds places, not outlines: each is drawn as a circle. */
  points: boolean;
  /** Left out: not polygons; not numbers; larger than 32 um in radius; outside of the slide. */
  notPolygons: number;
  notNumbers: number;
  tooLarge: number;
  outside: number;
  /** Taken, with the largest of their parts; with their height left away. */
  manyParts: number;
  flattened: number;
  /** Taken, but 32 rays miss their area by more than a tenth; and the mean error over all, as a share. */
  approximated: number;
  meanAreaError: number;
  /** Column of the file that is shown as the cells' value. */
  value: string | null;
  /** Prediction that the file says it holds; null when it is not ours. */
  prediction: string | null;
}

export interface ImportedCells {
  cells: CellTable;
  types: string[];
  report: ImportReport;
}

/** Cells without a class of their own. */
const UNCLASSIFIED = 'Unclassified';
/** Types share a byte; further ones share the last name. */
const MOST_TYPES = 255;
const OTHER = 'Other types';
/** 20 million cells are 1.5 GB. */
const MOST_CELLS = 20_000_000;
const BATCH = 4096;
/** A share of the area by which an outline may be missed before it is said. */
const MUCH = 0.1;

const BY_NAME = new Map(
  MEASUREMENTS.flatMap((measurement) => [
    [measurement.name, measurement] as const,
    [measurement.column, measurement] as const,
  ]),
);

export class ImportBuilder {
  readonly report: ImportReport;
  private readonly table: CellTable;
  private readonly batch: CellTable;
  private readonly types = new Map<string, number>();
  private areaError = 0;
  private outlines = 0;

  constructor(
    readonly frame: SlideFrame,
    format: ImportFormat,
  ) {
    this.table = createCells(0, frame.radiusUnit);
    this.batch = createCells(BATCH, frame.radiusUnit);
    this.report = {
      format,
      read: 0,
      cells: 0,
      points: false,
      notPolygons: 0,
      notNumbers: 0,
      tooLarge: 0,
      outside: 0,
      manyParts: 0,
      flattened: 0,
      approximated: 0,
      meanAreaError: 0,
      value: null,
      prediction: null,
    };
  }

  /**
   * Take a cell: its centre and RAYS radii from `radii[base]`, level-0 px; `area` is that of its
   * own outline, px2 (null: it has none). What is too large or outside is counted and left out.
   * Returns its row for `measure`, or -1. Throws `too-large`.
   */
  add(
    x: number,
    y: number,
    radii: ArrayLike<number>,
    area: number | null,
    type: string | null,
  ): number {
    const { report, frame, batch } = this;
    if (x < 0 || y < 0 || x >= frame.width || y >= frame.height) {
      report.outside++;
      return -1;
    }
    if (batch.count === BATCH) this.flush();
    const row = batch.count;
    for (let k = 0; k < RAYS; k++) {
      const steps = Math.round(radii[k] / frame.radiusUnit);
      if (steps > 255) {
        report.tooLarge++;
        return -1;
      }
      batch.radii[row * RAYS + k] = steps;
    }
    batch.x[row] = x;
    batch.y[row] = y;
    batch.type[row] = this.typeNumber(type ?? UNCLASSIFIED);
    batch.confidence[row] = 255;
    batch.area[row] = starArea(batch.radii, row * RAYS) * (frame.radiusUnit * frame.mpp) ** 2;
    batch.attention[row] = 0;
    batch.contribution[row] = 0;
    batch.purity[row] = 0;
    batch.tokens[row] = 0;
    batch.field[row] = 0;
    batch.count++;
    report.cells++;
    if (area !== null && area > 0) this.compare(starArea(radii, 0), area);
    if (report.cells > MOST_CELLS) {
      throw new CytolensError(
        'too-large',
        `The file holds more than ${MOST_CELLS.toLocaleString('en')} cells, which do not fit in memory. Split it by region.`,
      );
    }
    return row;
  }

  /** Give the cell in `row` (of the last `add`) a measured value by its name; others are passed over. */
  measure(row: number, name: string, value: number): void {
    if (Number.isFinite(value)) BY_NAME.get(name)?.write(this.batch, row, value);
  }

  /** Whether a column of this name is one of the table's own. */
  static knows(name: string): boolean {
    return BY_NAME.has(name);
  }

  /** The table. Throws `format` when nothing could be taken, in a sentence that says why. */
  finish(): ImportedCells {
    const { report, table } = this;
    this.flush();
    if (report.cells === 0) throw nothingTaken(report, this.frame);
    report.meanAreaError = this.outlines > 0 ? this.areaError / this.outlines : 0;
    return { cells: table, types: [...this.types.keys()], report };
  }

  private flush(): void {
    appendCells(this.table, this.batch);
    this.batch.count = 0;
  }

  private compare(drawn: number, own: number): void {
    const error = Math.abs(drawn - own) / own;
    this.areaError += error;
    this.outlines++;
    if (error > MUCH) this.report.approximated++;
  }

  private typeNumber(name: string): number {
    const known = this.types.get(name);
    if (known !== undefined) return known;
    if (this.types.size === MOST_TYPES - 1) name = OTHER;
    const number = this.types.get(name) ?? this.types.size;
    this.types.set(name, number);
    return number;
  }
}

function nothingTaken(report: ImportReport, { width, height }: SlideFrame): CytolensError {
  const count = (number: number) => number.toLocaleString('en');
  const counts = JSON.stringify(report);
  if (report.read === 0) {
    return new CytolensError('format', 'The file holds no cells.', counts);
  }
  const most = Math.max(report.outside, report.notNumbers, report.tooLarge, report.notPolygons);
  if (report.outside === most) {
    return new CytolensError(
      'format',
      `All ${count(report.outside)} cells lie outside of this slide (${count(width)} × ${count(height)} px). The file belongs to another slide, or its coordinates are in other units.`,
      counts,
    );
  }
  if (report.notNumbers === most) {
    return new CytolensError(
      'format',
      'The places in the file are not numbers. Export the cells again with x and y for each.',
      counts,
    );
  }
  if (report.tooLarge === most) {
    return new CytolensError(
      'format',
      'Every outline in the file is larger than a cell (over 32 µm in radius). Export cells or nuclei, not regions.',
      counts,
    );
  }
  return new CytolensError(
    'format',
    'The file holds no polygons. Export cells with their outlines (Polygon or MultiPolygon).',
    counts,
  );
}
