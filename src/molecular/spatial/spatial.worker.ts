/** The worker's side: it reads spots and keeps their counts. */
import { type Port, serve } from '../../core/rpc.ts';
import { keptSpots } from './kept.ts';
import type { SpatialApi } from './spatial.ts';

serve<SpatialApi>(keptSpots(), self as unknown as Port);
