import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Affine } from '../core/affine.ts';
import { nearestSimilarity, poseText } from './pose.ts';

/** Turned clockwise, then mirrored, as the viewer draws it. */
function mapOf(scale: number, turn: number, flipped: boolean): Affine {
  const angle = (turn * Math.PI) / 180;
  const [cos, sin] = [scale * Math.cos(angle), scale * Math.sin(angle)];
  const side = flipped ? -1 : 1;
  return { a: side * cos, b: sin, c: -side * sin, d: cos, e: 3, f: -4 };
}

describe('the pose of a view', () => {
  it('is found again in the map it made', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-3, max: 8, noNaN: true }),
        fc.double({ min: -179, max: 179, noNaN: true }),
        fc.boolean(),
        (scale, turn, flipped) => {
          const found = nearestSimilarity(mapOf(scale, turn, flipped));
          expect(found.scale / scale).toBeCloseTo(1, 9);
          expect(found.turn).toBeCloseTo(turn, 6);
          expect(found.flipped).toBe(flipped);
        },
      ),
    );
  });

  it('of a sheared map is the one in its middle', () => {
    const { scale, turn } = nearestSimilarity({ a: 2, b: 0, c: 0, d: 1, e: 0, f: 0 });
    expect(scale).toBe(1.5);
    expect(turn).toBe(0);
  });

  it('is told in words, and not at all upright', () => {
    expect(poseText({ turn: 37, flipped: true })).toBe('37°, mirrored');
    expect(poseText({ turn: 12.34, flipped: false })).toBe('12.3°');
    expect(poseText({ turn: 359.99, flipped: false })).toBe('');
  });
});
