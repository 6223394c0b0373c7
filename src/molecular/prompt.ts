/** A gene set made ready to be asked: looked up, refused or not, with what is known of it. */
import type { Spectrum } from './alignment.ts';
import type { GeneNames } from './gene-names.ts';
import {
  type GeneMatch,
  type GeneSet,
  matchGenes,
  minus,
  parseGenes,
  refusalOf,
} from './genesets.ts';

/** What a held-out patient showed of a set. */
export type Tested = Spectrum['sets'][number];

export interface Prompt {
  set: GeneSet;
  match: GeneMatch;
  /** Symbols of the genes that are scored, in the order of the vocabulary. */
  symbols: string[];
  /** Why it is not answered; null when it is. */
  refusal: string | null;
  /** Null for a set that was never tested: pasted, of a file, or combined. */
  tested: Tested | null;
}

/** Look a set up. */
export function promptOf(set: GeneSet, names: GeneNames, spectrum: Spectrum): Prompt {
  const match = matchGenes(set.genes, names);
  // A set of the same name and other genes has other figures.
  const tested = spectrum.sets.find(
    ({ name, genes, matched }) =>
      name === set.name && genes === set.genes.length && matched === match.places.length,
  );
  return {
    set,
    match,
    symbols: Array.from(match.places, (place) => names.symbols[place]),
    refusal: refusalOf(match, names),
    tested: tested ?? null,
  };
}

/** The genes of pasted text as a set. */
export function pastedSet(text: string, names: GeneNames): GeneSet {
  const genes = parseGenes(text, names);
  return { name: 'Pasted genes', description: '', source: 'pasted', genes };
}

/** `a` without the genes of `b`, or `a` itself. */
export function combined(a: GeneSet, b: GeneSet | null, names: GeneNames): GeneSet {
  return b ? minus(a, b, names) : a;
}

/**
 * What must be said beside a map of this prompt; null for a set that was readable. `library`: the
 * user's own that soft-kNN answered from, with which no set was ever tested.
 */
export function caveatOf(
  { tested }: Prompt,
  answer: 'predictor' | 'knn',
  library: string | null,
): string | null {
  if (answer === 'knn' && library !== null) return `not tested: library of your own, ${library}`;
  if (!tested) return 'not tested: no held-out figure for this set';
  return tested[answer].readable ? null : NOT_READABLE;
}

export const NOT_READABLE = 'not readable from H&E in our data';
/** Of any map finer than the fields on which scores were tested. */
export const UNVALIDATED = 'unvalidated spatial projection';

/** Words of Hallmark names that biologists write otherwise than in lower case. */
const WRITTEN: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    'AKT DNA E2F IL2 IL6 JAK KRAS MYC PI3K STAT3 STAT5 TGF UV V1 V2'.split(' ').map((w) => [w, w]),
  ),
  DN: 'down',
  G2M: 'G2/M',
  MTOR: 'mTOR',
  MTORC1: 'mTORC1',
  NFKB: 'NF-κB',
  NOTCH: 'Notch',
  P53: 'p53',
  TNFA: 'TNF-α',
  WNT: 'Wnt',
};

/** `HALLMARK_MYC_TARGETS_V1` -> `Myc targets v1`: easier to read in a list. */
export function readableName(name: string): string {
  return name
    .split(' minus ')
    .map((part) => {
      if (!part.startsWith('HALLMARK_')) return part;
      const words = part.slice('HALLMARK_'.length).split('_');
      const text = words.map((word) => WRITTEN[word] ?? word.toLowerCase()).join(' ');
      return text.replace(/^[a-z](?=[a-z]+\b)/, (first) => first.toUpperCase());
    })
    .join(' minus ');
}
