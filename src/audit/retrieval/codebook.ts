/**
 * Typical tokens: by whose numbers all others are known roughly (the centroids of PLAID,
 * arXiv:2205.09707). They are a tree of two levels, so that naming a token takes 2 x BRANCHES
 * products and not BRANCHES².
 */
import { cluster } from '../clusters.ts';
import { products } from '../kernel/products.ts';
import { type Rows, unitRows } from '../rows.ts';

/** Branches of the root, and leaves of a branch: 1,024 typical tokens at most. */
const BRANCHES = 32;
/** Steps of k-means: later ones change little. */
const STEPS = 4;
const SEED = 1;

export class Codebook {
  private constructor(
    private readonly branches: Rows,
    /** The leaves of each branch, and the number of the first one. */
    private readonly leaves: { first: number; rows: Rows }[],
    /** All leaves, as unit rows. */
    readonly typical: Rows,
  ) {}

  /** Learn from unit tokens; of none it can name none. */
  static learn(tokens: Rows): Codebook {
    const { dim } = tokens;
    const branches = middles(tokens, BRANCHES);
    const leaves: { first: number; rows: Rows }[] = [];
    let count = 0;
    for (const own of apart(tokens, branches)) {
      const rows = middles(own, BRANCHES);
      leaves.push({ first: count, rows });
      count += rows.count;
    }
    const typical = new Float32Array(count * dim);
    for (const { first, rows } of leaves) typical.set(rows.rows, first * dim);
    return new Codebook(branches, leaves, { count, dim, rows: typical });
  }

  /** The numbers of the typical tokens that these unit tokens are like, each once. */
  codesOf(tokens: Rows): Uint16Array {
    const codes = new Set<number>();
    apart(tokens, this.branches).forEach((own, branch) => {
      const { first, rows } = this.leaves[branch];
      if (rows.count > 0) for (const leaf of nearest(own, rows)) codes.add(first + leaf);
    });
    return Uint16Array.from(codes);
  }
}

/** Unit middles of at most `k` clusters; none of no tokens. */
function middles(tokens: Rows, k: number): Rows {
  const { rows, count, dim } = tokens;
  const clusters = Math.min(k, count);
  if (clusters === 0) return tokens;
  const sums = new Float32Array(clusters * dim);
  cluster({ rows, n: count, dim }, clusters, SEED, STEPS).forEach((c, i) => {
    for (let d = 0; d < dim; d++) sums[c * dim + d] += rows[i * dim + d];
  });
  return unitRows(sums, dim);
}

/** The tokens nearest to each of `middle`, in its order. */
function apart(tokens: Rows, middle: Rows): Rows[] {
  const { rows, dim } = tokens;
  const own: number[][] = Array.from({ length: middle.count }, () => []);
  nearest(tokens, middle).forEach((m, i) => {
    own[m].push(i);
  });
  return own.map((list) => {
    const chosen = new Float32Array(list.length * dim);
    list.forEach((i, at) => {
      chosen.set(rows.subarray(i * dim, (i + 1) * dim), at * dim);
    });
    return { count: list.length, dim, rows: chosen };
  });
}

/** The row of `among` with the largest product, for each token. */
function nearest(tokens: Rows, among: Rows): Uint16Array {
  const dots = products(tokens, among);
  const best = new Uint16Array(tokens.count);
  for (let i = 0, at = 0; i < tokens.count; i++) {
    let most = Number.NEGATIVE_INFINITY;
    for (let j = 0; j < among.count; j++, at++) {
      if (dots[at] <= most) continue;
      most = dots[at];
      best[i] = j;
    }
  }
  return best;
}
