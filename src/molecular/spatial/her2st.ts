/**
 * The layout of her2st (Andersson et al. 2021, Zenodo 4751624) and of other data of the first
 * Spatial Transcriptomics arrays: counts as a table of text with spots named "10x14", and a table
 * of spots with x, y, pixel_x and pixel_y.
 */
import { CytolensError, throwIfAborted } from '../../core/errors.ts';
import type { LocalFile } from '../../slide/slide.ts';
import { countOf, countsOf, Entries, type RawCounts } from './counts.ts';
import { scaleOfLattice } from './lattice.ts';
import { fieldsOf, linesOf, textOf } from './lines.ts';
import {
  columnsOfPlaces,
  joinPlaces,
  type ReadContext,
  type SpotPlace,
  type SpotTable,
} from './spots.ts';

/** Pitch and diameter of the arrays' spots, um. */
const PITCH_UM = 200;
const DIAMETER_UM = 100;

/**
 * Read both tables. Throws `format` (not counts, columns that are not there, no spot in common),
 * `truncated`, `cancelled`.
 */
export async function readHer2st(
  files: { counts: LocalFile; spots: LocalFile },
  context: ReadContext,
): Promise<SpotTable> {
  const { known, notes } = context;
  const places = await readPlaces(files.spots.file, context);
  const raw = await readTable(files.counts.file, context);
  const { counts, places: kept } = joinPlaces(countsOf(raw, known, notes), places, context);
  if (kept.length === 0) {
    throw new CytolensError(
      'format',
      `No spot of ${files.counts.file.name} has a place on this slide in ${files.spots.file.name}. Are these files of one section, and is it the slide that is open?`,
    );
  }
  const columns = columnsOfPlaces(kept);
  return {
    layout: 'her2st',
    name: sectionOf(files.counts.file.name),
    ...columns,
    diameterUm: DIAMETER_UM,
    mpp: scaleOfLattice(columns.x, columns.y, columns.um),
    counts,
    ids: [],
    notes,
  };
}

/** "counts/B4.tsv.gz" is section B4. */
export function sectionOf(path: string): string {
  return (path.split('/').pop() ?? path).replace(/\.(tsv|csv|txt)(\.gz)?$/i, '');
}

/** A table of counts with a name before each line. */
export async function readTable(file: File, context: ReadContext): Promise<RawCounts> {
  const { signal, onProgress } = context;
  const rows: string[] = [];
  const entries = new Entries();
  let header: string[] = [];
  let columns: string[] | null = null;
  const onRead = (bytes: number) => onProgress?.(bytes / file.size);
  for await (const lines of linesOf(file, { signal, onRead })) {
    for (const line of lines) {
      throwIfAborted(signal);
      const fields = fieldsOf(line);
      if (!columns) {
        header = fields;
        columns = fields.slice(1);
        continue;
      }
      // R leaves the corner away: the header is then one short of the lines.
      if (rows.length === 0 && fields.length === header.length + 1) columns = header;
      const names: string[] = columns;
      if (fields.length !== names.length + 1) {
        throw new CytolensError(
          'truncated',
          `${file.name} is cut off or not a table of counts: line ${rows.length + 2} has ${fields.length - 1} values where its header has ${names.length}.`,
        );
      }
      const row = rows.push(fields[0]) - 1;
      for (let i = 1; i < fields.length; i++) {
        if (fields[i] === '0') continue;
        const value = countOf(fields[i], () => `${fields[0]}, ${names[i - 1]}`);
        if (value > 0) entries.add(row, i - 1, value);
      }
    }
  }
  if (!columns || rows.length === 0) {
    throw new CytolensError('format', `${file.name} holds no counts.`);
  }
  return { rows, columns, ...entries.taken(), genesOn: null };
}

async function readPlaces(file: File, { signal }: ReadContext): Promise<Map<string, SpotPlace>> {
  const [header = '', ...lines] = await textOf(file, { signal });
  const names = fieldsOf(header).map((name) => name.trim());
  const wanted = ['x', 'y', 'pixel_x', 'pixel_y'];
  const at = wanted.map((name) => names.indexOf(name));
  if (at.includes(-1)) {
    throw new CytolensError(
      'format',
      `${file.name} does not say where the spots lie: it needs the columns x, y, pixel_x and pixel_y.`,
      `columns: ${names.slice(0, 20).join(', ')}`,
    );
  }
  const places = new Map<string, SpotPlace>();
  for (const line of lines) {
    const fields = fieldsOf(line);
    const [col, row, x, y] = at.map((i) => Number(fields[i] || Number.NaN));
    if (![col, row, x, y].every(Number.isFinite)) continue;
    places.set(`${col}x${row}`, { x, y, um: { x: col * PITCH_UM, y: row * PITCH_UM } });
  }
  return places;
}
