/** A region, field by field: plan, skip glass, run the models, keep the account. */
import { appendCells, type CellTable, sliceCells } from '../core/cells.ts';
import { CytolensError, throwIfAborted } from '../core/errors.ts';
import type { Rect } from '../core/geometry.ts';
import { nextTask } from '../core/tasks.ts';
import type { Kit } from '../model/kit.ts';
import { readRegion } from '../slide/region.ts';
import type { Slide } from '../slide/slide.ts';
import { type FieldGeometry, fieldGeometry, readField, runField } from './field.ts';
import { Ledger, type LedgerChange } from './ledger.ts';
import { type FieldPlace, fieldRect, fieldSideOf, placeKey, planFields } from './plan.ts';
import { askedOf, type RegionScore, scoreOf } from './score.ts';
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
  done: number;
  total: number;
  /** Fields left out because they are bare glass. */
  skipped: number;
  rect: Rect;
  cells: CellTable;
  patch: ValuePatch;
  /** Present now and then, and always with the last field. */
  score: RegionScore | null;
}

export interface RegionRun {
  score: RegionScore;
  /** Sum of the time inside the three models' calls, ms. */
  modelMs: number;
}

/** Tissue is judged at this scale, um/px: a few hundred pixels a field. */
const TISSUE_UM_PER_PX = 4;
/** A new score at most this often, ms; it costs a pass over all cells. */
const SCORE_EVERY_MS = 400;

/** What will be run: the fields that hold tissue, and the empty account they will fill. */
export interface RegionPlan {
  ledger: Ledger;
  places: FieldPlace[];
  /** Fields of bare glass. */
  skipped: number;
  geometry: FieldGeometry;
  /** Side of a field, level-0 px. */
  side: number;
  mpp: number;
}

/** Plan a region (level-0 px). Throws `no-tissue`, `cancelled`, and what slides throw. */
export async function planRegion(
  slide: Slide,
  mpp: number,
  kit: Kit,
  region: Rect,
  signal?: AbortSignal,
): Promise<RegionPlan> {
  const geometry = fieldGeometry(kit);
  const side = fieldSideOf(geometry.fieldUm, mpp);
  const planned = planFields(region, side, slide.info);
  const places = await withTissue(slide, planned, side, mpp, signal);
  if (places.length === 0) {
    throw new CytolensError(
      'no-tissue',
      'There is no tissue in this view. Move to a stained part of the slide and analyse again.',
    );
  }
  const keys = new Set(places.map((p) => placeKey(p.col, p.row)));
  const ledger = new Ledger(mpp, side, kit.encoder.manifest.encoder.grid, keys);
  return { ledger, places, skipped: planned.length - places.length, geometry, side, mpp };
}

/**
 * Run a plan. Throws `cancelled`, and what slides and models throw; the ledger then holds what
 * was done. A field's pixels are fetched while the one before it is in the models.
 */
export async function runPlan(
  plan: RegionPlan,
  slide: Slide,
  kit: Kit,
  onField: (update: FieldUpdate) => void,
  signal?: AbortSignal,
): Promise<RegionRun> {
  const { ledger, places, skipped, geometry, side, mpp } = plan;
  const score = () => scoreOf(ledger.fields, ledger.cells, askedOf(kit));
  const read = (place: FieldPlace) => {
    const pixels = readField(slide, fieldRect(place, side), mpp, kit, geometry, signal);
    // A failed prefetch is reported when its turn comes, not as an unhandled rejection.
    pixels.catch(() => undefined);
    return pixels;
  };
  let modelMs = 0;
  let scoredAt = 0;
  let next = read(places[0]);
  for (let i = 0; i < places.length; i++) {
    const rect = fieldRect(places[i], side);
    const pixels = await next;
    if (i + 1 < places.length) next = read(places[i + 1]);
    await nextTask();
    throwIfAborted(signal);
    const result = await runField(pixels, rect, mpp, kit, geometry);
    modelMs += result.modelMs;
    const change = ledger.add(places[i], result.detections, result.reading);
    const done = i + 1;
    const due = done === places.length || performance.now() - scoredAt > SCORE_EVERY_MS;
    if (due) scoredAt = performance.now();
    onField({
      done,
      total: places.length,
      skipped,
      rect,
      cells: sliceCells(ledger.cells, change.first, change.first + change.count),
      patch: patchOf(ledger, change),
      score: due ? score() : null,
    });
  }
  return { score: score(), modelMs };
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

function patchOf(ledger: Ledger, change: LedgerChange): ValuePatch {
  const rows = change.touched.filter((row) => row < change.first);
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
