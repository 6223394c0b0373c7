/**
 * Unit vectors in a byte a number, for exact search among very many: a scan over the bytes picks
 * candidates, whose true vectors the caller then compares.
 */

/** A query's largest number: a fourth of 2,000 products of it with 127 still fits 31 bits. */
const QUERY_MOST = 32767;

/** Rows of unit vectors: a signed byte a number, and one scale each. */
export class Vectors {
  private codes: Int8Array;
  private scales: Float32Array;
  /** `dim` up to a whole number of fours, which the scan takes at once; the rest is zero. */
  private readonly stride: number;
  count = 0;

  constructor(
    readonly dim: number,
    capacity = 0,
  ) {
    this.stride = 4 * Math.ceil(dim / 4);
    this.codes = new Int8Array(capacity * this.stride);
    this.scales = new Float32Array(capacity);
  }

  /** Bytes held. */
  get bytes(): number {
    return this.codes.byteLength + this.scales.byteLength;
  }

  /** Make room so that adding up to `count` rows allocates nothing more. */
  reserve(count: number): void {
    if (count <= this.scales.length) return;
    const { codes, scales } = this;
    this.codes = new Int8Array(count * this.stride);
    this.scales = new Float32Array(count);
    this.codes.set(codes);
    this.scales.set(scales);
  }

  /** Append a vector of any length as a unit vector; null for a row that is not known. */
  add(vector: ArrayLike<number> | null): void {
    if (this.count === this.scales.length) this.reserve(Math.max(64, 2 * this.count));
    const row = this.count++;
    const length = vector ? norm(vector) : 0;
    if (!vector || length === 0) return;
    let most = 0;
    for (let d = 0; d < this.dim; d++) most = Math.max(most, Math.abs(vector[d]));
    this.scales[row] = most / (127 * length);
    for (let d = 0, at = row * this.stride; d < this.dim; d++, at++) {
      this.codes[at] = Math.round((vector[d] * 127) / most);
    }
  }

  /** Whether a row was given a vector. */
  has(row: number): boolean {
    return this.scales[row] > 0;
  }

  /**
   * Add the rows of [from, to) with the largest cosine to `query` to `best`; rows that `keep`
   * refuses are passed over. A cosine is right to about a hundredth.
   */
  scan(
    query: ArrayLike<number>,
    best: Best,
    from: number,
    to: number,
    keep: (row: number) => boolean,
  ): void {
    const { codes, scales, stride } = this;
    const { whole, unit } = wholeNumbers(query, stride);
    for (let row = from, base = from * stride; row < to; row++, base += stride) {
      if (scales[row] === 0) continue;
      // Whole numbers in four sums: twice as fast as fractions in one.
      let [p, q, r, s] = [0, 0, 0, 0];
      for (let d = 0; d < stride; d += 4) {
        p = (p + Math.imul(codes[base + d], whole[d])) | 0;
        q = (q + Math.imul(codes[base + d + 1], whole[d + 1])) | 0;
        r = (r + Math.imul(codes[base + d + 2], whole[d + 2])) | 0;
        s = (s + Math.imul(codes[base + d + 3], whole[d + 3])) | 0;
      }
      const cosine = (p + q + r + s) * scales[row] * unit;
      if (cosine > best.least && keep(row)) best.add(row, cosine);
    }
  }
}

/** A query as whole numbers, each `unit` of its unit vector. */
function wholeNumbers(query: ArrayLike<number>, stride: number) {
  let most = 0;
  for (let d = 0; d < query.length; d++) most = Math.max(most, Math.abs(query[d]));
  const scale = QUERY_MOST / (most || 1);
  const whole = new Int32Array(stride);
  for (let d = 0; d < query.length; d++) whole[d] = Math.round(query[d] * scale);
  return { whole, unit: 1 / (scale * (norm(query) || 1)) };
}

export interface Scored {
  row: number;
  /** Cosine, -1 to 1. */
  cosine: number;
}

/** The `most` rows of largest cosine seen, best first. */
export class Best {
  readonly list: Scored[] = [];

  constructor(private readonly most: number) {}

  /** What a row must exceed to be taken. */
  get least(): number {
    return this.list.length < this.most ? -Infinity : this.list[this.list.length - 1].cosine;
  }

  add(row: number, cosine: number): void {
    if (cosine <= this.least) return;
    let at = this.list.length;
    while (at > 0 && this.list[at - 1].cosine < cosine) at--;
    this.list.splice(at, 0, { row, cosine });
    if (this.list.length > this.most) this.list.pop();
  }
}

export function norm(vector: ArrayLike<number>): number {
  let sum = 0;
  for (let d = 0; d < vector.length; d++) sum += vector[d] * vector[d];
  return Math.sqrt(sum);
}

/** Cosine of two vectors; 0 where one of them has no length. */
export function cosineOf(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let dot = 0;
  for (let d = 0; d < a.length; d++) dot += a[d] * b[d];
  return dot / Math.max(norm(a) * norm(b), 1e-12);
}
