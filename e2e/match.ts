/** Detection by centroids: the nearest free pair first, each used once, within `radius`. */
type Place = readonly [x: number, y: number];

export function matchCentroids(found: readonly Place[], truth: readonly Place[], radius: number) {
  const pairs: { d: number; f: number; t: number }[] = [];
  found.forEach(([x, y], f) => {
    truth.forEach(([a, b], t) => {
      const d = Math.hypot(x - a, y - b);
      if (d <= radius) pairs.push({ d, f, t });
    });
  });
  pairs.sort((p, q) => p.d - q.d);
  const usedFound = new Set<number>();
  const usedTruth = new Set<number>();
  for (const { f, t } of pairs) {
    if (usedFound.has(f) || usedTruth.has(t)) continue;
    usedFound.add(f);
    usedTruth.add(t);
  }
  const hits = usedFound.size;
  const precision = hits / Math.max(1, found.length);
  const recall = hits / Math.max(1, truth.length);
  return { f1: (2 * hits) / Math.max(1, found.length + truth.length), precision, recall };
}
