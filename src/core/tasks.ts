/**
 * Give waiting messages (a cancel, say) their turn. Awaiting promises alone never does: they run
 * before any message is looked at.
 */
export function nextTask(): Promise<void> {
  return pause(0);
}

/**
 * Do `work` on every item with up to `atOnce()` under way, and tell the results in the order of the
 * items. The first error, in that order, is thrown; what is under way then comes to nothing.
 */
export async function* inOrder<T, R>(
  items: readonly T[],
  atOnce: () => number,
  work: (item: T, at: number) => Promise<R>,
): AsyncGenerator<R> {
  const underWay: Promise<R>[] = [];
  let next = 0;
  while (next < items.length || underWay.length > 0) {
    while (next < items.length && underWay.length < Math.max(1, atOnce())) {
      const result = work(items[next], next++);
      // Reported when its turn comes, not as an unhandled rejection.
      result.catch(() => undefined);
      underWay.push(result);
    }
    yield await (underWay.shift() as Promise<R>);
  }
}

/** Wait, ms. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
