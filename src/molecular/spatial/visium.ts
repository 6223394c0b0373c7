/**
 * 10x Visium, as Space Ranger writes it: `spatial/tissue_positions(_list).csv`,
 * `spatial/scalefactors_json.json` and `filtered_feature_bc_matrix/` (MatrixMarket).
 * Source: 10x Genomics, Space Ranger outputs, "Spatial outputs" and "Feature-barcode matrices".
 */
import { CytolensError } from '../../core/errors.ts';
import type { LocalFile } from '../../slide/slide.ts';
import { countsOf } from './counts.ts';
import { scaleOfLattice } from './lattice.ts';
import { fieldsOf, textOf } from './lines.ts';
import { type MatrixFiles, readMatrixMarket } from './matrix-market.ts';
import {
  columnsOfPlaces,
  joinPlaces,
  type ReadContext,
  type SpotPlace,
  type SpotTable,
} from './spots.ts';

/** Diameter of a spot and distance of two neighbours, um. */
const DIAMETER_UM = 55;
const PITCH_UM = 100;
/** `spot_diameter_fullres` is the diameter of a circle of this many um, not of the spot. */
const FIDUCIAL_UM = 65;
/** A row's spots lie two array columns apart; rows are moved by one against each other. */
const COLUMN_UM = PITCH_UM / 2;
const ROW_UM = (PITCH_UM * Math.sqrt(3)) / 2;

export interface VisiumFiles extends MatrixFiles {
  positions: LocalFile;
  scale: LocalFile | null;
}

/**
 * Spots under tissue, with their counts. Places are taken as px of the slide that is open, which
 * has to be the full-resolution picture Space Ranger was given. Throws `format`, `truncated`,
 * `cancelled`.
 */
export async function readVisium(
  name: string,
  files: VisiumFiles,
  context: ReadContext,
): Promise<SpotTable> {
  const { known, notes } = context;
  const places = await readPositions(files.positions.file, context);
  const { raw, ids } = await readMatrixMarket(files, context);
  const { counts, places: kept } = joinPlaces(countsOf(raw, known, notes), places, context);
  if (kept.length === 0) {
    throw new CytolensError(
      'format',
      'No barcode of the matrix has a place on this slide. Is the slide that is open the full-resolution picture of this section?',
    );
  }
  const columns = columnsOfPlaces(kept);
  const told = files.scale ? await fiducialPx(files.scale.file) : null;
  return {
    layout: 'visium',
    name,
    ...columns,
    diameterUm: DIAMETER_UM,
    mpp: scaleOfLattice(columns.x, columns.y, columns.um) ?? (told && FIDUCIAL_UM / told),
    counts,
    ids,
    notes,
  };
}

/** barcode, in_tissue, array_row, array_col, pxl_row, pxl_col; with a header since Space Ranger 2. */
async function readPositions(file: File, { signal }: ReadContext): Promise<Map<string, SpotPlace>> {
  const places = new Map<string, SpotPlace>();
  for (const line of await textOf(file, { signal })) {
    const [barcode, ...rest] = fieldsOf(line);
    const [inTissue, row, col, y, x] = rest.map((field) => Number(field || Number.NaN));
    if (rest.length < 5 || ![row, col, x, y].every(Number.isFinite) || inTissue !== 1) continue;
    places.set(barcode, { x, y, um: { x: col * COLUMN_UM, y: row * ROW_UM } });
  }
  if (places.size > 0) return places;
  throw new CytolensError(
    'format',
    `${file.name} lists no spot under tissue. It has to hold barcode, in_tissue, array_row, array_col, pxl_row_in_fullres and pxl_col_in_fullres.`,
  );
}

async function fiducialPx(file: File): Promise<number | null> {
  const text = (await textOf(file)).join('\n');
  try {
    const { spot_diameter_fullres: px } = JSON.parse(text) as { spot_diameter_fullres?: number };
    return px && px > 0 ? px : null;
  } catch (error) {
    throw new CytolensError(
      'format',
      `${file.name} is not the JSON file of scale factors that Space Ranger writes.`,
      String(error),
    );
  }
}
