/**
 * Tables of counts as text, plain or gzipped: a header, and a name before each line. Also read are
 * the tables of bulk RNA: columns that tell of a gene beside its name, comments, GCT (Broad
 * Institute, version 1.2), and two columns without a header (HTSeq).
 */
import { CytolensError, throwIfAborted } from '../../core/errors.ts';
import { countOf, Entries, type RawCounts } from './counts.ts';
import { fieldsOf, linesOf } from './lines.ts';

/** Columns that hold a gene's symbol, and others that tell of it without being counts. */
const SYMBOLS = new Set([
  'gene_name',
  'gene_symbol',
  'symbol',
  'hgnc_symbol',
  'external_gene_name',
]);
const ASIDE = new Set([
  ...SYMBOLS,
  ...['gene', 'gene_id', 'gene_type', 'biotype', 'gene_biotype', 'transcript_id(s)', 'description'],
  ...['chr', 'chromosome', 'start', 'end', 'strand', 'length', 'effective_length', 'entrez_id'],
]);
const NUMBER = /^-?\d+(\.\d+)?$/;

interface Options {
  signal?: AbortSignal;
  /** Told the share of the file that is read, 0 to 1. */
  onProgress?: (share: number) => void;
}

/** Which columns of a table are what; places in a line's fields. */
interface Layout {
  name: number;
  values: number[];
  /** What the value columns are called. */
  columns: string[];
  /** Fields a line has. */
  fields: number;
}

/** Throws `format` for what is no table of counts, `truncated` for one cut off, `cancelled`. */
export async function readTable(
  file: File,
  { signal, onProgress }: Options = {},
): Promise<RawCounts> {
  const rows: string[] = [];
  const entries = new Entries();
  let header: string[] | null = null;
  let layout: Layout | null = null;
  let seen = 0;
  let gct = false;
  const onRead = (bytes: number) => onProgress?.(bytes / file.size);
  for await (const lines of linesOf(file, { signal, onRead })) {
    for (const line of lines) {
      throwIfAborted(signal);
      seen++;
      if (line.startsWith('#')) {
        gct ||= /^#1\.\d/.test(line);
        continue;
      }
      // The second line of GCT tells the table's size.
      if (gct && seen === 2) continue;
      const fields = fieldsOf(line);
      if (!header) {
        header = fields;
        const bare = fields.length === 2 && NUMBER.test(fields[1]);
        if (!bare) continue;
        header = ['', file.name.replace(/\..*$/, '')];
      }
      layout ??= layoutOf(header, fields.length);
      if (fields.length !== layout.fields) throw cutOff(file, seen, fields.length, layout);
      const name = fields[layout.name] || fields[0];
      // Sums at the end of HTSeq's tables.
      if (name.startsWith('__')) continue;
      const row = rows.push(name) - 1;
      const { values, columns } = layout;
      for (let i = 0; i < values.length; i++) {
        const text = fields[values[i]];
        if (text === '0') continue;
        const value = countOf(text, () => `${name}, ${columns[i]}`);
        if (value > 0) entries.add(row, i, value);
      }
    }
  }
  if (!layout || rows.length === 0) {
    throw new CytolensError('format', `${file.name} holds no counts.`);
  }
  return { rows, columns: layout.columns, ...entries.taken(), genesOn: null };
}

function layoutOf(header: string[], fields: number): Layout {
  // R leaves the corner away: the header is then one short of the lines.
  const names = fields === header.length + 1 ? ['', ...header] : header;
  const lower = names.map((name) => name.trim().toLowerCase());
  const values = names.map((_, i) => i).filter((i) => i > 0 && !ASIDE.has(lower[i]));
  return {
    name: Math.max(
      0,
      lower.findIndex((name) => SYMBOLS.has(name)),
    ),
    values,
    columns: values.map((i) => names[i]),
    fields: names.length,
  };
}

function cutOff(file: File, line: number, fields: number, layout: Layout): CytolensError {
  return new CytolensError(
    'truncated',
    `${file.name} is cut off or not a table of counts: line ${line} has ${fields - 1} values where its header has ${layout.fields - 1}.`,
  );
}
