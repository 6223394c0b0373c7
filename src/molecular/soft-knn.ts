/**
 * Soft nearest neighbours over an expression library (methods sheet, section 4): the k library
 * samples most like a query, weighed by w = softmax(u . r / tau) over those k.
 * training/molecular/knn.py is the same function.
 */
import { CytolensError } from '../core/errors.ts';

/** The k nearest library samples of M queries, the most similar first; row m from m * k on. */
export interface Neighbours {
  k: number;
  /** Rows of the library [M, k]. */
  index: Uint32Array;
  /** Cosine, -1 to 1 [M, k]. */
  similarity: Float32Array;
  /** Summing to 1 in each row [M, k]. */
  weight: Float32Array;
}

/**
 * Neighbours of queries `u` [M, width] in a library `r` [L, width], all of length one. Fewer than
 * `k` library samples: all of them. Throws `internal` for sizes that do not fit.
 */
export function softKnn(
  u: Float32Array,
  r: Float32Array,
  width: number,
  { k: most, tau }: { k: number; tau: number },
): Neighbours {
  const [queries, samples] = [u.length / width, r.length / width];
  if (!Number.isInteger(queries) || !Number.isInteger(samples) || samples === 0) {
    throw new CytolensError('internal', 'The library of expression does not fit its model.');
  }
  const k = Math.min(most, samples);
  const found: Neighbours = {
    k,
    index: new Uint32Array(queries * k),
    similarity: new Float32Array(queries * k),
    weight: new Float32Array(queries * k),
  };
  const nearest = new Uint32Array(k);
  const alike = new Float64Array(k);
  for (let m = 0; m < queries; m++) {
    let kept = 0;
    for (let j = 0; j < samples; j++) {
      let dot = 0;
      for (let d = 0; d < width; d++) dot += u[m * width + d] * r[j * width + d];
      if (kept === k && !(dot > alike[k - 1])) continue;
      // Of equals the earlier sample stays first, as in Python.
      let at = kept < k ? kept++ : k - 1;
      for (; at > 0 && alike[at - 1] < dot; at--) {
        alike[at] = alike[at - 1];
        nearest[at] = nearest[at - 1];
      }
      alike[at] = dot;
      nearest[at] = j;
    }
    let sum = 0;
    for (let i = 0; i < k; i++) sum += Math.exp((alike[i] - alike[0]) / tau);
    for (let i = 0; i < k; i++) {
      found.index[m * k + i] = nearest[i];
      found.similarity[m * k + i] = alike[i];
      found.weight[m * k + i] = Math.exp((alike[i] - alike[0]) / tau) / sum;
    }
  }
  return found;
}

/** How many neighbours an answer rests on: n_eff = exp(-sum w ln w), 1 to k [M]. */
export function effectiveNeighbours({ k, weight }: Neighbours): Float32Array {
  return perQuery(weight.length / k, (m) => {
    let entropy = 0;
    for (let i = m * k; i < (m + 1) * k; i++) {
      if (weight[i] > 0) entropy -= weight[i] * Math.log(weight[i]);
    }
    return Math.exp(entropy);
  });
}

/** sum_j w_j y_j of values `y` of the library [L]: [M]. */
export function weightedMean({ k, index, weight }: Neighbours, y: Float64Array): Float32Array {
  return perQuery(weight.length / k, (m) => {
    let sum = 0;
    for (let i = m * k; i < (m + 1) * k; i++) sum += weight[i] * y[index[i]];
    return sum;
  });
}

/** Weighted standard deviation of the neighbours' values [M]: how far they disagree. */
export function weightedSpread(found: Neighbours, y: Float64Array): Float32Array {
  const { k, index, weight } = found;
  const mean = weightedMean(found, y);
  return perQuery(mean.length, (m) => {
    let sum = 0;
    for (let i = m * k; i < (m + 1) * k; i++) sum += weight[i] * (y[index[i]] - mean[m]) ** 2;
    return Math.sqrt(sum);
  });
}

function perQuery(count: number, value: (m: number) => number): Float32Array {
  return Float32Array.from({ length: count }, (_, m) => value(m));
}
