/**
 * The layout of her2st (Andersson et al. 2021, Zenodo 4751624) and of other data of the first
 * Spatial Transcriptomics arrays: counts as a table of text with spots named "10x14", and a table
 * of spots with x, y, pixel_x and pixel_y.
 */
import { CytolensError } from '../../core/errors.ts';
import type { LocalFile } from '../../slide/slide.ts';
import { countsOf } from './counts.ts';
import { scaleOfLattice } from './lattice.ts';
import { fieldsOf, textOf } from './lines.ts';
import {
  columnsOfPlaces,
  joinPlaces,
  type ReadContext,
  type SpotPlace,
  type SpotTable,
} from './spots.ts';
import { readTable } from './text-table.ts';

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
