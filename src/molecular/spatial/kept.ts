/** The spots that are read last, and what is asked of their counts. */
import { CytolensError } from '../../core/errors.ts';
import { type Handlers, inSteps, Transfer } from '../../core/rpc.ts';
import { GeneNames } from '../gene-names.ts';
import { ssgsea } from '../ssgsea.ts';
import { type Counts, geneExpression, profilesOver } from './counts.ts';
import { readSpots } from './read.ts';
import type { SpatialApi, SpotSummary } from './spatial.ts';
import type { SpotTable } from './spots.ts';

/** Answers to the page; one table at a time, and the former stays until the next is read. */
export function keptSpots(): Handlers<SpatialApi> {
  let table: SpotTable | null = null;
  const now = (): SpotTable => {
    if (table) return table;
    throw new CytolensError('internal', 'No spots are loaded.');
  };
  return {
    async read({ section, ...request }, { signal, progress }) {
      const onProgress = inSteps(progress);
      table = await readSpots(request, { section, signal, onProgress });
      return summaryOf(table);
    },

    gene({ symbol }) {
      const { counts } = now();
      const found = new GeneNames(counts.genes).resolve(symbol);
      if (found.kind !== 'known') {
        throw new CytolensError('not-found', `${symbol} is not among the genes of these spots.`);
      }
      return geneExpression(counts, found.place);
    },

    async score({ vocabulary, sets }, { signal, progress }) {
      const { counts } = now();
      const named = placesIn(counts, vocabulary);
      const profiles = { genes: vocabulary.length, values: profilesOver(counts, named) };
      const scores = await ssgsea(profiles, sets, { signal, onProgress: inSteps(progress) });
      const matched = named.reduce((sum, place) => sum + (place >= 0 ? 1 : 0), 0);
      return new Transfer({ scores, matched }, [scores.buffer as ArrayBuffer]);
    },
  };
}

/** The counts' place of each symbol, by name, else by a former or present name; -1 for none. */
export function placesIn(
  { genes }: Pick<Counts, 'genes'>,
  vocabulary: readonly string[],
): Int32Array {
  const exact = new Map(genes.map((gene, place) => [gene, place]));
  const names = new GeneNames(genes);
  return Int32Array.from(vocabulary, (symbol) => {
    const found = exact.get(symbol);
    if (found !== undefined) return found;
    const renamed = names.resolve(symbol);
    return renamed.kind === 'known' ? renamed.place : -1;
  });
}

function summaryOf(table: SpotTable): SpotSummary {
  const { layout, name, x, y, um, diameterUm, mpp, notes, ids, counts } = table;
  const { genes, totals } = counts;
  return { layout, name, x, y, um, diameterUm, mpp, notes, ids, genes, totals };
}
