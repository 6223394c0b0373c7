/**
 * Give waiting messages (a cancel, say) their turn. Awaiting promises alone never does: they run
 * before any message is looked at.
 */
export function nextTask(): Promise<void> {
  return pause(0);
}

/** Wait, ms. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
