/**
 * Molecules counted by spot and gene. Readers hand in single entries in any order and either
 * orientation; what comes out is spots by genes, row by row, each gene once.
 */
import { CytolensError } from '../../core/errors.ts';

/** N spots by G genes, by rows (CSR): spot i holds entries [starts[i], starts[i + 1]). */
export interface Counts {
  /** Names of the spots, as the file gives them; N. */
  spots: string[];
  /** Symbols, each once; G. */
  genes: string[];
  starts: Uint32Array;
  /** Gene of each entry. A gene may come twice in a row: its entries add up. */
  columns: Uint32Array;
  values: Float32Array;
  /** Molecules of all genes of a spot: its depth; N. */
  totals: Float64Array;
}

/** A table of counts as its file writes it: entries of line and column, by name. */
export interface RawCounts {
  rows: string[];
  columns: string[];
  /** Entries that are not zero. */
  row: Uint32Array;
  column: Uint32Array;
  value: Float32Array;
  /** What rows and columns are, where the file itself says so. */
  genesOn: 'rows' | 'columns' | null;
}

/** Names that a model knows, in upper case; none: anything that is no spot's name. */
export type KnownNames = Pick<ReadonlySet<string>, 'has' | 'size'>;

/** Expression is per 10,000 molecules of a spot. */
export const SCALE = 10_000;
const ENSEMBL = /^ENS[A-Z]*G\d{11}/;
const SPOT = /^(\d+x\d+|[ACGT]{12,}(-\d+)?)$/;
/** A browser gives a worker about four times the room that these take: 12 bytes each. */
const MOST_ENTRIES = 2 ** 26;
/** Names looked at to tell genes from spots. */
const LOOKED_AT = 4000;

/** Collects entries of unknown number. */
export class Entries {
  private rows = new Uint32Array(1 << 16);
  private columns = new Uint32Array(1 << 16);
  private values = new Float32Array(1 << 16);
  private count = 0;

  add(row: number, column: number, value: number): void {
    if (this.count === this.values.length) this.grow();
    this.rows[this.count] = row;
    this.columns[this.count] = column;
    this.values[this.count++] = value;
  }

  taken(): Pick<RawCounts, 'row' | 'column' | 'value'> {
    const { rows, columns, values, count } = this;
    return {
      row: rows.subarray(0, count),
      column: columns.subarray(0, count),
      value: values.subarray(0, count),
    };
  }

  private grow(): void {
    if (this.count === MOST_ENTRIES) {
      throw new CytolensError(
        'too-large',
        'These counts hold more than 67 million values that are not zero. Keep fewer spots or samples.',
      );
    }
    const larger = <T extends Uint32Array | Float32Array>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    const size = 2 * this.count;
    this.rows = larger(this.rows, new Uint32Array(size));
    this.columns = larger(this.columns, new Uint32Array(size));
    this.values = larger(this.values, new Float32Array(size));
  }
}

/** A value of a table of counts. Throws `format` for what cannot be a count. */
export function countOf(text: string, where: () => string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  return checkedCount(value, where, text);
}

/** Throws `format` for NaN, infinities and negative numbers. */
export function checkedCount(value: number, where: () => string, text = `${value}`): number {
  if (value >= 0 && value < Number.POSITIVE_INFINITY) return value;
  const what = value < 0 ? 'a negative number' : 'not a number';
  throw new CytolensError(
    'format',
    `These are not counts of molecules: "${text.slice(0, 20)}" in ${where()} is ${what}. Export the raw counts, before they are normalised, scaled or corrected.`,
  );
}

/**
 * Put a table into rows of spots. `known` are names that a model knows, in upper case: by them
 * genes are told from spots where the file does not say. `notes` gets a sentence for everything
 * that was put right. Throws `format` when neither side carries gene symbols.
 */
export function countsOf(raw: RawCounts, known: KnownNames, notes: string[]): Counts {
  const onRows = genesOnRows(raw, known);
  if (onRows && raw.genesOn === null) {
    notes.push('The table has its genes as rows: it was turned.');
  }
  const [spots, names] = onRows ? [raw.columns, raw.rows] : [raw.rows, raw.columns];
  const [spot, name] = onRows ? [raw.column, raw.row] : [raw.row, raw.column];
  const { genes, place } = onceEach(names, notes);
  const starts = new Uint32Array(spots.length + 1);
  const totals = new Float64Array(spots.length);
  for (let i = 0; i < spot.length; i++) {
    starts[spot[i] + 1]++;
    totals[spot[i]] += raw.value[i];
  }
  for (let i = 0; i < spots.length; i++) starts[i + 1] += starts[i];
  const next = starts.slice();
  const columns = new Uint32Array(spot.length);
  const values = new Float32Array(spot.length);
  for (let i = 0; i < spot.length; i++) {
    const at = next[spot[i]]++;
    columns[at] = place[name[i]];
    values[at] = raw.value[i];
  }
  return { spots, genes, starts, columns, values, totals };
}

/** Share of the values that are not whole numbers. */
export function brokenShare({ values }: Pick<Counts, 'values'>): number {
  let broken = 0;
  for (const value of values) if (!Number.isInteger(value)) broken++;
  return broken / Math.max(1, values.length);
}

/** What to say of a share of values that are not whole numbers. */
export function brokenNote(share: number): string {
  return `${Math.max(1, Math.round(100 * share))} % of the values are not whole numbers: these may be normalised already, and are read as counts all the same.`;
}

/** Rows `keep` alone, in their order. */
export function keepSpots(counts: Counts, keep: ArrayLike<number>): Counts {
  const { starts } = counts;
  const kept = new Uint32Array(keep.length + 1);
  for (let i = 0; i < keep.length; i++) {
    kept[i + 1] = kept[i] + starts[keep[i] + 1] - starts[keep[i]];
  }
  const columns = new Uint32Array(kept[keep.length]);
  const values = new Float32Array(kept[keep.length]);
  for (let i = 0; i < keep.length; i++) {
    columns.set(counts.columns.subarray(starts[keep[i]], starts[keep[i] + 1]), kept[i]);
    values.set(counts.values.subarray(starts[keep[i]], starts[keep[i] + 1]), kept[i]);
  }
  const rows = Array.from(keep);
  return {
    spots: rows.map((row) => counts.spots[row]),
    genes: counts.genes,
    starts: kept,
    columns,
    values,
    totals: Float64Array.from(rows, (row) => counts.totals[row]),
  };
}

/** Expression of gene `place` in every spot: log1p of counts per 10,000 molecules of the spot. */
export function geneExpression(counts: Counts, place: number): Float32Array {
  const { starts, columns, values, totals } = counts;
  return Float32Array.from(totals, (total, spot) => {
    let sum = 0;
    for (let i = starts[spot]; i < starts[spot + 1]; i++)
      if (columns[i] === place) sum += values[i];
    return Math.log1p((sum * SCALE) / Math.max(total, 1));
  });
}

/**
 * Expression of all spots over a vocabulary, spot by spot: what `ssgsea` reads. Genes that the
 * counts do not list are 0. `named` gives the counts' place of each gene of the vocabulary, or -1.
 */
export function profilesOver(counts: Counts, named: Int32Array): Float32Array<ArrayBuffer> {
  const to = new Int32Array(counts.genes.length).fill(-1);
  named.forEach((place, i) => {
    if (place >= 0) to[place] = i;
  });
  return profilesOf(counts, to, named.length, 0, counts.totals.length);
}

/**
 * Expression of the spots [from, end) over a vocabulary of `size` genes: log1p of counts per 10,000
 * molecules of the spot. `to` gives the place in the vocabulary of each gene of the counts, or -1;
 * genes of one place add up.
 */
export function profilesOf(
  { starts, columns, values, totals }: Counts,
  to: Int32Array,
  size: number,
  from: number,
  end: number,
): Float32Array<ArrayBuffer> {
  const profiles = new Float32Array((end - from) * size);
  for (let spot = from; spot < end; spot++) {
    const row = profiles.subarray((spot - from) * size, (spot - from + 1) * size);
    for (let i = starts[spot]; i < starts[spot + 1]; i++) {
      const gene = to[columns[i]];
      if (gene >= 0) row[gene] += values[i];
    }
    const scale = SCALE / Math.max(totals[spot], 1);
    for (let gene = 0; gene < size; gene++) {
      if (row[gene] !== 0) row[gene] = Math.log1p(row[gene] * scale);
    }
  }
  return profiles;
}

/** Each symbol once; the names' places among them. */
function onceEach(names: readonly string[], notes: string[]) {
  const at = new Map<string, number>();
  const genes: string[] = [];
  const twice = new Set<string>();
  const place = Uint32Array.from(names, (name) => {
    const known = at.get(name);
    if (known !== undefined) {
      twice.add(name);
      return known;
    }
    at.set(name, genes.length);
    return genes.push(name) - 1;
  });
  if (twice.size > 0) {
    const some = [...twice].slice(0, 5).join(', ');
    notes.push(
      `${twice.size} gene names come more than once, and their counts were summed: ${some}${twice.size > 5 ? ' and others' : ''}.`,
    );
  }
  return { genes, place };
}

/** Whether the rows of a table are its genes. */
function genesOnRows(raw: RawCounts, known: KnownNames): boolean {
  if (raw.genesOn) return raw.genesOn === 'rows';
  const [rows, columns] = [likeGenes(raw.rows, known), likeGenes(raw.columns, known)];
  if (rows > columns) return true;
  if (columns > 0) return false;
  const shown = (names: readonly string[]) => names.slice(0, 3).join(', ');
  throw new CytolensError(
    'format',
    'Neither the rows nor the columns of these counts carry gene symbols that are known here. Write human gene symbols such as ERBB2.',
    `rows ${shown(raw.rows)}; columns ${shown(raw.columns)}`,
  );
}

/** Share of the names that are gene symbols; without a list of symbols, what is no spot's name. */
function likeGenes(names: readonly string[], known: KnownNames): number {
  const step = Math.max(1, Math.floor(names.length / LOOKED_AT));
  const looked = names.filter((_, i) => i % step === 0);
  const is = (name: string) =>
    known.size > 0
      ? known.has(name.toUpperCase())
      : !SPOT.test(name) && !ENSEMBL.test(name) && /[A-Za-z]/.test(name);
  return looked.filter(is).length / Math.max(1, looked.length);
}
