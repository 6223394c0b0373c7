/**
 * Microscopy Bulk Simple Annotations (PS3.3, A.87 and C.37.1): a group of closed polygons a cell
 * type, with measurements. Coordinates are 3D: mm in the slide's frame of reference, so that no
 * image has to be named that is not known to be DICOM.
 */
import { outline, RAYS } from '../../core/cells.ts';
import { throwIfAborted } from '../../core/errors.ts';
import { nextTask } from '../../core/tasks.ts';
import { MEASUREMENTS } from '../measurements.ts';
import { NOTICE } from '../provenance.ts';
import { type Bulk, bulkOf, code, type Dataset, dicomFile, newUid } from './dicom.ts';
import { algorithm, clipped, commonModules, quantity, ucum } from './dicom-common.ts';
import type { ExportInput, Parts } from './source.ts';

const SOP_CLASS = '1.2.840.10008.5.1.4.1.1.91.1';
const MEASURED = MEASUREMENTS.filter(({ column }) =>
  ['area_um2', 'confidence', 'attention', 'contribution_logit'].includes(column),
);
/** Cells whose coordinates are made at a time: 2 MB. */
const BATCH = 8192;
const UM_PER_MM = 1000;
/** Coordinates of one polygon: x and y of each corner. The depth is common to all. */
const NUMBERS = 2 * RAYS;

/** The file, part by part. Types without cells have no group. Throws `cancelled`. */
export async function* annotationParts(input: ExportInput, signal?: AbortSignal): Parts {
  const { cells, provenance } = input;
  const progress = { done: 0 };
  const groups = rowsByType(input)
    .filter(({ rows }) => rows.length > 0)
    .map(({ type, rows }, at) => groupOf(input, type, rows, at + 1, progress));
  const dataset: Dataset = [
    ...commonModules(provenance, SOP_CLASS, 'ANN', 'CELLS'),
    [0x006a0001, 'CS', '3D'],
    [0x006a0002, 'SQ', groups],
  ];
  for (const bytes of dicomFile(dataset)) {
    if (bytes.length > NUMBERS) {
      await nextTask();
      throwIfAborted(signal);
    }
    yield { bytes, done: Math.min(progress.done, cells.count) };
  }
}

function rowsByType({ cells, types }: ExportInput): { type: string; rows: Uint32Array }[] {
  const counts = new Uint32Array(types.length);
  for (let i = 0; i < cells.count; i++) counts[cells.type[i]]++;
  const rows = types.map((type, t) => ({ type, rows: new Uint32Array(counts[t]) }));
  const next = new Uint32Array(types.length);
  for (let i = 0; i < cells.count; i++) rows[cells.type[i]].rows[next[cells.type[i]]++] = i;
  return rows;
}

function groupOf(
  input: ExportInput,
  type: string,
  rows: Uint32Array,
  number: number,
  progress: { done: number },
): Dataset {
  const { cells, provenance } = input;
  const measurements = MEASURED.map(({ column, about, unit, read }): Dataset => {
    const values = Float32Array.from(rows, (row) => read(cells, row));
    return [
      [0x0040a043, 'SQ', [quantity(column, about)]],
      [0x004008ea, 'SQ', [ucum(unit)]],
      [0x00660132, 'SQ', [[[0x00660125, 'OF', bulkOf(values)]]]],
    ];
  });
  const firsts = Uint32Array.from(rows, (_, k) => k * NUMBERS + 1);
  return [
    [0x0040a180, 'US', [number]],
    [0x006a0003, 'UI', newUid()],
    [0x006a0005, 'LO', clipped(`${type}, predicted`, 64)],
    [0x006a0006, 'UT', `Cells of predicted type "${type}". ${NOTICE}`],
    [0x006a0007, 'CS', 'AUTOMATIC'],
    [0x006a0008, 'SQ', [algorithm(provenance, 'segmenter')]],
    [0x006a0009, 'SQ', [code('91723000', 'SCT', 'Anatomical Structure')]],
    [0x006a000a, 'SQ', [code('84640000', 'SCT', 'Nucleus')]],
    [0x006a000c, 'UL', [rows.length]],
    [0x006a000d, 'CS', 'YES'],
    [0x006a000f, 'CS', 'YES'],
    [0x006a0010, 'FD', [0]],
    [0x00700023, 'CS', 'POLYGON'],
    [0x00660016, 'OF', coordinates(input, rows, progress)],
    [0x00660040, 'OL', bulkOf(firsts)],
    [0x00660121, 'SQ', measurements],
  ];
}

function coordinates(
  { cells, provenance }: ExportInput,
  rows: Uint32Array,
  progress: { done: number },
): Bulk {
  const mm = provenance.slide.mpp / UM_PER_MM;
  const points = new Float64Array(NUMBERS);
  return {
    length: rows.length * NUMBERS * Float32Array.BYTES_PER_ELEMENT,
    *parts() {
      for (let from = 0; from < rows.length; from += BATCH) {
        const to = Math.min(rows.length, from + BATCH);
        const batch = new Float32Array((to - from) * NUMBERS);
        for (let k = from; k < to; k++) {
          outline(cells, rows[k], points);
          for (let n = 0; n < NUMBERS; n++) batch[(k - from) * NUMBERS + n] = points[n] * mm;
        }
        progress.done += to - from;
        yield new Uint8Array(batch.buffer);
      }
    },
  };
}
