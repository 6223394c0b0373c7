/**
 * The audit of one encoder on one set of tiles: every measure of this room, and what it cost. Shared
 * by the page's worker and the command line, so that both give the same numbers.
 */
import { concat } from '../../core/arrays.ts';
import { throwIfAborted } from '../../core/errors.ts';
import { inOrder } from '../../core/tasks.ts';
import { auditSet, type SetAudit } from '../audit-set.ts';
import { cramersV } from '../degradation.ts';
import type { Rows } from '../rows.ts';
import { type SampleLabels, type SampleSet, sampleSet } from '../samples.ts';
import { batchOf } from './batch.ts';
import { type Embedder, type EncoderFacts, embeddingOf, pooledTokens } from './embedder.ts';
import { type AuditStep, Looks } from './looks.ts';
import { auditRetrieval, type RetrievalAudit } from './retrieval-audit.ts';
import { compareViews, type RotationAudit, type SizeAudit, viewsOf } from './seen-views.ts';
import { auditTask, type TaskAudit } from './task-audit.ts';
import { type AuditTile, openTile, readTile, type TileSet } from './tiles.ts';
import { ANGLES } from './views.ts';

/** Tiles that are turned and resized, and tiles among which is retrieved. */
export const TURNED = 64;
const RETRIEVED = 160;

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
  /** Of a tile seen alone: median time of `looks` calls; what its tensors hold. */
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
  const tokens = new Map<number, Rows>();
  const rows: Float32Array[] = [];
  const see = async (tile: AuditTile, i: number) => {
    throwIfAborted(signal);
    const open = await openTile(tile, embedder.facts, signal);
    // Two plain views, the angles, and pictures of other sizes, more where there is tissue around.
    if (i === 0) looks.planned += views.length * (2 + ANGLES.length + (open.room < 2 ? 2 : 7));
    return looks.see(await readTile(open, 1, embedder.facts.px, signal));
  };
  for await (const seen of inOrder(tiles, () => looks.atOnce, see)) {
    throwIfAborted(signal);
    if (wanted.has(rows.length)) tokens.set(rows.length, pooledTokens(seen, embedder.facts));
    rows.push(embeddingOf(seen));
    looks.tell('tiles', rows.length, tiles.length);
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
    chosen.map((i) => tokens.get(i) as Rows),
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
    cost: await looks.cost(),
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
export function labelled(labels: readonly SampleLabels[]): SampleSet {
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
