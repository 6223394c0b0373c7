/** The engine's side of predictions for measured spots. */
import type { Eyes } from '../../analysis/field.ts';
import { CytolensError } from '../../core/errors.ts';
import type { Handlers } from '../../core/rpc.ts';
import type { Slide } from '../../slide/slide.ts';
import type { Alignment } from '../alignment.ts';
import type { AlignmentKeeper } from '../alignment-keeper.ts';
import { type Profiled, profile, scoreRows } from '../answer.ts';
import { embedSpots } from './embed.ts';
import type { PredictApi } from './predict.ts';

/** What the engine has at hand. */
export interface PredictDeps {
  slide(): Slide;
  eyes(): Eyes;
  keeper: AlignmentKeeper;
  /** Runs work while no analysis uses the sessions. */
  alone<T>(work: () => Promise<T>): Promise<T>;
}

interface Kept {
  slide: Slide;
  encoder: Eyes['encoder']['manifest'];
  embeddings: Float32Array;
  alignment: Alignment;
  rows: Profiled;
}

export function predictCalls({ slide, eyes, keeper, alone }: PredictDeps): Handlers<PredictApi> {
  let kept: Kept | null = null;

  async function alignmentNow(signal: AbortSignal): Promise<Alignment> {
    const alignment = await keeper.now(signal);
    if (alignment) return alignment;
    throw new CytolensError(
      'model',
      'No model here reads the tokens of the encoder in use for gene sets, so spots cannot be predicted. Choose a head of the built-in encoder.',
    );
  }

  return {
    embedSpots: ({ spots, mpp }, { signal, progress }) =>
      alone(async () => {
        const alignment = await alignmentNow(signal);
        const of = slide();
        const onProgress = (done: number, total: number) => progress({ done, total });
        const embeddings = await embedSpots(of, spots, mpp, eyes(), onProgress, signal);
        const rows = await profile(alignment, embeddings, { signal });
        kept = { slide: of, encoder: eyes().encoder.manifest, embeddings, alignment, rows };
        return null;
      }),

    async predictSpots({ places }, { signal }) {
      const alignment = await alignmentNow(signal);
      if (kept?.slide !== slide() || kept.encoder !== eyes().encoder.manifest) {
        throw new CytolensError('internal', 'The spots of this slide have not been seen yet.');
      }
      if (kept.alignment !== alignment) {
        // The session was started again: the fields need not be.
        kept = { ...kept, alignment, rows: await profile(alignment, kept.embeddings, { signal }) };
      }
      return scoreRows(alignment, kept.rows, places);
    },
  };
}
