/**
 * AnnData as Parquet tables, laid out as our own export does (docs/export-formats.md): `obs.parquet`
 * (a row a spot, with x_um and y_um from the slide's corner, or x_px and y_px) and `X.parquet` (a
 * column a gene, rows in the order of obs).
 */
import { parquetReadObjects } from 'hyparquet';
import { CytolensError } from '../../core/errors.ts';
import type { LocalFile } from '../../slide/slide.ts';
import { countsOf, type RawCounts } from './counts.ts';
import { openedParquet, readColumns } from './parquet-table.ts';
import {
  columnsOfPlaces,
  joinPlaces,
  type ReadContext,
  type SpotPlace,
  type SpotTable,
} from './spots.ts';

/** Drawn where the table does not say: a Visium spot, um. */
const DIAMETER_UM = 55;

/**
 * Throws `format`, `no-scale` for places in um on a slide without um/px, `cancelled`.
 */
export async function readAnnData(
  name: string,
  files: { obs: LocalFile; x: LocalFile },
  context: ReadContext,
): Promise<SpotTable> {
  const { known, notes } = context;
  const obs = await readObs(files.obs.file, context);
  const raw = await readX(files.x.file, [...obs.places.keys()], context);
  const { counts, places } = joinPlaces(countsOf(raw, known, notes), obs.places, context);
  if (places.length === 0) {
    throw new CytolensError(
      'format',
      'No row of obs.parquet lies on this slide. Is it the slide these spots were measured on?',
    );
  }
  return {
    layout: 'anndata',
    name,
    ...columnsOfPlaces(places),
    diameterUm: obs.diameterUm,
    mpp: null,
    counts,
    ids: [],
    notes,
  };
}

async function readObs(file: File, { frame, notes }: ReadContext) {
  const { buffer, metadata, names } = await openedParquet(file);
  const unit = names.includes('x_px') && names.includes('y_px') ? 'px' : 'um';
  if (!names.includes(`x_${unit}`) || !names.includes(`y_${unit}`)) {
    throw new CytolensError(
      'format',
      `${file.name} does not say where the spots lie: it needs the columns x_um and y_um, or x_px and y_px.`,
      `columns: ${names.slice(0, 20).join(', ')}`,
    );
  }
  if (unit === 'um' && frame.mpp === null) {
    throw new CytolensError(
      'no-scale',
      'The places are in µm, but this slide does not say its scale. Enter its um per pixel first.',
    );
  }
  const index = ['cell', 'spot', 'barcode', '__index_level_0__'].find((n) => names.includes(n));
  const size = names.includes('diameter_um') ? 'diameter_um' : null;
  const columns = [`x_${unit}`, `y_${unit}`, ...(index ? [index] : []), ...(size ? [size] : [])];
  const rows = await parquetReadObjects({ file: buffer, metadata, columns });
  const mpp = frame.mpp ?? 1;
  const places = new Map<string, SpotPlace>();
  rows.forEach((row, i) => {
    const [a, b] = [Number(row[`x_${unit}`]), Number(row[`y_${unit}`])];
    const [x, y] = unit === 'px' ? [a, b] : [a / mpp, b / mpp];
    places.set(index ? String(row[index]) : `${i}`, { x, y, um: { x: x * mpp, y: y * mpp } });
  });
  if (places.size < rows.length) {
    throw new CytolensError('format', `${file.name} gives several spots the same name.`);
  }
  const first = size ? Number(rows[0]?.[size]) : Number.NaN;
  if (!(first > 0)) notes.push(`The size of a spot is not told: drawn at ${DIAMETER_UM} µm.`);
  return { places, diameterUm: first > 0 ? first : DIAMETER_UM };
}

async function readX(file: File, spots: string[], context: ReadContext): Promise<RawCounts> {
  const { buffer, metadata, names } = await openedParquet(file);
  const total = Number(metadata.num_rows);
  if (total !== spots.length) {
    throw new CytolensError(
      'format',
      `X.parquet has ${total} rows, but obs.parquet ${spots.length}: these files do not belong together.`,
    );
  }
  const entries = await readColumns({ buffer, metadata }, names, (row) => spots[row], context);
  return {
    rows: spots,
    columns: names,
    ...entries,
    genesOn: columnsAreGenes(names, context),
  };
}

/** Throws `format` where X holds what we export of cells, which are no genes. */
function columnsAreGenes(names: string[], { known }: ReadContext): 'columns' {
  const genes = names.filter((name) => known.has(name.toUpperCase())).length;
  if (known.size === 0 || genes > 0) return 'columns';
  throw new CytolensError(
    'format',
    'X.parquet holds no column that is a gene symbol known here. Tables of cells are opened under Results instead.',
    `columns: ${names.slice(0, 10).join(', ')}`,
  );
}
