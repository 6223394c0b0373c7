/** Retrieval by one vector a region, and by many (ColBERT's MaxSim; methods sheet, section 3). */

/** Tokens of a region, count x dim, rows of length 1. */
export interface TokenRows {
  count: number;
  dim: number;
  rows: Float32Array;
}

/** Tokens (count x dim) as a copy of rows of length 1; a token of no length stays zero. */
export function unitTokens(tokens: Float32Array, dim: number): TokenRows {
  const rows = tokens.slice();
  const count = rows.length / dim;
  for (let from = 0; from < rows.length; from += dim) {
    let square = 0;
    for (let d = from; d < from + dim; d++) square += rows[d] * rows[d];
    const scale = square > 0 ? 1 / Math.sqrt(square) : 0;
    for (let d = from; d < from + dim; d++) rows[d] *= scale;
  }
  return { count, dim, rows };
}

/** Which token of the region answered each token of the query, and how well. */
export interface Matched {
  score: number;
  /** One a query token. */
  token: Int32Array;
  similarity: Float32Array;
}

/**
 * MaxSim: the sum over query tokens of their best similarity in the region. Rows behind `count` are
 * padding and are not looked at. The region must have a token.
 */
export function maxSim(query: TokenRows, region: TokenRows): Matched {
  const dots = products(query, region);
  const token = new Int32Array(query.count);
  const similarity = new Float32Array(query.count).fill(Number.NEGATIVE_INFINITY);
  let score = 0;
  for (let q = 0, at = 0; q < query.count; q++) {
    for (let t = 0; t < region.count; t++, at++) {
      if (dots[at] <= similarity[q]) continue;
      similarity[q] = dots[at];
      token[q] = t;
    }
    score += similarity[q];
  }
  return { score, token, similarity };
}

/** Inner products of every row of `a` with every row of `b`, [a.count x b.count]. */
export function products(a: TokenRows, b: TokenRows): Float32Array {
  const out = new Float32Array(a.count * b.count);
  const [evenA, wholeB] = [a.count - (a.count % 2), b.count - (b.count % 4)];
  for (let i = 0; i < a.count; i++) {
    const inBlocks = i < evenA;
    if (inBlocks && i % 2 === 0) {
      for (let j = 0; j < wholeB; j += 4) twoByFour(a, i, b, j, out);
    }
    for (let j = inBlocks ? wholeB : 0; j < b.count; j++) {
      let dot = 0;
      for (let d = 0; d < a.dim; d++) dot += a.rows[i * a.dim + d] * b.rows[j * a.dim + d];
      out[i * b.count + j] = dot;
    }
  }
  return out;
}

/** The products of rows i, i + 1 with j to j + 3 at once: four times as fast as one by one. */
function twoByFour(a: TokenRows, i: number, b: TokenRows, j: number, out: Float32Array): void {
  const { dim, rows: p } = a;
  const { count, rows: q } = b;
  const [p0, p1] = [i * dim, (i + 1) * dim];
  const [q0, q1, q2, q3] = [j * dim, (j + 1) * dim, (j + 2) * dim, (j + 3) * dim];
  let [a0, a1, a2, a3, b0, b1, b2, b3] = [0, 0, 0, 0, 0, 0, 0, 0];
  for (let d = 0; d < dim; d++) {
    const x = p[p0 + d];
    const y = p[p1 + d];
    const s = q[q0 + d];
    const t = q[q1 + d];
    const u = q[q2 + d];
    const v = q[q3 + d];
    a0 += x * s;
    a1 += x * t;
    a2 += x * u;
    a3 += x * v;
    b0 += y * s;
    b1 += y * t;
    b2 += y * u;
    b3 += y * v;
  }
  const at = i * count + j;
  out[at] = a0;
  out[at + 1] = a1;
  out[at + 2] = a2;
  out[at + 3] = a3;
  out[at + count] = b0;
  out[at + count + 1] = b1;
  out[at + count + 2] = b2;
  out[at + count + 3] = b3;
}

/** Mean over classes of the F1 of predictions; classes that occur in neither are left out. */
export function macroF1(truth: ArrayLike<number>, predicted: ArrayLike<number>): number {
  const hits = new Map<number, number>();
  const told = new Map<number, number>();
  const are = new Map<number, number>();
  const add = (counts: Map<number, number>, key: number) =>
    counts.set(key, (counts.get(key) ?? 0) + 1);
  for (let i = 0; i < truth.length; i++) {
    add(are, truth[i]);
    add(told, predicted[i]);
    if (truth[i] === predicted[i]) add(hits, truth[i]);
  }
  const classes = new Set([...are.keys(), ...told.keys()]);
  let sum = 0;
  for (const c of classes) {
    sum += (2 * (hits.get(c) ?? 0)) / ((are.get(c) ?? 0) + (told.get(c) ?? 0));
  }
  return classes.size > 0 ? sum / classes.size : 0;
}
