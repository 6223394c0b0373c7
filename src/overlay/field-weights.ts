/**
 * Weight of every field in the slide's logit: softmax over the gated attention of fields (methods
 * sheet, section 1: a cell's weight is tileAttention x A_c). All of them change with every new field
 * of a run, so nothing of it is kept with a cell.
 */
import { PER_OCTAVE, RANK_BINS } from './distribution.ts';

/** Shift of a field without weight: it takes every bin to the lowest. */
const NOTHING = -RANK_BINS;

export class FieldWeights {
  private weights = new Float32Array(0);
  /** log2 of the weight in bins of `Distribution`, whole: ranks are then exact on any card. */
  private shifts = new Int16Array(0);

  /** `weights[f]` is of field `f`, as in the cell table's column. */
  set(weights: Float32Array): void {
    this.weights = weights.slice();
    this.shifts = Int16Array.from(weights, (weight) =>
      weight > 0 ? Math.max(NOTHING, Math.round(Math.log2(weight) * PER_OCTAVE)) : NOTHING,
    );
  }

  get size(): number {
    return this.weights.length;
  }

  /** 0 for a field that has not been told of. */
  weightOf(field: number): number {
    return field < this.weights.length ? this.weights[field] : 0;
  }

  /** Bin of a density times the field's weight, from the bin of the density. */
  shifted(bin: number, field: number): number {
    if (bin === 0) return 0;
    const shift = field < this.shifts.length ? this.shifts[field] : NOTHING;
    return Math.max(0, Math.min(RANK_BINS - 1, bin + shift));
  }

  /** Weight and shift of `texels` fields as pairs; zero where there is no field. */
  pairs(texels: number): Float32Array<ArrayBuffer> {
    const out = new Float32Array(2 * texels);
    for (let field = 0; field < texels; field++) {
      const known = field < this.weights.length;
      out[2 * field] = known ? this.weights[field] : 0;
      out[2 * field + 1] = known ? this.shifts[field] : NOTHING;
    }
    return out;
  }
}
