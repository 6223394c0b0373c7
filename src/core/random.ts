/** Seeded chance: the same seed gives the same numbers on every machine. */

/** A small generator (mulberry32, public domain): uniform in [0, 1). */
export function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Put the entries [from, to) in random order, in place (Fisher and Yates). */
export function shuffle<T>(
  list: { [index: number]: T; length: number },
  random: () => number,
  from = 0,
  to = list.length,
): void {
  for (let i = to - 1; i > from; i--) {
    const j = from + Math.floor(random() * (i - from + 1));
    [list[i], list[j]] = [list[j], list[i]];
  }
}

/**
 * 95 % percentile interval of the mean of `values` by bootstrap, 1,000 resamples. Null for fewer
 * than five values, from which it would say nothing.
 */
export function meanInterval(
  values: ArrayLike<number>,
  seed = 0x5eed,
): [low: number, high: number] | null {
  const n = values.length;
  if (n < 5) return null;
  const random = mulberry32(seed);
  const means = Float64Array.from({ length: 1000 }, () => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += values[Math.floor(random() * n)];
    return sum / n;
  }).sort();
  return [means[25], means[974]];
}
