/** The worker's side: reads spots, keeps their counts, and scores genes and gene sets in them. */
import { type Port, serve, Transfer } from '../../core/rpc.ts';
import { keptSpots } from './kept.ts';
import type { SpatialApi } from './spatial.ts';

serve<SpatialApi>(spots(), self as unknown as Port);

function spots() {
  const kept = keptSpots();
  return {
    read: kept.read,
    gene: ({ symbol }: { symbol: string }) => kept.gene(symbol),
    score: kept.score,
  };
}
