/** What a server or a drive refuses now, it may give in a moment. */
import { isCytolensError, throwIfAborted } from '../core/errors.ts';

/** Pauses before another try, ms. */
export const PAUSES = [500, 1000, 2000] as const;

/**
 * `load`, and again after each pause while it fails for a reason that may pass: no answer, a fault
 * of the server, an answer cut short. A damaged or missing tile stays so and is not asked for again.
 * Throws what the last try threw, or `cancelled`.
 */
export async function withRetries<T>(
  load: () => Promise<T>,
  signal: AbortSignal,
  pauses: readonly number[] = PAUSES,
): Promise<T> {
  for (const pause of pauses) {
    try {
      return await load();
    } catch (error) {
      throwIfAborted(signal);
      if (!isCytolensError(error, 'network') && !isCytolensError(error, 'truncated')) throw error;
    }
    await sleep(pause, signal);
    throwIfAborted(signal);
  }
  return load();
}

/** Ends early when the signal fires. */
function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      resolve();
    };
    const timer = setTimeout(stop, ms);
    signal.addEventListener('abort', stop);
  });
}
