import { readFile } from 'node:fs/promises';
import * as ort from 'onnxruntime-web/wasm';
import { describe, expect, it } from 'vitest';
import type { Backend } from '../model/backend.ts';
import { type ModelFolder, openFolder } from '../model/folder.ts';
import type { AlignmentManifest } from '../model/manifest.ts';
import { openSession } from '../model/session.ts';
import type { Tensor } from '../model/tensor.ts';
import { AlignmentKeeper } from './alignment-keeper.ts';
import { answerRows } from './answer.ts';
import { matchGenes } from './genesets.ts';
import fixture from './testing/shipped.json' with { type: 'json' };

/** The runtime of the browser, float32 on WASM, in Node. */
const wasm: Backend = {
  providers: async () => ['wasm'],
  async create(bytes) {
    ort.env.wasm.numThreads = 1;
    const session = await ort.InferenceSession.create(bytes);
    return {
      async run(inputs) {
        const feeds = Object.entries(inputs).map(
          ([name, { data, dims }]) => [name, new ort.Tensor('float32', data, dims)] as const,
        );
        const said = await session.run(Object.fromEntries(feeds));
        return Object.fromEntries(
          Object.entries(said).map(([name, { dims, data }]) => [name, { dims, data } as Tensor]),
        );
      },
      release: () => session.release(),
    };
  },
  describe: () => 'onnxruntime-web, WebAssembly',
};

const at = (path: string) => new URL(`../../models/molecular-c/${path}`, import.meta.url);
const folder = (await openFolder(
  async (path) => new Uint8Array(await readFile(at(path))),
  'molecular-c',
)) as ModelFolder<AlignmentManifest>;
const { signal } = new AbortController();
const keeper = new AlignmentKeeper({
  alignmentFolder: () => folder,
  openAlignment: (of) => openSession(of, wasm, ['wasm']),
});

const ROWS = fixture.predictor.length;
const SETS = Object.entries(fixture.sets);
/** As fixture_shipped.py makes them. */
const WIDE = 2 * folder.manifest.alignment.dim;
const embeddings = Float32Array.from({ length: ROWS * WIDE }, (_, i) => {
  const [row, d] = [Math.floor(i / WIDE), i % WIDE];
  return (((row * 389 + d * 7919) % 2003) / 2003) * 4 - 2;
});

/** Scores of every row for the set numbered `s`, by the library in use. */
async function asked(s: number) {
  const alignment = await keeper.now(signal);
  if (!alignment) throw new Error('no alignment');
  const { places } = matchGenes(SETS[s][1], alignment.names);
  return answerRows(alignment, embeddings, places);
}

/** In ranks out of 5,000; scores are some hundreds. */
const TOLERANCE = 1e-3;
const close = (said: ArrayLike<number>, expected: readonly number[]) => {
  for (let row = 0; row < ROWS; row++) {
    const apart = Math.abs(said[row] - expected[row]);
    expect(apart / Math.max(1, Math.abs(expected[row]))).toBeLessThan(TOLERANCE);
  }
};

describe('the shipped alignment on WASM, float32', () => {
  it.each(SETS.map(([name], s) => [name, s] as const))(
    'says of %s what Python says',
    async (_, s) => {
      const said = await asked(s);
      close(
        said.predictor,
        fixture.predictor.map((row) => row[s]),
      );
      close(
        said.knn,
        fixture.knn.map((row) => row[s]),
      );
      close(said.nearest, fixture.nearest);
    },
  );

  it('answers from a library of the user’s own what Python answers', async () => {
    const alignment = await keeper.now(signal);
    const symbols = alignment?.names.symbols ?? [];
    const lines = Array.from({ length: fixture.own.samples }, (_, sample) => {
      const counts = symbols.map((_gene, gene) =>
        Math.max(((sample * sample * 131 + gene * 7919) % 97) - 80, 0),
      );
      return [`s${sample}`, ...counts].join('\t');
    });
    const file = new File([['', ...symbols].join('\t'), '\n', lines.join('\n')], 'mine.tsv');
    const told = { signal, onProgress: () => undefined };
    const facts = await keeper.readLibrary([{ path: 'mine.tsv', file }], new Map(), told);
    expect(facts).toMatchObject({ samples: fixture.own.samples, listed: symbols.length });
    const own = await keeper.now(signal);
    fixture.own.r.forEach((row, sample) => {
      row.forEach((value, d) => {
        const { width } = folder.manifest.alignment;
        expect(own?.library.r[sample * width + d]).toBeCloseTo(value, 4);
      });
    });
    for (let s = 0; s < SETS.length; s++) {
      const said = await asked(s);
      close(
        said.knn,
        fixture.own.knn.map((row) => row[s]),
      );
      close(
        said.predictor,
        fixture.predictor.map((row) => row[s]),
      );
    }
    await keeper.dropLibrary();
    close(
      (await asked(0)).knn,
      fixture.knn.map((row) => row[0]),
    );
  });
});
