/**
 * Distribution of positive values as a histogram over log2: ranks and quantiles of a million cells
 * without sorting, extended in place as cells arrive. A bin is 1/64 octave, so a quantile is right to
 * 1.1 %, and ranks are exact but for cells closer than that, which share one.
 */
export const PER_OCTAVE = 64;
const LOWEST = -48;
/** Bin 0 holds zero, negative and vanishing values. */
export const RANK_BINS = 4096;

export class Distribution {
  private readonly counts = new Uint32Array(RANK_BINS);
  private total = 0;

  get size(): number {
    return this.total;
  }

  add(value: number): void {
    this.addBin(bin(value));
  }

  addBin(index: number): void {
    this.counts[index]++;
    this.total++;
  }

  /** Take out a value that was added with this bin. */
  removeBin(index: number): void {
    this.counts[index]--;
    this.total--;
  }

  clear(): void {
    this.counts.fill(0);
    this.total = 0;
  }

  /** Rank of every bin, 0..1: the share of values below, plus half of those equal (mid-rank). */
  ranks(out: Float32Array<ArrayBuffer> = new Float32Array(RANK_BINS)): Float32Array<ArrayBuffer> {
    let below = 0;
    for (let i = 0; i < RANK_BINS; i++) {
      out[i] = this.total > 0 ? (below + this.counts[i] / 2) / this.total : 0;
      below += this.counts[i];
    }
    return out;
  }

  /** Share of the values in bins below one. */
  shareBelow(index: number): number {
    let below = 0;
    for (let i = 0; i < Math.min(index, RANK_BINS); i++) below += this.counts[i];
    return this.total > 0 ? below / this.total : 0;
  }

  /** Value that a share `q` of all values does not exceed; 0 where there are none. */
  quantile(q: number): number {
    if (this.total === 0) return 0;
    const wanted = Math.min(1, Math.max(0, q)) * this.total;
    let seen = 0;
    for (let i = 0; i < RANK_BINS; i++) {
      const count = this.counts[i];
      if (count > 0 && seen + count >= wanted) {
        if (i === 0) return 0;
        const within = Math.max(0, wanted - seen) / count;
        return 2 ** ((i - 1 + within) / PER_OCTAVE + LOWEST);
      }
      seen += count;
    }
    return 0;
  }
}

/** Least value of a bin; 0 for the lowest. */
export function valueOfBin(index: number): number {
  return index <= 0 ? 0 : 2 ** ((index - 1) / PER_OCTAVE + LOWEST);
}

/** Index of the bin of a value. */
export function bin(value: number): number {
  if (!(value > 0)) return 0;
  const at = 1 + Math.floor((Math.log2(value) - LOWEST) * PER_OCTAVE);
  return Math.min(RANK_BINS - 1, Math.max(0, at));
}
