/**
 * A model folder's manifest.json: what the model is for, what it reads and writes, one file a
 * provider and dtype with its hash, and the reference it must reproduce on this machine before
 * anything of it is drawn. docs/models.md describes the format for people who bring their own.
 */
import { z } from 'zod';
import { CytolensError } from '../core/errors.ts';

export const PROVIDERS = ['webgpu', 'wasm'] as const;
export type Provider = (typeof PROVIDERS)[number];

export const HEAD_VARIANTS = ['baseline', 'robust'] as const;
export type HeadVariant = (typeof HEAD_VARIANTS)[number];
const TRUST = ['chance', 'weak', 'useful'] as const;
/** How a head's fields make one score of a region: their mean logit, or weighed by their gates. */
const POOLINGS = ['mean', 'attention'] as const;
export type HeadPooling = (typeof POOLINGS)[number];

const rgb = z.tuple([z.number(), z.number(), z.number()]);
const positive = z.number().positive();
const count = z.number().int().positive();
/** A plain file name: manifests cannot point outside of their folder. */
const fileName = z.string().regex(/^[\w.-]+$/, 'a file of the model folder');
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 in lower-case hex');

const modelFile = z.object({
  provider: z.enum(PROVIDERS),
  dtype: z.string(),
  path: fileName,
  sha256,
  bytes: count,
  /** Weights that the ONNX file names and keeps in files of their own (ONNX external data). */
  external: z.array(z.object({ path: fileName, sha256, bytes: count })).optional(),
  parity: z.object({ reference: fileName, tolerance: positive }),
});

const parityInput = z.object({
  name: z.string(),
  dtype: z.enum(['uint8', 'float32']),
  shape: z.array(count),
  encoding: z.literal('deflate').optional(),
  path: fileName,
});

const metric = z.object({
  name: z.string(),
  value: z.number(),
  interval: z.tuple([z.number(), z.number()]).optional(),
  on: z.string(),
});

const imageInput = z.object({
  name: z.string(),
  /** Side of the square input, px, and the scale it is read at. */
  px: count,
  mpp: positive,
  layout: z.literal('NCHW'),
  mean: rgb,
  std: rgb,
});

const common = {
  schema: z.literal('cytolens-model/1'),
  id: z.string().regex(/^[\w.-]+$/),
  name: z.string(),
  version: z.string(),
  licence: z.string(),
  card: fileName,
  files: z.array(modelFile).min(1),
  parity: z.object({
    inputs: z.array(parityInput).min(1),
    outputs: z.array(z.object({ name: z.string(), step: count })).min(1),
  }),
  metrics: z.array(metric).default([]),
};

const segmenter = z.object({
  ...common,
  role: z.literal('segmenter'),
  input: imageInput,
  outputs: z.object({ prob: z.string(), dist: z.string(), type: z.string() }),
  segmenter: z.object({
    /** Input px per output cell; output cell j is centred at (j + 0.5) * stride. */
    stride: count,
    rays: z.literal(32),
    types: z.array(z.string()).min(1).max(16),
    probThreshold: z.number().min(0).max(1),
    nmsIou: z.number().min(0).max(1),
    /** Median red optical density of nuclei above which the input is weakened (strong-stain.ts). */
    strongestStain: z.number().positive().default(Number.POSITIVE_INFINITY),
  }),
});

const encoder = z.object({
  ...common,
  role: z.literal('encoder'),
  input: imageInput,
  outputs: z.object({ class_token: z.string(), patch_tokens: z.string() }),
  encoder: z.object({
    dim: count,
    grid: z.tuple([count, count]),
    tokens: z.string(),
    /** Class tokens of familiar tissue, for telling unfamiliar fields (see bank.ts). */
    bank: z
      .object({
        path: fileName,
        sha256,
        count,
        k: count,
        dim: count,
        /** 0th to 100th percentile of the distance of held-out familiar tissue. */
        quantiles: z.array(z.number()).length(101),
        threshold: positive,
        on: z.string(),
      })
      .optional(),
    /** A change of the input that misleads it, for stress tests (see pattern.ts). */
    pattern: z.object({ path: fileName, sha256, level: count, on: z.string() }).optional(),
  }),
});

const share = z.number().min(0).max(1);
const interval = z.tuple([z.number(), z.number()]);

const calibration = z.object({
  /** What a group is, and the fields it is all over, in words. */
  unit: z.string(),
  on: z.string(),
  fields: count,
  groups: count,
  /** 95 % intervals of the calibration error, by bootstrap. */
  interval: z.object({ before: interval, after: interval }),
  /** Equal numbers of fields in the order of their probability, after temperature scaling. */
  bins: z.array(z.object({ predicted: share, observed: share, interval, fields: count })).min(1),
  /** Sets that hold every class of probability at least 1 - quantile. */
  conformal: z.object({
    alpha: z.number().gt(0).lt(1),
    quantile: share,
    /** Fewest groups that could promise 1 - alpha for a new one. */
    groupsNeeded: count,
    /** Each group by the quantile of the others: share of fields whose set holds the true class,
     * that of the worst group, and shares of sets with one class, both or none. */
    coverage: share,
    worst: share,
    single: share,
    both: share,
    none: share,
  }),
});
export type HeadCalibration = z.infer<typeof calibration>;

const head = z.object({
  ...common,
  role: z.literal('head'),
  outputs: z.object({
    logit: z.string(),
    attention: z.string(),
    contribution: z.string(),
    class_share: z.string(),
    /** log of the field's summed attention before it is normalised: its softmax weighs fields. */
    gate: z.string().optional(),
  }),
  head: z.object({
    /** Token layout this head was trained on; must equal its encoder's. */
    tokens: z.string(),
    dim: count,
    count,
    /** Heads of one target are variants of each other; the viewer runs both on one embedding. */
    targetId: z.string(),
    variant: z.enum(HEAD_VARIANTS),
    target: z.string(),
    label: z.string(),
    negative: z.string(),
    positive: z.string(),
    bias: z.number(),
    temperature: positive,
    patients: z.number().int().min(0),
    /** How far its held-out figures let it be trusted (docs/models.md states the rule). */
    trust: z.enum(TRUST),
    /** What its slide-level test recommends; absent: mean. */
    pooling: z.enum(POOLINGS).optional(),
    /** Where its score means something. */
    tissue: z.string(),
    note: z.string(),
    /** Under held-out perturbations: mean SD of the probability, share of agreeing pairs, flips. */
    robustness: z
      .object({
        inconsistency: z.number(),
        agreement: z.number(),
        flips: z.number(),
        views: count,
        on: z.string(),
      })
      .optional(),
    /** Expected calibration error before and after temperature scaling. */
    ece: z.object({ before: z.number(), after: z.number() }).optional(),
    /** What fields that the head never saw say of its probabilities (docs/trust.md). */
    calibration: calibration.optional(),
  }),
});

/** A file of the folder that is not a network. */
const dataFile = z.object({ path: fileName, sha256, bytes: count });

/** Images and expression in one space (docs/molecular.md). */
const alignment = z.object({
  ...common,
  role: z.literal('alignment'),
  outputs: z.object({ u: z.string(), expression: z.string() }),
  alignment: z.object({
    /** Token layout this was trained on; must equal its encoder's. */
    tokens: z.string(),
    /** Width of a token, and what of a field's tokens is put side by side. */
    dim: count,
    embedding: z.tuple([z.literal('class'), z.literal('patch_mean')]),
    /** Length of u. */
    width: count,
    trained: z.array(z.string()),
    tested: z.array(z.string()),
    tissue: z.string(),
    note: z.string(),
    /** Molecules a profile is normalised to before log1p; the exponent of ssGSEA. */
    scale: positive,
    alpha: z.literal(0.25),
    knn: z.object({ k: count, tau: positive }),
    /** Below this similarity of its nearest prototype a field is far from the library. */
    far: z.number(),
    vocabulary: dataFile.extend({ genes: z.number().int().min(2).max(32_767) }),
    library: dataFile.extend({
      prototypes: count,
      patients: z.array(z.string()).min(1),
      spots: count,
    }),
    spectrum: dataFile,
    /** The network for samples of one's own: expression [B, G] -> r [B, W]. */
    expression: z
      .object({
        outputs: z.object({ r: z.string() }),
        files: z.array(modelFile).min(1),
        parity: common.parity,
      })
      .optional(),
  }),
});

const manifest = z.discriminatedUnion('role', [segmenter, encoder, head, alignment]);
export type ModelManifest = z.infer<typeof manifest>;
export type SegmenterManifest = z.infer<typeof segmenter>;
export type EncoderManifest = z.infer<typeof encoder>;
export type HeadManifest = z.infer<typeof head>;
export type AlignmentManifest = z.infer<typeof alignment>;
export type ModelFile = z.infer<typeof modelFile>;
export type ModelMetric = z.infer<typeof metric>;

/** Bytes of a model file with the weights it keeps outside. */
export function weightBytes(file: ModelFile): number {
  return (file.external ?? []).reduce((sum, part) => sum + part.bytes, file.bytes);
}

/** The models the viewer comes with, models/index.json; the first head is the one it starts with. */
const index = z.object({
  segmenter: z.string(),
  encoder: z.string(),
  heads: z.array(z.string()).min(1),
  alignments: z.array(z.string()).default([]),
});
export type ModelIndex = z.infer<typeof index>;

/** Parse a manifest; throws CytolensError `model` that names the field that is wrong. */
export function parseManifest(json: unknown, where: string): ModelManifest {
  return parse(manifest, json, where);
}

export function parseIndex(json: unknown, where: string): ModelIndex {
  return parse(index, json, where);
}

function parse<T>(schema: z.ZodType<T>, json: unknown, where: string): T {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new CytolensError(
    'model',
    `The model description ${where} is not valid: ${issue.path.join('.') || 'file'}: ${issue.message}.`,
    z.prettifyError(result.error),
  );
}
