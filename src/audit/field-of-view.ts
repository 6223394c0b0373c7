/**
 * What the answer owes to the size of the field: the same tissue in ever more fields at one scale, and
 * in ever larger fields at ever coarser scales, since the encoder's input is of a fixed number of px.
 */
import { spearman } from '../analysis/explain/compare.ts';
import type { FieldEvidence } from '../analysis/ledger.ts';
import { RawOverlap } from '../analysis/overlap.ts';
import { type FieldPlace, fieldRect } from '../analysis/plan.ts';
import { defaultPooling, fieldWeights, sigmoid } from '../analysis/score.ts';
import { MIN_TISSUE, tissueShare } from '../analysis/tissue.ts';
import { type CellTable, cellBounds } from '../core/cells.ts';
import { throwIfAborted } from '../core/errors.ts';
import { contains, type Rect } from '../core/geometry.ts';
import type { Kit } from '../model/kit.ts';
import type { Slide } from '../slide/slide.ts';
import { readFieldPixels } from './stress/field.ts';
import { lookAt } from './stress/stress.ts';

/** Fields along the side of the region that is looked at. */
const ACROSS = 4;

/** A pooled answer. Probabilities are of the head in use. */
export interface Context {
  /** Side of the square seen, um, and the fields of it that hold tissue. */
  um: number;
  fields: number;
  /** Null without tissue. */
  probability: number | null;
}

/** The whole region, seen in fields of one size. */
export interface Sight {
  /** um per px, and side of a field, um. */
  mpp: number;
  fieldUm: number;
  /** Fields that hold tissue. */
  fields: number;
  probability: number | null;
  /** Attention of every token of the region, row by row; sums to 1, and is 0 on bare glass. */
  attention: Float32Array<ArrayBuffer>;
  /** Tokens along a side. */
  side: number;
  /** Spearman correlation of the cells' attention with the finest sight's; null below 5 cells. */
  agreement: number | null;
}

export interface FieldOfView {
  /** Level-0 px. */
  rect: Rect;
  /** One scale, more and more tissue around the field. */
  contexts: Context[];
  /** One region, coarser and coarser. */
  sights: Sight[];
  /** Analysed cells in the region. */
  cells: number;
  head: string;
}

/** What is looked at: the field, its side in level-0 px, the cells that are known. */
export interface Looked {
  place: FieldPlace;
  side: number;
  cells: CellTable;
}

/**
 * Look at the 4 x 4 fields around a field, which lies second from the left and from the top. Bare glass
 * is left out, as in an analysis.
 * `onProgress` is given looks done. Throws `cancelled`, and what slides and sessions throw.
 */
export async function fieldOfView(
  slide: Slide,
  kit: Kit,
  { place, side, cells }: Looked,
  onProgress: (done: number, total: number) => void,
  signal?: AbortSignal,
): Promise<FieldOfView> {
  const { input } = kit.encoder.manifest;
  const um = input.px * input.mpp;
  const corner = fieldRect({ col: place.col - 1, row: place.row - 1 }, side);
  const rect = { ...corner, w: ACROSS * side, h: ACROSS * side };
  const sizes = [ACROSS, ACROSS / 2, 1];
  const total = sizes.reduce((sum, across) => sum + across ** 2, 0);
  let done = 0;
  const seen: (FieldEvidence | null)[][] = [];
  for (const across of sizes) {
    const size = rect.w / across;
    const looks: (FieldEvidence | null)[] = [];
    for (let i = 0; i < across ** 2; i++) {
      throwIfAborted(signal);
      onProgress(done++, total);
      const [col, row] = [i % across, Math.floor(i / across)];
      const field = { x: rect.x + col * size, y: rect.y + row * size, w: size, h: size };
      const picture = await readFieldPixels(slide, field, kit, 1, signal);
      // Bare glass is not analysed either.
      looks.push(tissueShare(picture) < MIN_TISSUE ? null : await lookAt(kit, picture));
    }
    seen.push(looks);
  }
  onProgress(total, total);
  const native = seen[0];
  const block = (width: number) =>
    native.filter((_, i) => {
      const [col, row] = [(i % ACROSS) - 1, Math.floor(i / ACROSS) - 1];
      return width === ACROSS || (col >= 0 && row >= 0 && col < width && row < width);
    });
  const inside: number[] = [];
  for (let i = 0; i < cells.count; i++) {
    const { x, y, w, h } = cellBounds(cells, i);
    if (contains(rect, x, y) && contains(rect, x + w, y + h)) inside.push(i);
  }
  const maps = seen.map((looks, i) => mapOf(kit, looks, sizes[i]));
  const ofCells = maps.map((map) => attentionOn(cells, inside, rect, map));
  return {
    rect,
    contexts: [1, ACROSS / 2, ACROSS].map((width) => ({
      um: width * um,
      fields: block(width).filter((look) => look !== null).length,
      probability: pooled(kit, block(width)),
    })),
    sights: sizes.map((across, i) => ({
      mpp: (input.mpp * ACROSS) / across,
      fieldUm: (um * ACROSS) / across,
      fields: seen[i].filter((look) => look !== null).length,
      probability: pooled(kit, seen[i]),
      ...maps[i],
      agreement: inside.length < 5 ? null : spearman(ofCells[0], ofCells[i]),
    })),
    cells: inside.length,
    head: kit.head.manifest.id,
  };
}

/** One weight a look, 0 for glass; they sum to 1 where there is tissue. */
function weightsOf(kit: Kit, looks: readonly (FieldEvidence | null)[]): number[] {
  const gates = looks.flatMap((look) => (look ? [look.gate] : []));
  const weights = fieldWeights(gates, defaultPooling(kit));
  let next = 0;
  return looks.map((look) => (look ? weights[next++] : 0));
}

function pooled(kit: Kit, looks: readonly (FieldEvidence | null)[]): number | null {
  if (looks.every((look) => look === null)) return null;
  const weights = weightsOf(kit, looks);
  const logit = looks.reduce((sum, look, i) => sum + weights[i] * (look?.logit ?? 0), 0);
  return sigmoid(logit / kit.head.manifest.head.temperature);
}

/** The fields' attention in one square of tokens, each field by its weight. */
function mapOf(kit: Kit, looks: readonly (FieldEvidence | null)[], across: number) {
  const [rows, cols] = kit.encoder.manifest.encoder.grid;
  const weights = weightsOf(kit, looks);
  const side = across * cols;
  const attention = new Float32Array(across * rows * side);
  looks.forEach((look, f) => {
    const [left, top] = [(f % across) * cols, Math.floor(f / across) * rows];
    look?.attention.forEach((a, t) => {
      attention[(top + Math.floor(t / cols)) * side + left + (t % cols)] = weights[f] * a;
    });
  });
  return { attention, side };
}

/** What reaches each of `rows` cells of a map over `rect`, by the conserved partition. */
function attentionOn(
  cells: CellTable,
  rows: readonly number[],
  rect: Rect,
  { attention, side }: { attention: Float32Array; side: number },
): Float64Array {
  const count = attention.length / side;
  const raw = new RawOverlap({
    x: rect.x,
    y: rect.y,
    side: rect.w / side,
    cols: side,
    rows: count,
  });
  raw.add(cells, rows);
  const { cell, token, share } = raw.normalised();
  const at = new Map(rows.map((row, i) => [row, i]));
  const found = new Float64Array(rows.length);
  cell.forEach((row, e) => {
    found[at.get(row) ?? 0] += share[e] * attention[token[e]];
  });
  return found;
}
