/**
 * What a prediction is worth under stress: one field, looked at in every variant, by the head in
 * use and its other variant on the same embedding (methods sheet, sections 2 and 3).
 */

import { spearman } from '../../analysis/explain/compare.ts';
import { askHeads } from '../../analysis/heads.ts';
import type { FieldEvidence } from '../../analysis/ledger.ts';
import { RawOverlap } from '../../analysis/overlap.ts';
import { sigmoid } from '../../analysis/score.ts';
import { apply } from '../../core/affine.ts';
import type { CellTable } from '../../core/cells.ts';
import { outline, RAYS } from '../../core/cells.ts';
import { throwIfAborted } from '../../core/errors.ts';
import type { Point } from '../../core/geometry.ts';
import type { Kit } from '../../model/kit.ts';
import { toTensor } from '../../model/tensor.ts';
import type { RgbaImage } from '../../slide/slide.ts';
import { noiseVariants } from './noise.ts';
import { type Family, type FieldView, type Jpeg, type Variant, variantsOf } from './variants.ts';

/** One look at the field. Probabilities are of the head in use, and of its other variant. */
export interface StressLook {
  id: string;
  family: Family;
  label: string;
  angle: number | null;
  probability: number;
  partner: number | null;
  /** Spearman correlation of the cells' attention with that in the field as it is; null below 5 cells. */
  rank: number | null;
}

export interface FamilyStress {
  family: Family;
  looks: StressLook[];
  /** Largest less smallest probability, the field as it is among them. */
  spread: { head: number; partner: number | null };
  /** Looks on the other side of 0.5 than the field as it is. */
  flips: { head: number; partner: number | null };
  /** The look that moved the head in use most, and its picture. */
  worst: StressLook;
  picture: RgbaImage;
}

export interface StressReport {
  /** The field as it is. */
  original: StressLook;
  picture: RgbaImage;
  families: FamilyStress[];
  cells: number;
}

/** Cells to compare, and where they lie: `place` takes level-0 px to field px. */
export interface StressCells {
  table: CellTable;
  rows: readonly number[];
  place(x: number, y: number): Point;
}

/**
 * Ask about every variant. `onProgress` is given looks done. Throws `cancelled`, and what the
 * sessions throw.
 */
export async function stressField(
  kit: Kit,
  view: FieldView,
  cells: StressCells,
  jpeg: Jpeg,
  onProgress: (done: number, total: number) => void,
  signal?: AbortSignal,
): Promise<StressReport> {
  const variants = [...variantsOf(view.px), ...(kit.pattern ? noiseVariants(kit.pattern) : [])];
  const seen: { look: StressLook; attention: Map<number, number>; picture: RgbaImage }[] = [];
  for (const variant of variants) {
    throwIfAborted(signal);
    onProgress(seen.length, variants.length);
    const picture = await variant.picture(view, jpeg);
    if (!picture) continue;
    const evidence = await lookAt(kit, picture);
    const attention = attentionOf(kit, view.px, cells, variant, evidence);
    const before = seen[0]?.attention ?? attention;
    const look = lookOf(kit, variant, evidence, rankCorrelation(before, attention));
    seen.push({ look, attention, picture });
  }
  onProgress(variants.length, variants.length);
  const original = seen[0];
  const families = new Map<Family, typeof seen>();
  for (const one of seen.slice(1)) {
    const list = families.get(one.look.family) ?? [];
    families.set(one.look.family, [...list, one]);
  }
  return {
    original: original.look,
    picture: original.picture,
    families: [...families].map(([family, list]) => familyOf(family, original.look, list)),
    cells: cells.rows.length,
  };
}

/** What the heads say of a picture that the encoder reads as it is. */
export async function lookAt(kit: Kit, picture: RgbaImage): Promise<FieldEvidence> {
  const { input, outputs } = kit.encoder.manifest;
  const seen = await kit.encoder.run({ [input.name]: toTensor(picture, input.mean, input.std) });
  return askHeads(kit, {
    classToken: seen[outputs.class_token].data,
    patchTokens: seen[outputs.patch_tokens].data,
  });
}

function lookOf(
  kit: Kit,
  { id, family, label, angle }: Variant,
  { logit, partnerLogit }: FieldEvidence,
  rank: number | null,
): StressLook {
  const partner = kit.partner?.manifest.head;
  return {
    id,
    family,
    label,
    angle: angle ?? null,
    probability: sigmoid(logit / kit.head.manifest.head.temperature),
    partner: partner && partnerLogit !== null ? sigmoid(partnerLogit / partner.temperature) : null,
    rank,
  };
}

/** Attention of each cell whose middle the variant shows, by the conserved partition. */
function attentionOf(
  kit: Kit,
  px: number,
  { table, rows, place }: StressCells,
  variant: Variant,
  { attention }: FieldEvidence,
): Map<number, number> {
  const [gridRows, gridCols] = kit.encoder.manifest.encoder.grid;
  const raw = new RawOverlap({ x: 0, y: 0, side: px / gridCols, cols: gridCols, rows: gridRows });
  const found = new Map<number, number>();
  const points = new Float64Array(2 * RAYS);
  const to = (x: number, y: number) => {
    const inField = place(x, y);
    return apply(variant.place, inField.x, inField.y);
  };
  for (const row of rows) {
    const middle = to(table.x[row], table.y[row]);
    if (middle.x < 0 || middle.y < 0 || middle.x >= px || middle.y >= px) continue;
    outline(table, row, points);
    for (let i = 0; i < points.length; i += 2) {
      const { x, y } = to(points[i], points[i + 1]);
      points[i] = x;
      points[i + 1] = y;
    }
    raw.addOutline(row, points);
    found.set(row, 0);
  }
  const { cell, token, share } = raw.normalised();
  cell.forEach((row, e) => {
    found.set(row, (found.get(row) ?? 0) + share[e] * attention[token[e]]);
  });
  return found;
}

function rankCorrelation(a: Map<number, number>, b: Map<number, number>): number | null {
  const both = [...a.keys()].filter((row) => b.has(row));
  if (both.length < 5) return null;
  const values = (of: Map<number, number>) => both.map((row) => of.get(row) ?? 0);
  return spearman(values(a), values(b));
}

function familyOf(
  family: Family,
  original: StressLook,
  list: { look: StressLook; picture: RgbaImage }[],
): FamilyStress {
  const looks = list.map(({ look }) => look);
  const spread = (values: number[]) => Math.max(...values) - Math.min(...values);
  const flips = (values: number[]) =>
    values.slice(1).filter((p) => p >= 0.5 !== values[0] >= 0.5).length;
  const head = [original, ...looks].map(({ probability }) => probability);
  const partner = [original, ...looks].map((look) => look.partner).filter((p) => p !== null);
  const all = partner.length === head.length;
  const away = (look: StressLook) => Math.abs(look.probability - original.probability);
  const worst = list.reduce((most, one) => (away(one.look) > away(most.look) ? one : most));
  return {
    family,
    looks,
    spread: { head: spread(head), partner: all ? spread(partner) : null },
    flips: { head: flips(head), partner: all ? flips(partner) : null },
    worst: worst.look,
    picture: worst.picture,
  };
}
