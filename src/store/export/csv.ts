/** CSV (RFC 4180): a row a cell, its centre, type and measurements. */
import { MEASUREMENTS } from '../measurements.ts';
import { type ExportInput, type Parts, rowRanges } from './source.ts';
import { ByteText, utf8 } from './text.ts';

const COMMA = utf8(',');
const NEWLINE = utf8('\n');

/** The columns, in their order; centres are level-0 px. */
export const CSV_COLUMNS: readonly string[] = [
  'index',
  'x_px',
  'y_px',
  'type',
  ...MEASUREMENTS.map(({ column }) => column),
];

/**
 * Provenance stands above the header in a line that begins with '#'. A value that is no number is
 * an empty place. Throws `cancelled`.
 */
export async function* csvParts(input: ExportInput, signal?: AbortSignal): Parts {
  const { cells, provenance } = input;
  const types = input.types.map((type) => utf8(quoted(type)));
  const text = new ByteText();
  text.text(`# ${JSON.stringify(provenance)}\n${CSV_COLUMNS.join(',')}\n`);
  for await (const { from, to } of rowRanges(cells.count, signal)) {
    for (let i = from; i < to; i++) {
      text.fixed(i, 0);
      text.raw(COMMA);
      text.fixed(cells.x[i], 2);
      text.raw(COMMA);
      text.fixed(cells.y[i], 2);
      text.raw(COMMA);
      text.raw(types[cells.type[i]]);
      for (const { read, digits } of MEASUREMENTS) {
        text.raw(COMMA);
        const value = read(cells, i);
        if (!Number.isFinite(value)) continue;
        if (digits === null) text.float(value);
        else text.fixed(value, digits);
      }
      text.raw(NEWLINE);
    }
    yield { bytes: text.take(), done: to };
  }
  if (cells.count === 0) yield { bytes: text.take(), done: 0 };
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
