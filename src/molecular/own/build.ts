/**
 * A library of the user's own: every sample through the alignment's expression network, and the
 * ranks of its own profile, from which soft-kNN answers (methods sheet, section 4: y_j is the
 * ssGSEA of the sample itself).
 */
import { evenly } from '../../analysis/explain/ask.ts';
import { concat } from '../../core/arrays.ts';
import { CytolensError, throwIfAborted } from '../../core/errors.ts';
import { nextTask } from '../../core/tasks.ts';
import type { LocalFile } from '../../slide/slide.ts';
import { ranksOf } from '../alignment.ts';
import type { GeneNames } from '../gene-names.ts';
import type { Library } from '../library.ts';
import { type Counts, countsOf, keepSpots, profilesOf } from '../spatial/counts.ts';
import type { LibraryFacts } from './facts.ts';
import { type TableSource, tablesAmong } from './files.ts';
import { placesOf } from './match.ts';
import { scaled } from './scale.ts';

/** Samples kept at most: 10 kB each with 5,000 genes. */
export const MOST_SAMPLES = 20_000;
/** Samples that the network is asked about at once. */
const BATCH = 64;
/** Tables that a library is named by. */
const NAMED = 3;
/** Molecules down to which the network saw thinned profiles (training/molecular/train.py). */
const SHALLOWEST = 400;

/** What of the alignment in use a library is made by. */
export interface Reader {
  names: GeneNames;
  /** Expression that a gene which a table does not list takes in the network [G]: with 0 it would
   * see another tissue (docs/molecular.md, measured). */
  mean: Float32Array;
  encode: Encode;
}

/** r [B, W] of expression [B, G]; both row by row. */
export type Encode = (expression: Float32Array, rows: number) => Promise<Float32Array>;

export interface OwnLibrary {
  library: Library;
  /** Doubled ranks of the genes in each sample's profile [L, G]. */
  ranks: Uint16Array;
  facts: LibraryFacts;
}

interface Options {
  signal?: AbortSignal;
  /** Told the share of the work that is done, 0 to 1. */
  onProgress?: (share: number) => void;
}

/** One table, read and seen by the network. */
interface Part {
  r: Float32Array;
  ranks: Uint16Array<ArrayBuffer>;
  /** Molecules of each sample; null when normalised. */
  totals: Float64Array | null;
  listed: Uint8Array;
  facts: Pick<LibraryFacts, 'renamed' | 'mangled' | 'notes'>;
}

/**
 * Read every table among `files` and embed its samples. Throws `format`, `unsupported`,
 * `truncated`, `too-large`, each with a sentence that names the file; `cancelled`.
 */
export async function buildLibrary(
  files: readonly LocalFile[],
  reader: Reader,
  { signal, onProgress }: Options = {},
): Promise<OwnLibrary> {
  const { names } = reader;
  const tables = tablesAmong(files);
  const parts: Part[] = [];
  let left = MOST_SAMPLES;
  for (const [i, table] of tables.entries()) {
    const told = (share: number) => onProgress?.((i + share) / tables.length);
    const part = await readPart(table, reader, left, { signal, onProgress: told });
    if (tables.length > 1) part.facts.notes = part.facts.notes.map((n) => `${table.name}: ${n}`);
    left -= part.ranks.length / names.symbols.length;
    parts.push(part);
  }
  const sources = tables.map(({ name }, i) => ({
    name,
    samples: parts[i].ranks.length / names.symbols.length,
  }));
  return {
    library: libraryOf(parts, sources),
    ranks: concat(
      Uint16Array,
      parts.map(({ ranks }) => ranks),
    ),
    facts: factsOf(parts, sources, names, nameOf(tables)),
  };
}

async function readPart(
  table: TableSource,
  { names, mean, encode }: Reader,
  left: number,
  { signal, onProgress }: Options,
): Promise<Part> {
  const notes: string[] = [];
  const known = { size: 1, has: (name: string) => names.resolve(name).kind === 'known' };
  const reading = (share: number) => onProgress?.(share / 2);
  const raw = await table.read({ signal, onProgress: reading, notes });
  const { counts, depthKnown } = scaled(countsOf(raw, known, notes), notes);
  const { to, listed, renamed, mangled } = placesOf(counts.genes, names, notes);
  const kept = keepSpots(counts, samplesOf(counts, left, table.name, notes));
  const genes = names.symbols.length;
  const samples = kept.totals.length;
  const r: Float32Array[] = [];
  const ranks = new Uint16Array(samples * genes);
  for (let from = 0; from < samples; from += BATCH) {
    throwIfAborted(signal);
    const end = Math.min(samples, from + BATCH);
    const profiles = profilesOf(kept, to, genes, from, end);
    ranks.set(ranksOf(profiles, genes), from * genes);
    for (let i = 0; i < profiles.length; i++) {
      if (!listed[i % genes]) profiles[i] = mean[i % genes];
    }
    r.push(await encode(profiles, end - from));
    onProgress?.((1 + end / samples) / 2);
    await nextTask();
  }
  const totals = depthKnown ? kept.totals : null;
  return { r: concat(Float32Array, r), ranks, totals, listed, facts: { renamed, mangled, notes } };
}

/** Rows with counts, evenly chosen when there are more than `left`. Throws `format` for none. */
function samplesOf(
  { totals }: Counts,
  left: number,
  name: string,
  notes: string[],
): readonly number[] {
  const filled = Array.from(totals.keys()).filter((row) => totals[row] > 0);
  const empty = totals.length - filled.length;
  if (filled.length === 0) throw new CytolensError('format', `${name} holds no counts above 0.`);
  if (empty > 0) {
    const some =
      empty === 1 ? '1 sample without counts was' : `${empty} samples without counts were`;
    notes.push(`${some} left out.`);
  }
  if (filled.length <= left) return filled;
  if (left === 0) {
    throw new CytolensError(
      'too-large',
      `These files hold more than ${MOST_SAMPLES.toLocaleString('en')} samples. Choose fewer files.`,
    );
  }
  notes.push(
    `Of ${filled.length.toLocaleString('en')} samples ${left.toLocaleString('en')} were taken, evenly over the table.`,
  );
  return evenly(filled, left);
}

function libraryOf(parts: readonly Part[], sources: LibraryFacts['sources']): Library {
  const samples = sources.reduce((sum, source) => sum + source.samples, 0);
  const spots = new Uint16Array(samples * sources.length);
  let row = 0;
  sources.forEach((source, s) => {
    for (let i = 0; i < source.samples; i++) spots[row++ * sources.length + s] = 1;
  });
  const r = concat(
    Float32Array,
    parts.map((part) => part.r),
  );
  return { prototypes: samples, r, patients: sources.map(({ name }) => name), spots };
}

function factsOf(
  parts: readonly Part[],
  sources: LibraryFacts['sources'],
  { symbols }: GeneNames,
  name: string,
): LibraryFacts {
  const missing = symbols.filter((_, gene) => parts.some(({ listed }) => !listed[gene]));
  const once = <T extends { given: string }>(all: T[]) => [
    ...new Map(all.map((one) => [one.given, one])).values(),
  ];
  const depths = parts.flatMap(({ totals }) => Array.from(totals ?? []));
  const known = parts.every(({ totals }) => totals !== null);
  const depth = known ? depths.sort((a, b) => a - b)[depths.length >> 1] : null;
  const notes = parts.flatMap(({ facts }) => facts.notes);
  if (depth !== null && depth < SHALLOWEST) {
    notes.push(
      `Half of the samples hold fewer than ${SHALLOWEST} molecules: shallower than any profile the network was trained on.`,
    );
  }
  return {
    name,
    samples: sources.reduce((sum, source) => sum + source.samples, 0),
    sources,
    genes: symbols.length,
    listed: symbols.length - missing.length,
    missing,
    renamed: once(parts.flatMap(({ facts }) => facts.renamed)),
    mangled: once(parts.flatMap(({ facts }) => facts.mangled)),
    depth,
    notes,
  };
}

/** "A1, D1, E1 and 3 more". */
function nameOf(tables: readonly TableSource[]): string {
  const shown = tables.slice(0, NAMED).map(({ name }) => name);
  const rest = tables.length - shown.length;
  return `${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
