/** What the page asks the engine about measured spots. */
import type { Call } from '../../core/rpc.ts';
import type { RowScores } from '../answer.ts';
import type { Centres } from './embed.ts';

export interface PredictApi {
  /**
   * See the fields around these spots (their whole field on the slide) and keep what the encoder
   * says of them, for this slide, until other spots are seen. `mpp` is um per level-0 px.
   */
  embedSpots: Call<{ spots: Centres; mpp: number }, null, { done: number; total: number }>;
  /** Both answers for the kept spots; `places` are genes of the alignment's vocabulary. */
  predictSpots: Call<{ places: Uint32Array }, RowScores>;
}
