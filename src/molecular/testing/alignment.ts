/** An alignment whose network is a table: row i of the embeddings names the row it answers. */
import type { AlignmentManifest } from '../../model/manifest.ts';
import type { ModelSession } from '../../model/session.ts';
import { type Alignment, ranksOf } from '../alignment.ts';
import { GeneNames } from '../gene-names.ts';
import fixture from './answers.json' with { type: 'json' };

export { fixture };

/** Numbers of an embedding: class token and mean patch token of one number each. */
export const DIM = 1;
const WIDTH = fixture.r[0].length;
const GENES = fixture.library[0].length;

/** The alignment of answers.json; the first number of an embedding is the row. */
export function fakeAlignment(): Alignment {
  const manifest = {
    outputs: { u: 'u', expression: 'expression' },
    alignment: {
      dim: DIM,
      width: WIDTH,
      vocabulary: { genes: GENES },
      knn: { k: fixture.k, tau: fixture.tau },
      far: 0.5,
    },
  } as AlignmentManifest;
  const session = {
    manifest,
    async run({ embedding }) {
      const rows = Array.from({ length: embedding.dims[0] }, (_, i) => embedding.data[2 * DIM * i]);
      const table = (of: readonly number[][]) => ({
        dims: [rows.length, of[0].length],
        data: Float32Array.from(rows.flatMap((row) => of[row])),
      });
      return { u: table(fixture.u), expression: table(fixture.expression) };
    },
    release: async () => undefined,
  } as Pick<ModelSession<AlignmentManifest>, 'manifest' | 'run' | 'release'>;
  const expression = Float32Array.from(fixture.library.flat());
  const prototypes = fixture.library.length;
  return {
    session: session as ModelSession<AlignmentManifest>,
    names: new GeneNames(Array.from({ length: GENES }, (_, g) => `G${g}`)),
    library: {
      prototypes,
      r: Float32Array.from(fixture.r.flat()),
      patients: ['A', 'C'],
      // The first prototype is A's, the last C's, those between half and half.
      spots: Uint16Array.from(
        Array.from({ length: prototypes }, (_, j) =>
          j === 0 ? [8, 0] : j === prototypes - 1 ? [0, 8] : [4, 4],
        ).flat(),
      ),
    },
    libraryRanks: ranksOf(expression, GENES),
    mean: new Float32Array(GENES),
    spectrum: { format: 'cytolens-spectrum/1', trained: 'C', tested: 'B', spots: 1, sets: [] },
  };
}
