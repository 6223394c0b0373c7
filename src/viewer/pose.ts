/** How a slide lies on the screen: turned, then mirrored. */
import type { Affine } from '../core/affine.ts';

export interface Pose {
  /** Degrees, clockwise. */
  turn: number;
  /** Mirrored left to right after turning. */
  flipped: boolean;
}

export const UPRIGHT: Pose = { turn: 0, flipped: false };

/** "37°, mirrored"; empty for an upright view. */
export function poseText({ turn, flipped }: Pose): string {
  // 360 after rounding is upright again.
  const degrees = Math.round(turn * 10) / 10;
  const turned = degrees % 360 === 0 ? [] : [`${degrees}°`];
  return [...turned, ...(flipped ? ['mirrored'] : [])].join(', ');
}

/**
 * The similarity nearest to an affine map (least squares over its linear part: Umeyama 1991 in two
 * dimensions): `scale` screen px per level-0 px, and the pose.
 */
export function nearestSimilarity({ a, b, c, d }: Affine): Pose & { scale: number } {
  const flipped = a * d - b * c < 0;
  const side = flipped ? -1 : 1;
  const [p, q] = [(side * a + d) / 2, (b - side * c) / 2];
  return { scale: Math.hypot(p, q), turn: (Math.atan2(q, p) * 180) / Math.PI, flipped };
}
