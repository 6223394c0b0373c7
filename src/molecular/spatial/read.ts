/** Which files hold spots, and the reader for each layout. */
import { CytolensError } from '../../core/errors.ts';
import { blobSource } from '../../slide/bytes.ts';
import type { LocalFile } from '../../slide/slide.ts';
import { readDirectory, readEntry, type ZipEntry } from '../../slide/zip.ts';
import { readAnnData } from './anndata.ts';
import { readHer2st, sectionOf } from './her2st.ts';
import { matrixFiles } from './matrix-market.ts';
import type { ReadContext, ReadSpots, SpotTable } from './spots.ts';
import { readVisium } from './visium.ts';

const POSITIONS = /(^|\/)tissue_positions(_list)?\.csv(\.gz)?$/i;
const TEXT = /\.(tsv|csv|txt)(\.gz)?$/i;
const HDF5 = /\.(h5|h5ad)$/i;
/** Looked at to tell a table of spots from one of counts. */
const HEAD = 4096;

/** Whether chosen or dropped files look like spots of spatial transcriptomics; by names alone. */
export function claimsSpots(paths: readonly string[]): boolean {
  if (paths.some((path) => POSITIONS.test(path))) return true;
  const has = (name: RegExp) => paths.some((path) => name.test(path));
  if (has(/(^|\/)obs\.parquet$/i) && has(/(^|\/)X\.parquet$/)) return true;
  const tables = paths.filter((path) => TEXT.test(path));
  const names = new Set(tables.map(sectionOf));
  return tables.length === 2 && (names.size === 1 || paths.some((path) => /\.gz$/i.test(path)));
}

/**
 * Read spots from files of any layout. `section` is the name of the slide that is open: where a
 * folder holds tables of several sections, its own are taken. Throws `format`, `unsupported`,
 * `truncated`, `no-scale`, `cancelled`, each with a sentence.
 */
export async function readSpots(
  { files, frame, known }: ReadSpots,
  options: { section?: string; signal?: AbortSignal; onProgress?: (share: number) => void } = {},
): Promise<SpotTable> {
  const context: ReadContext = {
    frame,
    known: new Set(known.map((symbol) => symbol.toUpperCase())),
    notes: [],
    signal: options.signal,
    onProgress: options.onProgress,
  };
  const all = await unzipped(files, options.signal);
  const find = (name: RegExp) => all.find(({ path }) => name.test(path)) ?? null;

  const positions = find(POSITIONS);
  if (positions || find(/tissue_positions\.parquet$/i)) {
    return readVisium(folderOf(all), visiumFiles(all, positions), context);
  }
  const [obs, x] = [find(/(^|\/)obs\.parquet$/i), find(/(^|\/)X\.parquet$/)];
  if (obs && x) return readAnnData(folderOf(files), { obs, x }, context);
  const tables = await tablesOf(all, options.section);
  if (tables) return readHer2st(tables, context);
  if (all.some(({ path }) => HDF5.test(path))) throw noHdf5();
  throw new CytolensError(
    'format',
    'No spots were found among these files. Choose a table of counts with its table of spots (x, y, pixel_x, pixel_y), a Visium folder with spatial/ and filtered_feature_bc_matrix/, or obs.parquet with X.parquet.',
    `${all.length} files`,
  );
}

/** A ZIP of AnnData tables, as we export it, as its files. */
async function unzipped(
  files: readonly LocalFile[],
  signal?: AbortSignal,
): Promise<readonly LocalFile[]> {
  const [only] = files;
  if (files.length !== 1 || !/\.zip$/i.test(only.path)) return files;
  const source = blobSource(only.file);
  const entries: ZipEntry[] = [];
  await readDirectory(source, (entry) => entries.push(entry), signal);
  const wanted = entries.filter(({ name }) => name.endsWith('.parquet'));
  return Promise.all(
    wanted.map(async (entry) => {
      const bytes = await readEntry(source, entry, signal);
      return { path: entry.name, file: new File([bytes], entry.name) };
    }),
  );
}

function visiumFiles(all: readonly LocalFile[], positions: LocalFile | null) {
  if (!positions) {
    throw new CytolensError(
      'unsupported',
      'Visium HD lists its spots as Parquet, which is not read here. Export the tables of one bin size as CSV and MatrixMarket.',
    );
  }
  // The raw matrix lies beside the filtered one, with all barcodes of the array.
  const filtered = all.filter(({ path }) => /filtered/i.test(path));
  const files = matrixFiles(filtered) ?? matrixFiles(all);
  if (files) {
    const scale = all.find(({ path }) => /(^|\/)scalefactors_json\.json$/i.test(path)) ?? null;
    return { positions, scale, ...files };
  }
  if (all.some(({ path }) => HDF5.test(path))) throw noHdf5();
  throw new CytolensError(
    'format',
    'The counts of this Visium folder are missing: choose the folder that holds both spatial/ and filtered_feature_bc_matrix/ (matrix.mtx.gz, features.tsv.gz, barcodes.tsv.gz).',
  );
}

/** The table of counts and that of spots; of several sections, that of the slide. */
async function tablesOf(all: readonly LocalFile[], section?: string) {
  const texts = all.filter(({ path }) => TEXT.test(path));
  const own = section ? texts.filter(({ path }) => sectionOf(path) === section) : [];
  const several = new Set(texts.map(({ path }) => sectionOf(path))).size > 2;
  const looked = own.length >= 2 ? own : texts;
  if (own.length < 2 && several && looked.length > 4) {
    throw new CytolensError(
      'format',
      `These files hold several sections, and none is called "${section ?? ''}" like the slide. Choose the counts and the spots of this section alone.`,
    );
  }
  let spots: LocalFile | null = null;
  let counts: LocalFile | null = null;
  for (const file of looked) {
    if (/\.gz$/i.test(file.path)) counts ??= file;
    else {
      const head = (await file.file.slice(0, HEAD).text()).split(/\r\n|\n|\r/)[0];
      if (/\bpixel_x\b/.test(head)) spots ??= file;
      else if (!/\blabel\b/.test(head)) counts ??= file;
    }
  }
  return spots && counts ? { spots, counts } : null;
}

/** The folder's name, or that of the only file. */
function folderOf(files: readonly LocalFile[]): string {
  const [first] = files;
  const parts = first?.path.split('/') ?? [];
  return (parts.length > 1 ? parts[0] : parts[0]?.replace(/\.[^.]*$/, '')) || 'Spots';
}

function noHdf5(): CytolensError {
  return new CytolensError(
    'unsupported',
    'HDF5 files (.h5, .h5ad) are not read here. Choose the folder filtered_feature_bc_matrix/, which Space Ranger writes beside the .h5, or export AnnData as Parquet tables.',
  );
}
