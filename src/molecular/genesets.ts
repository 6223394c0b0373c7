/**
 * Gene sets as prompts: read from a GMT file or from pasted text, looked up in a model's
 * vocabulary, combined, and refused where too little of them is left to score.
 */
import { CytolensError } from '../core/errors.ts';
import { gunzipped } from '../core/gzip.ts';
import { type GeneNames, isEnsemblId } from './gene-names.ts';

/** A prompt below either is refused: its score would be that of another gene set. */
export const SMALLEST_SHARE = 0.6;
export const FEWEST_GENES = 10;
/** A GMT file of all of MSigDB holds some 35,000 sets. */
const MOST_SETS = 200_000;
const MOST_BYTES = 256e6;

export interface GeneSet {
  name: string;
  /** A sentence, or '' when the file has none. */
  description: string;
  /** Where it comes from: an address, a file's name. */
  source: string;
  /** As the source writes them, each once. */
  genes: string[];
}

/** Gene sets that came together, with what their licence asks to be told. */
export interface Collection {
  collection: string;
  licence: string;
  attribution: string;
  citation: string;
  sets: GeneSet[];
}

/** The shipped file genesets/hallmark.json (docs/molecular.md). Throws `format`. */
export function parseCollection(json: unknown): Collection {
  const file = json as Partial<Omit<Collection, 'sets'>> & { format?: string; sets?: unknown };
  if (file?.format !== 'cytolens-genesets/1' || !Array.isArray(file.sets)) {
    throw new CytolensError('format', 'The file of gene sets is not one of Cytolens.');
  }
  const { collection = '', licence = '', attribution = '', citation = '' } = file;
  const sets = file.sets.map(
    (s: { name: string; description: string; source: string; genes: string }) => ({
      ...s,
      genes: s.genes.split(' '),
    }),
  );
  return { collection, licence, attribution, citation, sets };
}

/**
 * Sets of a GMT file, plain or gzipped: a line a set, name, description and genes between tabs.
 * Throws `format` with the line at fault, `truncated` for a gzip file that ends early, `too-large`.
 */
export async function parseGmt(bytes: Uint8Array, fileName: string): Promise<GeneSet[]> {
  const text = new TextDecoder().decode(await gunzipped(fileName, bytes, MOST_BYTES));
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  const sets: GeneSet[] = [];
  lines.forEach((line, i) => {
    if (line.trim() === '' || line.startsWith('#')) return;
    const [name, description = '', ...genes] = line.split('\t').map((cell) => cell.trim());
    const own = unique(genes.filter((g) => g !== ''));
    if (name === '' || own.length === 0) {
      throw new CytolensError(
        'format',
        `${fileName} is not a GMT file: line ${i + 1} has no ${name === '' ? 'name' : 'genes'}. A line holds a name, a description and genes, with tabs between.`,
        line.slice(0, 80),
      );
    }
    const isAddress = /^https?:/.test(description);
    sets.push({
      name,
      description: isAddress ? '' : description,
      source: isAddress ? description : fileName,
      genes: own,
    });
  });
  if (sets.length === 0) throw new CytolensError('format', `${fileName} holds no gene sets.`);
  if (sets.length > MOST_SETS) {
    throw new CytolensError(
      'too-large',
      `${fileName} holds ${sets.length} gene sets; at most ${MOST_SETS} are read. Keep the ones you need.`,
    );
  }
  return sets;
}

/**
 * Names in pasted text, in order, with repeats; any of space, tab, line end, comma, semicolon, bar
 * and quotes separates. Dates and protein names that hold a space are kept whole where a line, or a
 * comma, semicolon or tab, sets them apart and `names` knows them.
 */
export function parseGenes(text: string, names: GeneNames): string[] {
  return text
    .split(/[\n\r\t,;|"']+/)
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .flatMap((part) => (names.resolve(part).kind === 'missing' ? part.split(/\s+/) : [part]));
}

export interface GeneMatch {
  /** Places in the vocabulary, ascending, each once: what is scored. */
  places: Uint32Array;
  /** Names that were read as another symbol: aliases, ids, dates put right. */
  renamed: { given: string; symbol: string; how: 'alias' | 'id' | 'date' }[];
  missing: string[];
  /** Dates that a spreadsheet made of a gene; which gene is not certain, so they are not used. */
  mangled: { given: string; meant: string[] }[];
  /** Names given more than once, or that are the same gene as one before. */
  duplicates: string[];
  /** Different names asked for: matched, missing and mangled. */
  asked: number;
}

/** Look every name up. */
export function matchGenes(given: readonly string[], names: GeneNames): GeneMatch {
  const match: GeneMatch = {
    places: new Uint32Array(),
    renamed: [],
    missing: [],
    mangled: [],
    duplicates: [],
    asked: 0,
  };
  const seen = new Set<string | number>();
  const places: number[] = [];
  for (const name of given) {
    const found = names.resolve(name);
    const key = found.kind === 'known' ? found.place : name.trim().toUpperCase();
    if (seen.has(key)) {
      match.duplicates.push(name);
      continue;
    }
    seen.add(key);
    if (found.kind === 'missing') match.missing.push(name);
    else if (found.kind === 'mangled') match.mangled.push({ given: name, meant: found.meant });
    else {
      places.push(found.place);
      const { symbol, how } = found;
      if (how !== 'symbol') match.renamed.push({ given: name, symbol, how });
    }
  }
  match.places = Uint32Array.from(places).sort();
  match.asked = seen.size;
  return match;
}

/** A sentence why a prompt is not answered, or null when it is. */
export function refusalOf(match: GeneMatch, names: GeneNames): string | null {
  const found = match.places.length;
  if (match.asked === 0) return 'The gene set is empty. Pick a set or paste gene names.';
  if (found === names.symbols.length)
    return 'The set holds every gene the model knows, so there is nothing to compare it with.';
  const share = found / match.asked;
  if (found >= FEWEST_GENES && share >= SMALLEST_SHARE) return null;
  const counted = `The model knows ${found} of ${match.asked} genes of this set`;
  const limit =
    share < SMALLEST_SHARE
      ? `${counted} (${Math.floor(share * 100)} %); below ${SMALLEST_SHARE * 100} % the score would be that of another set.`
      : `${counted}; a score needs at least ${FEWEST_GENES}.`;
  return `${limit}${hint(match)}`;
}

/** What to do about names that were not found. */
function hint({ mangled, missing }: GeneMatch): string {
  if (mangled.length > 0) {
    const { given, meant } = mangled[0];
    const was = meant.length > 0 ? `, which was ${meant.join(' or ')}` : '';
    return ` A spreadsheet has turned gene names into dates (${given}${was}): write the symbols again.`;
  }
  if (missing.some(isEnsemblId)) {
    return ' Of these Ensembl ids the model knows no gene: they may be of another species, or retired.';
  }
  return '';
}

/** Genes of `a` that `b` lacks (A minus B), as a set of its own. */
export function minus(a: GeneSet, b: GeneSet, names: GeneNames): GeneSet {
  const taken = new Set(b.genes.map((g) => keyOf(g, names)));
  return {
    name: `${a.name} minus ${b.name}`,
    description: `Genes of ${a.name} that ${b.name} lacks.`,
    source: [...new Set([a.source, b.source])].join(', '),
    genes: a.genes.filter((g) => !taken.has(keyOf(g, names))),
  };
}

/** Two names are the same gene when they stand at one place of the vocabulary, or read the same. */
function keyOf(gene: string, names: GeneNames): string | number {
  const found = names.resolve(gene);
  return found.kind === 'known' ? found.place : gene.toUpperCase();
}

function unique(genes: string[]): string[] {
  return [...new Set(genes)];
}
