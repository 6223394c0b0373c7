/** Two prompts on the same fields, and a prompt against what else is known of fields. */
import { spearman } from '../analysis/explain/compare.ts';

/** (value - mean) / SD over the fields; zeros where all are equal. */
export function standardised(values: Float32Array): Float32Array {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length;
  const sd = Math.sqrt(variance);
  return values.map((v) => (sd > 0 ? (v - mean) / sd : 0));
}

/**
 * A less B, each in SDs from its mean over the fields: sets have offsets and spreads of their own,
 * so that their plain difference would say nothing.
 */
export function differenceOf(a: Float32Array, b: Float32Array): Float32Array {
  const [inA, inB] = [standardised(a), standardised(b)];
  return inA.map((v, i) => v - inB[i]);
}

/** Cells of each field by type, as the cell table tells them. */
export interface CellColumns {
  count: number;
  /** Number of the field that owns the cell. */
  field: Uint32Array;
  type: Uint8Array;
}

/**
 * Spearman over fields between a score and the number of cells of each type in the field, which is
 * their density as all fields are of one size; null where it is not defined.
 */
export function densityCorrelations(
  score: Float32Array,
  fields: Uint32Array,
  cells: CellColumns,
  types: number,
): (number | null)[] {
  const rowOf = new Map(Array.from(fields, (field, row) => [field, row]));
  const counts = Array.from({ length: types }, () => new Float64Array(fields.length));
  for (let i = 0; i < cells.count; i++) {
    const row = rowOf.get(cells.field[i]);
    if (row !== undefined && cells.type[i] < types) counts[cells.type[i]][row]++;
  }
  return counts.map((count) => spearman(score, count));
}
