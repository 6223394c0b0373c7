/** What the page says to the worker that reads spots and keeps them. */
import type { Call } from '../../core/rpc.ts';
import type { ReadSpots, SpotTable } from './spots.ts';

/** What the page is told of spots; their counts stay in the worker. */
export interface SpotSummary
  extends Pick<
    SpotTable,
    'layout' | 'name' | 'x' | 'y' | 'um' | 'diameterUm' | 'mpp' | 'notes' | 'ids'
  > {
  genes: string[];
  /** Molecules of all genes of a spot. */
  totals: Float64Array;
}

export interface SpatialApi {
  /** Read spots and keep them instead of those before; progress is the share read, 0 to 1. */
  read: Call<ReadSpots & { section: string }, SpotSummary, number>;
  /** log1p of counts per 10,000 molecules of one gene, in every spot. */
  gene: Call<{ symbol: string }, Float32Array>;
  /**
   * ssGSEA of the measured counts, spot by spot, of each set (places in `vocabulary`): scores
   * [N x sets]; progress is the share scored.
   */
  score: Call<
    { vocabulary: readonly string[]; sets: readonly Uint32Array[] },
    { scores: Float64Array; matched: number },
    number
  >;
}
