/** Cells from a table of text: commas, semicolons or tabs, with a header; lines with '#' are comments. */

import { chunksOf } from '../../core/chunks.ts';
import { delimiterOf, fieldsOf } from '../../core/delimited.ts';
import { CytolensError } from '../../core/errors.ts';
import { ImportBuilder, type ImportedCells, type SlideFrame } from './builder.ts';
import { columnsOf, type LengthUnit, needUnit, type TableColumns } from './columns.ts';
import { takeRow } from './points.ts';
import { predictionOf } from './prediction.ts';

/** Longer lines are no table. */
const LONGEST_LINE = 1024 * 1024;

/**
 * Read cells line by line. `unit` is what the user said where the header does not. `onProgress` is
 * given bytes read and cells so far. Throws `format`, `no-scale` (ask for the unit), `too-large`,
 * `cancelled`.
 */
export async function readCsv(
  file: Blob,
  frame: SlideFrame,
  unit: LengthUnit | null,
  onProgress: (bytes: number, cells: number) => void,
  signal?: AbortSignal,
): Promise<ImportedCells> {
  const builder = new ImportBuilder(frame, 'CSV');
  builder.report.points = true;
  let table: { delimiter: string; columns: TableColumns; unit: LengthUnit } | null = null;
  for await (const { lines, bytes } of linesOf(file, signal)) {
    for (const line of lines) {
      if (line.startsWith('#')) builder.report.prediction ??= predictionOf(line.slice(1));
      else if (line.trim() === '') continue;
      else if (!table) {
        const delimiter = delimiterOf(line);
        const columns = columnsOf(fieldsOf(line, delimiter));
        table = { delimiter, columns, unit: needUnit(columns, unit) };
        builder.report.value = columns.value?.name ?? null;
      } else {
        const fields = fieldsOf(line, table.delimiter);
        const text = (at: number) => fields[at] ?? '';
        const number = (at: number) => (text(at).trim() === '' ? Number.NaN : Number(text(at)));
        takeRow(builder, table.columns, table.unit, { number, text });
      }
    }
    onProgress(bytes, builder.report.cells);
  }
  return builder.finish();
}

async function* linesOf(
  file: Blob,
  signal?: AbortSignal,
): AsyncGenerator<{ lines: string[]; bytes: number }, void, void> {
  const decoder = new TextDecoder();
  let rest = '';
  let bytes = 0;
  for await (const chunk of chunksOf(file, signal)) {
    bytes += chunk.length;
    const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r\n|\n|\r/);
    rest = lines.pop() ?? '';
    if (rest.length > LONGEST_LINE) {
      throw new CytolensError('format', 'This is no table of text: a line is over 1 MB long.');
    }
    yield { lines, bytes };
  }
  yield { lines: [rest], bytes };
}
