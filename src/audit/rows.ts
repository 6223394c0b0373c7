/** Rows of numbers: tokens of a region, embeddings of samples. */

/** count x dim, row by row; of length 1 where a function says so. */
export interface Rows {
  count: number;
  dim: number;
  rows: Float32Array;
}

/** A copy with every row scaled to length 1; a row of no length stays zero. */
export function unitRows(values: Float32Array, dim: number): Rows {
  const rows = values.slice();
  const count = rows.length / dim;
  for (let from = 0; from < rows.length; from += dim) {
    let square = 0;
    for (let d = from; d < from + dim; d++) square += rows[d] * rows[d];
    const scale = square > 0 ? 1 / Math.sqrt(square) : 0;
    for (let d = from; d < from + dim; d++) rows[d] *= scale;
  }
  return { count, dim, rows };
}
