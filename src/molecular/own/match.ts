/** The genes of a library found in a model's vocabulary. */
import { CytolensError } from '../../core/errors.ts';
import type { GeneNames } from '../gene-names.ts';
import { SMALLEST_SHARE } from '../genesets.ts';
import type { LibraryFacts } from './facts.ts';

/** Genes whose case is looked at to tell another species. */
const MOUSE = /^[A-Z][a-z]+\d*[a-z]?\d*$/;

export interface GenePlaces extends Pick<LibraryFacts, 'renamed' | 'mangled'> {
  /** Place in the vocabulary of each gene of the library, or -1. Several may share one. */
  to: Int32Array;
  /** 1 for each gene of the vocabulary that the library lists. */
  listed: Uint8Array;
}

/**
 * By symbol first; by id, former name, alias or mended date where the library does not list the
 * symbol itself. Throws `format` below 60 % of the vocabulary: the network never saw such profiles.
 */
export function placesOf(genes: readonly string[], names: GeneNames, notes: string[]): GenePlaces {
  const size = names.symbols.length;
  const places: GenePlaces = {
    to: new Int32Array(genes.length).fill(-1),
    listed: new Uint8Array(size),
    renamed: [],
    mangled: [],
  };
  const found = genes.map((gene) => names.resolve(gene));
  found.forEach((gene, i) => {
    if (gene.kind !== 'known' || gene.how !== 'symbol') return;
    places.to[i] = gene.place;
    places.listed[gene.place] = 1;
  });
  const bySymbol = places.listed.slice();
  const several = new Set<string>();
  found.forEach((gene, i) => {
    if (gene.kind === 'mangled') places.mangled.push({ given: genes[i], meant: gene.meant });
    if (gene.kind !== 'known' || gene.how === 'symbol' || bySymbol[gene.place]) return;
    if (places.listed[gene.place]) several.add(gene.symbol);
    places.to[i] = gene.place;
    places.listed[gene.place] = 1;
    if (gene.how !== 'id') places.renamed.push({ given: genes[i], symbol: gene.symbol });
  });
  const count = places.listed.reduce((sum, is) => sum + is, 0);
  if (count < SMALLEST_SHARE * size) {
    throw new CytolensError(
      'format',
      `The library lists ${count.toLocaleString('en')} of the ${size.toLocaleString('en')} genes that the model knows (${Math.floor((100 * count) / size)} %); it takes ${SMALLEST_SHARE * 100} %. Use counts of all genes, not of a panel or of selected genes.`,
    );
  }
  if (several.size > 0) {
    const some = [...several].slice(0, 5).join(', ');
    notes.push(
      `${several.size} genes stand under several names, and their counts were summed: ${some}${several.size > 5 ? ' and others' : ''}.`,
    );
  }
  const matched = genes.filter((_, i) => places.to[i] >= 0);
  const asMouse = matched.filter((gene) => MOUSE.test(gene)).length;
  if (asMouse > matched.length / 2) {
    notes.push('The symbols are written as those of mice: read as the human genes of that name.');
  }
  return places;
}
