/**
 * The audit of one encoder on one set of tiles: every measure of this room, and what it cost. Shared
 * by the page's worker and the command line, so that both give the same numbers.
 */
import { concat } from '../../core/arrays.ts';
import { throwIfAborted } from '../../core/errors.ts';
import { nextTask } from '../../core/tasks.ts';
import { auditSet, type SetAudit } from '../audit-set.ts';
import { cramersV } from '../degradation.ts';
import type { TokenRows } from '../retrieval.ts';
import type { Estimate } from '../robustness.ts';
import { type SampleLabels, type SampleSet, sampleSet } from '../samples.ts';
import { agreementOf, batchOf, groupsOf, meanOf } from './batch.ts';
import { type Embedder, type EncoderFacts, embeddingOf, pooledTokens } from './embedder.ts';
import { auditRetrieval, type RetrievalAudit } from './retrieval-audit.ts';
import { auditTask, type TaskAudit } from './task-audit.ts';
import { type AuditTile, openTile, readTile, type TileSet } from './tiles.ts';
import { ANGLES, SIZES, shareInside, turnedTile } from './views.ts';

/** Tiles that are turned and resized, and tiles among which is retrieved. */
export const TURNED = 64;
const RETRIEVED = 160;
/** Neighbours compared between views. */
const K = 10;

export type AuditStage = 'tiles' | 'turned and resized' | 'neighbours' | 'retrieval';

/** Tiles or looks done in a stage; seconds left over all stages that run the encoder. */
export interface AuditStep {
  stage: AuditStage;
  done: number;
  total: number;
  seconds: number | null;
}

export interface RotationAudit {
  k: number;
  samples: number;
  /** What chance alone would keep. */
  chance: number;
  angles: { angle: number; kept: Estimate }[];
  /** Means over 90, 180, 270 degrees, and over the others. */
  quarter: Estimate;
  between: Estimate;
  /** Share of the field's side seen between quarter turns: 1 where there is tissue around the tiles. */
  share: number;
}

export interface SizeAudit {
  k: number;
  views: { id: string; share: number; coarser: number; samples: number; kept: Estimate }[];
}

export interface EncoderAudit {
  schema: 'cytolens-encoder-audit/1';
  /** How its column is headed. */
  title: string;
  /** Null for embeddings that were computed elsewhere. */
  encoder: EncoderFacts | null;
  set: {
    name: string;
    samples: number;
    dim: number;
    classes: { name: string; samples: number }[];
    centres: { name: string; samples: number }[];
    groups: number;
    /** Cramer's V of class and centre: 0 independent, 1 entangled. */
    entanglement: number;
    notes: string[];
  };
  measures: SetAudit;
  task: TaskAudit | string;
  rotation: RotationAudit | null;
  sizes: SizeAudit | null;
  retrieval: RetrievalAudit | string | null;
  cost: { ms: number; looks: number; tensorBytes: number } | null;
}

export interface AuditOptions {
  /** Tiles that are turned; more take longer. */
  turned?: number;
  onProgress?: (step: AuditStep) => void;
  signal?: AbortSignal;
}

/** Of labelled embeddings alone, from the file `name`. Throws `format` in a sentence, `cancelled`. */
export async function auditEmbeddings(
  set: SampleSet,
  { title, name }: { title: string; name: string },
  { onProgress = () => undefined, signal }: AuditOptions = {},
): Promise<EncoderAudit> {
  const whole = await setMeasures(set, onProgress, signal);
  const views = { rotation: null, sizes: null, retrieval: null, cost: null };
  return { ...described(set, name, []), title, encoder: null, ...whole, ...views };
}

/** Throws `format` in a sentence where the labels or the set do not suffice; `cancelled`, `model`. */
export async function auditEncoder(
  { tiles, name, notes }: TileSet,
  embedder: Embedder,
  { turned = TURNED, onProgress = () => undefined, signal }: AuditOptions = {},
): Promise<EncoderAudit> {
  const labels = tiles.map((tile) => tile.labels);
  const plan = labelled(labels);
  const batch = batchOf(plan, Math.max(turned, RETRIEVED));
  const views = batch.slice(0, turned);
  const looks = new Looks(embedder, tiles.length, onProgress);

  const wanted = new Set(batch.slice(0, RETRIEVED));
  const tokens = new Map<number, TokenRows>();
  const rows: Float32Array[] = [];
  for (const [i, tile] of tiles.entries()) {
    throwIfAborted(signal);
    const open = await openTile(tile, embedder.facts, signal);
    // Two plain views, the angles, and pictures of other sizes, more where there is tissue around.
    if (i === 0) looks.planned += views.length * (2 + ANGLES.length + (open.room < 2 ? 2 : 7));
    const seen = await looks.see(await readTile(open, 1, embedder.facts.px, signal));
    rows.push(embeddingOf(seen));
    if (wanted.has(i)) tokens.set(i, pooledTokens(seen, embedder.facts));
    looks.tell('tiles', i + 1, tiles.length);
  }
  const dim = rows[0].length;
  const set = sampleSet(concat(Float32Array, rows), dim, labels);
  const seen = await viewsOf(tiles, views, looks, signal);
  const { rotation, sizes } = await compareViews(set, views, seen, signal);
  const whole = await setMeasures(set, onProgress, signal);
  const chosen = [...wanted];
  const retrieval = await auditRetrieval(
    set,
    chosen,
    chosen.map((i) => tokens.get(i) as TokenRows),
    (done, total) => onProgress({ stage: 'retrieval', done, total, seconds: null }),
    signal,
  );
  return {
    ...described(set, name, notes),
    title: embedder.facts.name,
    encoder: embedder.facts,
    ...whole,
    ...{ rotation, sizes },
    retrieval:
      retrieval ?? 'Every class is of one slide or patient alone: nothing can be retrieved.',
    cost: looks.cost(),
  };
}

/** Calls of the encoder, timed. */
class Looks {
  private readonly times: number[] = [];
  private readonly start = performance.now();

  constructor(
    readonly embedder: Embedder,
    public planned: number,
    private readonly onProgress: (step: AuditStep) => void,
  ) {}

  async see(picture: Parameters<Embedder['embed']>[0]) {
    await nextTask();
    const start = performance.now();
    const seen = await this.embedder.embed(picture);
    this.times.push(performance.now() - start);
    return seen;
  }

  tell(stage: AuditStage, done: number, total: number): void {
    const each = (performance.now() - this.start) / 1000 / Math.max(1, this.times.length);
    const seconds = Math.max(0, this.planned - this.times.length) * each;
    this.onProgress({ stage, done, total, seconds });
  }

  /** Median time of a call, and what its tensors hold. */
  cost(): EncoderAudit['cost'] {
    const { px, dim, grid } = this.embedder.facts;
    const sorted = this.times.toSorted((a, b) => a - b);
    const numbers = 3 * px * px + dim * (1 + grid[0] * grid[1]);
    return { ms: sorted[sorted.length >> 1], looks: sorted.length, tensorBytes: 4 * numbers };
  }
}

/** Embeddings of one tile in every view; a size that needs tissue around the tile is left out. */
interface SeenViews {
  plain: Float32Array;
  middle: Float32Array;
  angles: Float32Array[];
  sizes: (Float32Array | null)[];
  share: number;
}

async function viewsOf(
  tiles: readonly AuditTile[],
  batch: readonly number[],
  looks: Looks,
  signal?: AbortSignal,
): Promise<SeenViews[]> {
  const { facts } = looks.embedder;
  const { px } = facts;
  const out: SeenViews[] = [];
  for (const [at, i] of batch.entries()) {
    const open = await openTile(tiles[i], facts, signal);
    const look = async (picture: Parameters<Embedder['embed']>[0]) => {
      throwIfAborted(signal);
      return embeddingOf(await looks.see(picture));
    };
    const turned = await turnedTile(open, px, signal);
    const plain = await look(turned.plain);
    const share = shareInside(open, px);
    const middle = share < 1 ? await look(turned.middle) : plain;
    const angles: Float32Array[] = [];
    for (const { picture } of turned.angles) angles.push(await look(picture));
    const sizes: (Float32Array | null)[] = [];
    for (const { wants, pictures } of SIZES) {
      const seen: Float32Array[] = [];
      if (open.room >= wants) {
        for (const picture of await pictures(open, px, signal)) seen.push(await look(picture));
      }
      sizes.push(seen.length > 0 ? meanRow(seen) : null);
    }
    out.push({ plain, middle, angles, sizes, share });
    looks.tell('turned and resized', at + 1, batch.length);
  }
  return out;
}

async function compareViews(
  set: SampleSet,
  batch: readonly number[],
  seen: readonly SeenViews[],
  signal?: AbortSignal,
): Promise<{ rotation: RotationAudit; sizes: SizeAudit }> {
  const groups = groupsOf(set, batch);
  const n = seen.length;
  const k = Math.min(K, Math.max(1, Math.floor((n - 1) / 2)));
  const [plain, middle] = [seen.map((one) => one.plain), seen.map((one) => one.middle)];
  const angles: { angle: number; kept: Float64Array; estimate: Estimate }[] = [];
  for (const [a, angle] of ANGLES.entries()) {
    const reference = angle % 90 === 0 ? plain : middle;
    const turned = seen.map((one) => one.angles[a]);
    angles.push({ angle, ...(await agreementOf(reference, turned, k, groups, signal)) });
  }
  const over = (wanted: (angle: number) => boolean) => {
    const of = angles.filter(({ angle }) => wanted(angle));
    const means = plain.map((_, i) => of.reduce((sum, { kept }) => sum + kept[i], 0) / of.length);
    return meanOf(means, groups);
  };
  const views: SizeAudit['views'] = [];
  for (const [v, { id, share, coarser }] of SIZES.entries()) {
    const rows = seen.flatMap(({ sizes }) => sizes[v] ?? []);
    if (rows.length < n) continue;
    const { estimate } = await agreementOf(plain, rows, k, groups, signal);
    views.push({ id, share, coarser, samples: n, kept: estimate });
  }
  return {
    rotation: {
      ...{ k, samples: n, chance: k / (n - 1) },
      angles: angles.map(({ angle, estimate }) => ({ angle, kept: estimate })),
      quarter: over((angle) => angle % 90 === 0),
      between: over((angle) => angle % 90 !== 0),
      share: Math.min(...seen.map(({ share }) => share)),
    },
    sizes: { k, views },
  };
}

async function setMeasures(
  set: SampleSet,
  onProgress: (step: AuditStep) => void,
  signal?: AbortSignal,
): Promise<{ measures: SetAudit; task: TaskAudit | string }> {
  const tell = (done: number, total: number) =>
    onProgress({ stage: 'neighbours', done, total, seconds: null });
  return { measures: await auditSet(set, tell, signal), task: await auditTask(set, signal) };
}

/** The labels of a set before anything is embedded; throws what `sampleSet` throws of labels. */
function labelled(labels: readonly SampleLabels[]): SampleSet {
  return sampleSet(new Float32Array(labels.length).fill(1), 1, labels);
}

function described(set: SampleSet, name: string, notes: string[]) {
  const counted = (names: readonly string[], of: Int32Array) =>
    names.map((label, at) => ({ name: label, samples: of.filter((v) => v === at).length }));
  return {
    schema: 'cytolens-encoder-audit/1' as const,
    set: {
      ...{ name, samples: set.n, dim: set.dim, groups: set.groupNames.length, notes },
      entanglement: entanglementOf(set),
      classes: counted(set.biologyNames, set.biology),
      centres: counted(set.centreNames, set.centre),
    },
  };
}

function entanglementOf({ n, biology, centre, biologyNames, centreNames }: SampleSet): number {
  const table = biologyNames.map(() => centreNames.map(() => 0));
  for (let i = 0; i < n; i++) table[biology[i]][centre[i]]++;
  return cramersV(table);
}

function meanRow(rows: readonly Float32Array[]): Float32Array {
  return rows[0].map((_, d) => rows.reduce((sum, row) => sum + row[d], 0) / rows.length);
}
