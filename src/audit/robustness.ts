/**
 * Does an embedding put tissue beside its like, or beside what came from the same scanner?
 * Neighbours are typed by biology and centre, Same or Other: SS, SO, OS, OO. Sources: robustness
 * ratio arXiv:2501.18055, robustness index arXiv:2507.17845 (PathoROB), MaRI and CRoMa as on the
 * methods sheet, section 3.
 */
import { mean, median, quantile } from 'd3-array';
import { mulberry32 } from '../core/random.ts';
import type { Neighbours } from './neighbours.ts';
import type { SampleSet } from './samples.ts';

/** Neighbours of each type, pooled over samples. */
export interface TypeCounts {
  ss: number;
  so: number;
  os: number;
  oo: number;
}

/** A value with its 95 % interval; null where it is not defined. */
export interface Estimate {
  value: number | null;
  interval: [low: number, high: number] | null;
}

export interface Robustness {
  k: number;
  /** Balanced accuracy of biology by k nearest neighbours, for every k that was tried. */
  accuracies: { k: number; accuracy: number }[];
  counts: TypeCounts;
  /** Share of samples that have an SO or OS among their k nearest. */
  support: number;
  /** SO / (SO + OS): 0..1, neutral .5. */
  index: Estimate;
  /**
   * The index over those samples alone that could have either: a class of one centre has no SO
   * anywhere, and pulls the index down whatever the encoder does. And how many these are.
   */
  answerableIndex: Estimate;
  answerable: number;
  /** (SS + SO) / (SS + OS): neutral 1. */
  ratio: Estimate;
  /** As `index`, each neighbour weighed by e^(-distance / tau). */
  marginAware: Estimate;
  /** Median cosine distance of the SO and OS neighbours. */
  tau: number | null;
  /** Median of (d_OS - d_SO) / (d_OS + d_SO) over samples: -1..1. */
  margin: Estimate;
  /** Mean of the lowest tenth of the margins, and the share of samples at or below zero. */
  marginLow: Estimate;
  marginNotPositive: Estimate;
  /** Samples that have `m` SO and `m` OS anywhere. */
  margins: number;
}

const RESAMPLES = 1000;
/** Fewer groups resample to nearly the same set: an interval would flatter. */
const LEAST_GROUPS = 5;
const LOW_SHARE = 0.1;

/**
 * All of it at the k (of `ks`, each at most `near.k`) that tells biology best. Intervals are by
 * bootstrap over groups: samples of one slide are not independent.
 */
export function robustnessOf(
  set: SampleSet,
  near: Neighbours,
  ks: readonly number[],
  seed = 0x5eed,
): Robustness {
  const accuracies = ks.map((k) => ({ k, accuracy: balancedAccuracy(set, near, k) }));
  const { k } = accuracies.reduce((best, a) => (a.accuracy > best.accuracy ? a : best));
  const typed = typedOf(set, near, k);
  const tau = medianTyped(set, near, k);
  const weighed = tau === null ? null : weighedOf(set, near, k, tau);
  const margins = marginsOf(near);
  const known = members(set.group, set.groupNames.length);
  const all = known.flat();
  const answers = answerableOf(set);
  /** `tells`: samples that the measure speaks of; where they are of few groups there is no interval. */
  const estimate = (
    measure: (samples: readonly number[]) => number | null,
    tells: (sample: number) => boolean,
  ) =>
    known.filter((group) => group.some(tells)).length < LEAST_GROUPS
      ? { value: measure(all), interval: null }
      : estimateOf(measure, all, known, seed);
  const isTyped = (i: number) => typed.so[i] + typed.os[i] > 0;
  const hasMargin = (i: number) => Number.isFinite(margins[i]);
  const sum = (column: Float64Array, samples: readonly number[]) => {
    let total = 0;
    for (const i of samples) total += column[i];
    return total;
  };
  const share = (so: Float64Array, os: Float64Array) => (samples: readonly number[]) => {
    const [a, b] = [sum(so, samples), sum(os, samples)];
    return a + b > 0 ? a / (a + b) : null;
  };
  const total = (column: Float64Array) => sum(column, all);
  return {
    k,
    accuracies,
    counts: {
      ss: total(typed.ss),
      so: total(typed.so),
      os: total(typed.os),
      oo: total(typed.oo),
    },
    support: all.filter(isTyped).length / set.n,
    index: estimate(share(typed.so, typed.os), isTyped),
    answerableIndex: estimate(
      (samples) => share(typed.so, typed.os)(samples.filter((i) => answers[i])),
      (i) => answers[i] && isTyped(i),
    ),
    answerable: answers.filter(Boolean).length,
    ratio: estimate((samples) => {
      const ss = sum(typed.ss, samples);
      const below = ss + sum(typed.os, samples);
      return below > 0 ? (ss + sum(typed.so, samples)) / below : null;
    }, isTyped),
    marginAware: weighed
      ? estimate(share(weighed.so, weighed.os), isTyped)
      : { value: null, interval: null },
    tau,
    margin: estimate((samples) => median(defined(margins, samples)) ?? null, hasMargin),
    marginLow: estimate((samples) => lowMean(defined(margins, samples)) ?? null, hasMargin),
    marginNotPositive: estimate((samples) => {
      const values = defined(margins, samples);
      return values.length > 0 ? values.filter((v) => v <= 0).length / values.length : null;
    }, hasMargin),
    margins: defined(margins, all).length,
  };
}

/** Whether a sample has, in other groups, its biology at another centre and another biology at its own. */
function answerableOf({ n, biology, centre, group }: SampleSet): boolean[] {
  return Array.from({ length: n }, (_, i) => {
    let [elsewhere, here] = [false, false];
    for (let j = 0; j < n && !(elsewhere && here); j++) {
      if (group[j] === group[i]) continue;
      const [same, near] = [biology[j] === biology[i], centre[j] === centre[i]];
      elsewhere ||= same && !near;
      here ||= !same && near;
    }
    return elsewhere && here;
  });
}

/** Neighbours of each type among the k nearest, a column a type. */
function typedOf(set: SampleSet, near: Neighbours, k: number) {
  const column = () => new Float64Array(set.n);
  const typed = { ss: column(), so: column(), os: column(), oo: column() };
  eachTyped(set, near, k, (i, type) => {
    typed[type][i]++;
  });
  return typed;
}

/** As `typedOf`, SO and OS weighed by e^(-d / tau). */
function weighedOf(set: SampleSet, near: Neighbours, k: number, tau: number) {
  const weighed = { so: new Float64Array(set.n), os: new Float64Array(set.n) };
  eachTyped(set, near, k, (i, type, d) => {
    if (type === 'so' || type === 'os') weighed[type][i] += Math.exp(-d / tau);
  });
  return weighed;
}

function medianTyped(set: SampleSet, near: Neighbours, k: number): number | null {
  const distances: number[] = [];
  eachTyped(set, near, k, (_, type, d) => {
    if (type === 'so' || type === 'os') distances.push(d);
  });
  const middle = median(distances);
  return middle !== undefined && middle > 0 ? middle : null;
}

function eachTyped(
  { n, biology, centre }: SampleSet,
  near: Neighbours,
  k: number,
  visit: (sample: number, type: keyof TypeCounts, distance: number) => void,
): void {
  for (let i = 0; i < n; i++) {
    for (let at = i * near.k; at < i * near.k + k; at++) {
      const j = near.index[at];
      const same = biology[j] === biology[i] ? 's' : 'o';
      const here = centre[j] === centre[i] ? 's' : 'o';
      visit(i, `${same}${here}`, near.distance[at]);
    }
  }
}

/** CRoMa of each sample; NaN where it has fewer than m SO or OS, or all lie on it. */
function marginsOf({ m, sameElsewhere, otherHere }: Neighbours): Float64Array {
  const meanOf = (column: Float32Array, i: number) => {
    let sum = 0;
    for (let r = i * m; r < (i + 1) * m; r++) sum += column[r];
    return sum / m;
  };
  return Float64Array.from({ length: sameElsewhere.length / m }, (_, i) => {
    const [so, os] = [meanOf(sameElsewhere, i), meanOf(otherHere, i)];
    return (os - so) / (os + so);
  });
}

/**
 * Balanced accuracy of biology by majority of the k nearest; of classes with as many votes the
 * one that is nearer in the mean wins. A class of one group has no like among its neighbours, and is
 * not asked for; 0 where all are such.
 */
export function balancedAccuracy(set: SampleSet, near: Neighbours, k: number): number {
  const classes = set.biologyNames.length;
  const right = new Float64Array(classes);
  const of = new Float64Array(classes);
  const votes = new Float64Array(classes);
  for (let i = 0; i < set.n; i++) {
    votes.fill(0);
    for (let at = i * near.k; at < i * near.k + k; at++) {
      // Distances are at most 2, so that they only ever decide between equal counts.
      votes[set.biology[near.index[at]]] += 1 + (2 - near.distance[at]) / (4 * k);
    }
    const truth = set.biology[i];
    of[truth]++;
    if (votes.indexOf(votes.reduce((a, b) => Math.max(a, b))) === truth) right[truth]++;
  }
  const groups = set.biologyNames.map(() => new Set<number>());
  for (let i = 0; i < set.n; i++) groups[set.biology[i]].add(set.group[i]);
  const asked = groups.flatMap((own, c) => (own.size > 1 ? [c] : []));
  return mean(asked, (c) => right[c] / of[c]) ?? 0;
}

/**
 * A measure of samples with its 95 % interval by bootstrap over groups (lists of samples, see
 * `members`); without one below five groups.
 */
export function estimateOf(
  measure: (samples: readonly number[]) => number | null,
  all: readonly number[],
  groups: readonly number[][],
  seed = 0x5eed,
): Estimate {
  const value = measure(all);
  if (value === null || groups.length < LEAST_GROUPS) return { value, interval: null };
  const random = mulberry32(seed);
  const drawn: number[] = [];
  for (let r = 0; r < RESAMPLES; r++) {
    const samples: number[] = [];
    for (let g = 0; g < groups.length; g++) {
      for (const i of groups[Math.floor(random() * groups.length)]) samples.push(i);
    }
    const again = measure(samples);
    if (again !== null) drawn.push(again);
  }
  drawn.sort((a, b) => a - b);
  const at = (share: number) => drawn[Math.floor(share * (drawn.length - 1))];
  return { value, interval: [at(0.025), at(0.975)] };
}

/** The samples of each group. */
export function members(group: Int32Array, groups: number): number[][] {
  const lists: number[][] = Array.from({ length: groups }, () => []);
  group.forEach((g, i) => {
    lists[g].push(i);
  });
  return lists;
}

function defined(values: Float64Array, samples: readonly number[]): number[] {
  return samples.map((i) => values[i]).filter(Number.isFinite);
}

/** Mean of the values up to their tenth percentile (linear between ranks). */
function lowMean(values: readonly number[]): number | undefined {
  const limit = quantile(values, LOW_SHARE);
  return limit === undefined ? undefined : mean(values.filter((v) => v <= limit));
}
