/** A model of role `alignment`, ready to be asked: its session, vocabulary, library and spectrum. */
import { z } from 'zod';
import { CytolensError } from '../core/errors.ts';
import { type ModelFolder, parseJson, readVerified } from '../model/folder.ts';
import type { AlignmentManifest } from '../model/manifest.ts';
import type { ModelSession } from '../model/session.ts';
import { GeneNames } from './gene-names.ts';
import { decodeLibrary, type Library } from './library.ts';
import { Ranker } from './ssgsea.ts';

const span = z.tuple([z.number(), z.number(), z.number()]);
const figures = z.object({
  /** [value, low, high], 95 %: Spearman, the same given depth, and R2, on the patient left out. */
  rho: span,
  rho_given_depth: span,
  r2: span,
  /** What a predicted score, taken from its mean, is multiplied by to compare with a measured one. */
  slope: z.number(),
  readable: z.boolean(),
  beyond_depth: z.boolean(),
});
const spectrum = z.object({
  format: z.literal('cytolens-spectrum/1'),
  trained: z.string(),
  tested: z.string(),
  spots: z.number().int(),
  sets: z.array(
    z.object({
      name: z.string(),
      genes: z.number().int(),
      matched: z.number().int(),
      predictor: figures,
      knn: figures,
    }),
  ),
});
/** How far each gene set held on the patient left out (docs/molecular.md). */
export type Spectrum = z.infer<typeof spectrum>;
export type SetFigures = z.infer<typeof figures>;

export interface Alignment {
  session: ModelSession<AlignmentManifest>;
  names: GeneNames;
  library: Library;
  /** Doubled ranks of the genes in each profile of the library [L, G]. */
  libraryRanks: Uint16Array;
  /** Mean expression of the spots behind the model's prototypes [G]. */
  mean: Float32Array;
  spectrum: Spectrum;
}

/** Read what a started session needs beside it. Throws `model` for files changed or malformed. */
export async function readAlignment(
  folder: ModelFolder<AlignmentManifest>,
  session: ModelSession<AlignmentManifest>,
  signal?: AbortSignal,
): Promise<Alignment> {
  const { width, vocabulary, library, spectrum: told } = folder.manifest.alignment;
  const [names, prototypes, figuresFile] = await Promise.all(
    [vocabulary, library, told].map(({ path, sha256 }) =>
      readVerified(folder, path, sha256, signal),
    ),
  );
  const symbols = symbolsOf(parseJson(names, vocabulary.path), vocabulary.genes);
  const { patients } = library;
  const shape = { prototypes: library.prototypes, width, genes: vocabulary.genes, patients };
  const { expression, ...decoded } = decodeLibrary(prototypes, shape);
  return {
    session,
    names: new GeneNames(symbols),
    library: decoded,
    libraryRanks: ranksOf(expression, vocabulary.genes),
    mean: meanOf(expression, decoded, vocabulary.genes),
    spectrum: parsed(spectrum, parseJson(figuresFile, told.path), told.path),
  };
}

/** Mean of prototypes [L, G], each weighing as many spots as it stands for. */
function meanOf(
  expression: Float32Array,
  { prototypes, spots, patients }: Library,
  genes: number,
): Float32Array {
  const mean = new Float64Array(genes);
  const all = spots.reduce((sum, n) => sum + n, 0);
  for (let j = 0; j < prototypes; j++) {
    const own = spots.subarray(j * patients.length, (j + 1) * patients.length);
    const weight = own.reduce((sum, n) => sum + n, 0) / all;
    for (let g = 0; g < genes; g++) mean[g] += weight * expression[j * genes + g];
  }
  return Float32Array.from(mean);
}

/** Doubled ranks (see Ranker) of profiles [M, G], in two bytes each: at most 32,767 genes. */
export function ranksOf(expression: Float32Array, genes: number): Uint16Array<ArrayBuffer> {
  const ranker = new Ranker(genes);
  const ranks = new Uint16Array(expression.length);
  for (let from = 0; from < expression.length; from += genes) {
    ranks.set(ranker.rank(expression.subarray(from, from + genes)), from);
  }
  return ranks;
}

function symbolsOf(json: unknown, genes: number): string[] {
  const symbols = parsed(z.object({ genes: z.string() }), json, 'vocabulary').genes.split(' ');
  if (symbols.length === genes) return symbols;
  throw new CytolensError(
    'model',
    'The list of genes is not of the length that the manifest.json tells. Load the model again.',
    `${symbols.length} genes, expected ${genes}`,
  );
}

function parsed<T>(schema: z.ZodType<T>, json: unknown, path: string): T {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  throw new CytolensError(
    'model',
    `The model file ${path} is not as docs/molecular.md describes it.`,
    z.prettifyError(result.error),
  );
}
