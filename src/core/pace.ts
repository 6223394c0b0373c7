/**
 * Lowers the resolution of what is drawn while the view moves on a machine that cannot keep up (one
 * without a graphics card, say), so that panning stays smooth. At rest it is always drawn in full.
 */

/** Longer between two moves than this is a rest, ms. */
export const REST_MS = 250;
/** A frame that takes longer than this is slow, ms. */
const SLOW_MS = 34;
/** So many slow frames in one movement are no accident. */
const SLOW_FRAMES = 3;
const COARSE = 0.5;

export class Pace {
  private last = Number.NEGATIVE_INFINITY;
  private slow = 0;

  /** The view moved at `now` (ms); gives the share of the full resolution to draw at. */
  moved(now: number): number {
    const gap = now - this.last;
    this.last = now;
    if (gap > REST_MS) this.slow = 0;
    else if (gap > SLOW_MS) this.slow++;
    // Once coarse, coarse until rest: flickering between the two would be worse than either.
    return this.slow >= SLOW_FRAMES ? COARSE : 1;
  }
}
