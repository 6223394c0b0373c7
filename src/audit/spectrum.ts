/** How much of an embedding is used, and how its dimensions are spread. */
import { EigenvalueDecomposition } from 'ml-matrix';

export interface Spectrum {
  /** exp of the entropy of the normalised singular values of the centred rows: 1..dim (Roy and Vetterli 2007). */
  effectiveRank: number;
  /** Mean over dimensions of |skewness| and of the excess kurtosis (0 for a normal one). */
  skewness: number;
  kurtosis: number;
}

/** Of `rows`, n x `dim`. A dimension that never changes counts in none of them. */
export function spectrumOf(rows: Float32Array, n: number, dim: number): Spectrum {
  const means = new Float64Array(dim);
  for (let at = 0; at < n * dim; at++) means[at % dim] += rows[at] / n;
  const covariance = Array.from({ length: dim }, () => new Float64Array(dim));
  const moments = Array.from({ length: 3 }, () => new Float64Array(dim));
  const centred = new Float64Array(dim);
  for (let i = 0; i < n; i++) {
    for (let d = 0; d < dim; d++) centred[d] = rows[i * dim + d] - means[d];
    for (let a = 0; a < dim; a++) {
      const row = covariance[a];
      for (let b = 0; b <= a; b++) row[b] += (centred[a] * centred[b]) / n;
      for (let m = 0; m < 3; m++) moments[m][a] += centred[a] ** (m + 2) / n;
    }
  }
  const whole = covariance.map((row, a) =>
    covariance.map((_, b) => (b <= a ? row[b] : covariance[b][a])),
  );
  const { realEigenvalues } = new EigenvalueDecomposition(whole, { assumeSymmetric: true });
  const singular = realEigenvalues.map((value) => Math.sqrt(Math.max(0, value)));
  const total = singular.reduce((a, b) => a + b, 0);
  let entropy = 0;
  for (const value of singular) if (value > 0) entropy -= (value / total) * Math.log(value / total);
  const [squares, cubes, fourths] = moments;
  const used = [...squares.keys()].filter((d) => squares[d] > 1e-20);
  const mean = (of: (d: number) => number) => used.reduce((s, d) => s + of(d), 0) / used.length;
  return {
    effectiveRank: Math.exp(entropy),
    skewness: mean((d) => Math.abs(cubes[d]) / squares[d] ** 1.5),
    kurtosis: mean((d) => fourths[d] / squares[d] ** 2 - 3),
  };
}
