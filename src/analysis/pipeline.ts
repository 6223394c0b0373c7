/** Many fields, one after the other: plan, see, ask the heads, keep the account. */
import { appendCells, type CellTable, sliceCells } from '../core/cells.ts';
import { CytolensError } from '../core/errors.ts';
import type { Rect } from '../core/geometry.ts';
import type { Kit } from '../model/kit.ts';
import { readRegion } from '../slide/region.ts';
import type { Slide } from '../slide/slide.ts';
import { type FieldSight, fieldGeometry } from './field.ts';
import { averageLooks, fineGrid } from './fine.ts';
import { askHeads } from './heads.ts';
import { type Lane, seeInOrder } from './lane.ts';
import {
  type FieldEvidence,
  type FieldTokens,
  Ledger,
  type LedgerChange,
  type LedgerField,
} from './ledger.ts';
import { planSlide, type TissueMask } from './mask.ts';
import { type FieldPlace, fieldRect, fieldSideOf, placeKey, planFields } from './plan.ts';
import { askedOf, fieldWeights, type Pooling, type RegionScore, scoreOf } from './score.ts';
import { MIN_TISSUE, tissueShare } from './tissue.ts';

/** New values of rows that existed before: columns parallel to `rows`. */
export interface ValuePatch {
  rows: Uint32Array;
  attention: Float32Array;
  contribution: Float32Array;
  purity: Float32Array;
  tokens: Uint8Array;
}

/** What one finished field adds. Arrays are the receiver's to keep. */
export interface FieldUpdate {
  /** Fields settled: analysed, or left out for want of focus. */
  done: number;
  total: number;
  /** Fields left out because they are bare glass. */
  skipped: number;
  /** Fields left out because they are out of focus. */
  blurred: number;
  rect: Rect;
  cells: CellTable;
  patch: ValuePatch;
  /** Present now and then, and always with the last field. */
  score: RegionScore | null;
  /** With `score`: each field's weight times the number of fields, by field number. */
  weights: Float32Array | null;
}

/** Tissue is judged at this scale, um/px: a few hundred pixels a field. */
const TISSUE_UM_PER_PX = 4;
/** A new score at most this often, ms, and at most this share of the time: it costs a pass. */
const SCORE_EVERY_MS = 400;
const SCORE_SHARE = 0.04;

/** Fields to be analysed in their order, how far that is, and the account it fills. */
export interface Job {
  readonly ledger: Ledger;
  readonly places: readonly FieldPlace[];
  /** Places settled. */
  at: number;
  readonly skipped: number;
  /** Four looks a field, whose tokens are not kept. */
  readonly fine: boolean;
  blurred: number;
  /** Side of a field, level-0 px. */
  readonly side: number;
  readonly mpp: number;
  /** Time inside the models' calls, ms. */
  modelMs: number;
}

/**
 * A job over known places. `mpp` is um per level-0 px; `fine` looks four times (fine.ts). Throws
 * `no-tissue` without places.
 */
export function jobOf(
  kit: Kit,
  mpp: number,
  places: readonly FieldPlace[],
  { skipped = 0, fine = false } = {},
): Job {
  if (places.length === 0) {
    throw new CytolensError(
      'no-tissue',
      'There is no tissue here. Move to a stained part of the slide, or paint the tissue by hand, and analyse again.',
    );
  }
  const side = fieldSideOf(fieldGeometry(kit).fieldUm, mpp);
  const keys = new Set(places.map((p) => placeKey(p.col, p.row)));
  const { grid } = kit.encoder.manifest.encoder;
  const [rows, cols] = fine ? fineGrid(grid) : grid;
  const tokenSide = side / grid[1] / (fine ? 2 : 1);
  const ledger = new Ledger(mpp, side, { rows, cols, tokenSide }, keys);
  return { ledger, places, at: 0, skipped, fine, blurred: 0, side, mpp, modelMs: 0 };
}

/** Plan a region (level-0 px). Throws `no-tissue`, `cancelled`, and what slides throw. */
export async function planRegion(
  slide: Slide,
  mpp: number,
  kit: Kit,
  region: Rect,
  signal?: AbortSignal,
  fine = false,
): Promise<Job> {
  const side = fieldSideOf(fieldGeometry(kit).fieldUm, mpp);
  const planned = planFields(region, side, slide.info);
  const places = await withTissue(slide, planned, side, mpp, signal);
  return jobOf(kit, mpp, places, { skipped: planned.length - places.length, fine });
}

/** Plan a whole slide from its mask: what lies in `view` (level-0 px) first. Throws `no-tissue`. */
export function planMask(mask: TissueMask, mpp: number, kit: Kit, view: Rect): Job {
  const side = fieldSideOf(fieldGeometry(kit).fieldUm, mpp);
  return jobOf(kit, mpp, planSlide(mask, side, view));
}

/** What a run tells, and to whom it leaves a field to keep. */
export interface JobEvents {
  onField(update: FieldUpdate): void;
  /** A field was taken into the account, with these cells of its own. */
  keep?(field: LedgerField, own: CellTable, tokens: FieldTokens): void;
}

/**
 * Go on with a job until its end. Throws `cancelled`, and what slides, models and `keep` throw; the
 * job then stands where it stopped and can be gone on with.
 */
export async function runJob(
  job: Job,
  lanes: { first: Lane; further?: readonly Promise<Lane>[] },
  kit: Kit,
  pooling: Pooling,
  { onField, keep }: JobEvents,
  signal?: AbortSignal,
): Promise<RegionScore> {
  const { ledger, places } = job;
  const score = () => scoreOf(ledger.fields, ledger.cells, askedOf(kit, pooling));
  let scoreAfter = 0;
  let last: RegionScore | null = null;
  const seen = seeInOrder(places, job.at, lanes.first, lanes.further, signal);
  for await (const { at, sight } of seen) {
    const due = at + 1 === places.length || performance.now() > scoreAfter;
    const change = sight && (await admit(job, kit, places[at], sight));
    job.at = at + 1;
    if (!change) {
      job.blurred++;
      ledger.leaveOut(places[at]);
    }
    const update = updateOf(job, change, places[at]);
    const start = performance.now();
    const told = due && ledger.fields.length > 0 ? score() : null;
    last = told;
    if (told) {
      const took = performance.now() - start;
      scoreAfter = performance.now() + Math.max(SCORE_EVERY_MS, took / SCORE_SHARE);
    }
    try {
      if (change && sight) keep?.(change.field, update.cells, sight.tokens);
    } finally {
      // Whoever follows has to know of every field in the account, kept or not.
      onField({ ...update, score: told, weights: told && relativeWeights(ledger, pooling) });
    }
  }
  // The last field always tells the score; a job that was done already has not.
  if (ledger.fields.length > 0) return last ?? score();
  throw new CytolensError(
    'no-tissue',
    'All of this tissue is out of focus. Blurred cells are not counted; choose another part of the slide.',
  );
}

/** Each field's weight times their number: 1 where all weigh alike. */
export function relativeWeights({ fields }: Ledger, pooling: Pooling): Float32Array {
  const gates = fields.map((field) => field.gate);
  return Float32Array.from(fieldWeights(gates, pooling), (weight) => weight * fields.length);
}

async function admit(
  job: Job,
  kit: Kit,
  place: FieldPlace,
  { detections, stain, tokens, moved, modelMs }: FieldSight,
): Promise<LedgerChange> {
  const start = performance.now();
  const looks: FieldEvidence[] = [];
  for (const look of [tokens, ...moved]) looks.push(await askHeads(kit, look));
  const evidence = job.fine ? averageLooks(looks, kit.encoder.manifest.encoder.grid) : looks[0];
  job.modelMs += modelMs + performance.now() - start;
  const distance = kit.bank?.distance(tokens.classToken) ?? null;
  const kept = job.fine ? null : tokens;
  const reading = { ...evidence, tokens: kept, distance, stain };
  return job.ledger.add(place, detections, reading);
}

async function withTissue(
  slide: Slide,
  places: FieldPlace[],
  side: number,
  mpp: number,
  signal?: AbortSignal,
): Promise<FieldPlace[]> {
  const px = Math.max(8, Math.round((side * mpp) / TISSUE_UM_PER_PX));
  const kept: FieldPlace[] = [];
  for (const place of places) {
    const image = await readRegion(slide, fieldRect(place, side), px, px, signal);
    if (tissueShare(image) >= MIN_TISSUE) kept.push(place);
  }
  return kept;
}

/** What the job's last place added, without a score; `change` is null when it was left out. */
export function updateOf(job: Job, change: LedgerChange | null, place: FieldPlace): FieldUpdate {
  const { ledger, places, side, at, skipped, blurred } = job;
  const first = change?.first ?? ledger.cells.count;
  return {
    done: at,
    total: places.length,
    skipped,
    blurred,
    rect: fieldRect(place, side),
    cells: sliceCells(ledger.cells, first, ledger.cells.count),
    patch: patchOf(ledger, change),
    score: null,
    weights: null,
  };
}

/** Values of earlier rows that a change touched. */
function patchOf(ledger: Ledger, change: LedgerChange | null): ValuePatch {
  const rows = change ? change.touched.filter((row) => row < change.first) : new Uint32Array(0);
  const { attention, contribution, purity, tokens } = ledger.cells;
  return {
    rows,
    attention: Float32Array.from(rows, (row) => attention[row]),
    contribution: Float32Array.from(rows, (row) => contribution[row]),
    purity: Float32Array.from(rows, (row) => purity[row]),
    tokens: Uint8Array.from(rows, (row) => tokens[row]),
  };
}

/** Take a field's update into a table that follows the run from another thread. */
export function applyUpdate(table: CellTable, update: FieldUpdate): number {
  const { rows, attention, contribution, purity, tokens } = update.patch;
  rows.forEach((row, i) => {
    table.attention[row] = attention[i];
    table.contribution[row] = contribution[i];
    table.purity[row] = purity[i];
    table.tokens[row] = tokens[i];
  });
  return appendCells(table, update.cells);
}
