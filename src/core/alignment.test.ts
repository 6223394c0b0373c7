import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Affine, apply, compose, IDENTITY } from './affine.ts';
import { alignmentOf, type LandmarkPair, rms, stretchOf, troubleOf } from './alignment.ts';
import type { Point } from './geometry.ts';

const MPP = 0.5;
/** Landmarks well spread over a slide. */
const SPREAD: Point[] = [
  { x: 2000, y: 3000 },
  { x: 41_000, y: 5000 },
  { x: 22_000, y: 30_000 },
  { x: 7000, y: 26_000 },
  { x: 38_000, y: 21_000 },
  { x: 19_000, y: 12_000 },
];

const angle = fc.double({ min: -3.14, max: 3.14, noNaN: true });
const scale = fc.double({ min: 0.2, max: 5, noNaN: true });
const shift = fc.double({ min: -50_000, max: 50_000, noNaN: true });
const small = fc.double({ min: -0.2, max: 0.2, noNaN: true });

const similarities = fc
  .tuple(angle, scale, shift, shift)
  .map(([turn, size, e, f]): Affine => turned(turn, size, e, f));
/** A turn, a scale, some stretch and shear, perhaps a mirror. */
const affines = fc
  .tuple(similarities, small, small, fc.boolean())
  .map(([m, stretch, shear, flip]): Affine => {
    const side = flip ? -1 : 1;
    return {
      ...m,
      a: side * m.a * (1 + stretch),
      b: side * m.b * (1 + stretch),
      c: m.c + shear * m.a,
      d: m.d + shear * m.b,
    };
  });

function turned(turn: number, size: number, e: number, f: number): Affine {
  const [c, s] = [Math.cos(turn) * size, Math.sin(turn) * size];
  return { a: c, b: s, c: -s, d: c, e, f };
}

function pairsBy(map: Affine, points: readonly Point[]): LandmarkPair[] {
  return points.map((main) => ({ main, other: apply(map, main.x, main.y) }));
}

function expectSame(found: Affine, true_: Affine): void {
  for (const { x, y } of SPREAD) {
    const [p, q] = [apply(found, x, y), apply(true_, x, y)];
    expect(Math.hypot(p.x - q.x, p.y - q.y)).toBeLessThan(1e-4);
  }
}

describe('alignment by landmarks', () => {
  it('finds a similarity from two pairs', () => {
    fc.assert(
      fc.property(similarities, (map) => {
        const found = alignmentOf(pairsBy(map, SPREAD.slice(0, 2)), MPP);
        expect(found.kind).toBe('similarity');
        expectSame(found.map, map);
      }),
    );
  });

  it('finds an affine map, mirrored or not, from three pairs and more', () => {
    fc.assert(
      fc.property(affines, fc.integer({ min: 3, max: 6 }), (map, count) => {
        const found = alignmentOf(pairsBy(map, SPREAD.slice(0, count)), MPP);
        expect(found.kind).toBe('affine');
        expectSame(found.map, map);
        expect(Math.max(...found.residuals)).toBeLessThan(1e-3);
      }),
    );
  });

  it('stays within the noise of the landmarks', () => {
    const noise = fc.array(fc.double({ min: -20, max: 20, noNaN: true }), {
      minLength: 12,
      maxLength: 12,
    });
    fc.assert(
      fc.property(affines, noise, (map, by) => {
        const pairs = pairsBy(map, SPREAD).map(({ main, other }, i) => ({
          main,
          other: { x: other.x + by[2 * i], y: other.y + by[2 * i + 1] },
        }));
        const { map: found, residuals } = alignmentOf(pairs, MPP);
        // Least squares: no map leaves less, the true one included.
        const truth = pairs.map(({ main, other }) => {
          const p = apply(map, main.x, main.y);
          return Math.hypot(p.x - other.x, p.y - other.y) * MPP;
        });
        expect(rms(residuals) ?? 0).toBeLessThanOrEqual((rms(truth) ?? 0) + 1e-6);
        const middle = apply(found, 22_000, 16_000);
        const wanted = apply(map, 22_000, 16_000);
        // A projection does not lengthen: the fit is off by no more than all the noise together.
        expect(Math.hypot(middle.x - wanted.x, middle.y - wanted.y)).toBeLessThan(
          Math.hypot(...by) + 1e-6,
        );
      }),
    );
  });

  it('tells residuals in um and how far each pair is from what the others say', () => {
    const pairs = pairsBy(turned(0.3, 1, 500, -200), SPREAD);
    pairs[2] = { ...pairs[2], other: { x: pairs[2].other.x + 400, y: pairs[2].other.y } };
    const { residuals, leftOut } = alignmentOf(pairs, MPP);
    // The other five are exact, so that without the wrong pair it is 400 px = 200 um off.
    expect(leftOut?.[2]).toBeCloseTo(200, 3);
    expect(residuals[2]).toBeGreaterThan(0);
    expect(residuals[2]).toBeLessThan(200);
  });

  it('has nothing to tell of left-out pairs where three pairs fix the map', () => {
    expect(alignmentOf(pairsBy(turned(0, 1, 0, 0), SPREAD.slice(0, 3)), MPP).leftOut).toBeNull();
  });

  it('says why a set of landmarks fixes no map', () => {
    const still = turned(0, 1, 0, 0);
    const line = [0, 1, 2, 3].map((i) => ({ x: 1000 * i, y: 500 * i }));
    expect(troubleOf([])).toContain('Two pairs');
    expect(troubleOf(pairsBy(still, SPREAD.slice(0, 1)))).toContain('Two pairs');
    expect(troubleOf(pairsBy(still, [SPREAD[0], SPREAD[0]]))).toContain('on top of one another');
    expect(troubleOf(pairsBy(still, line))).toContain('on one line');
    expect(troubleOf(pairsBy({ ...still, d: 0 }, SPREAD))).toContain('the other slide');
    expect(() => alignmentOf(pairsBy(still, line), MPP)).toThrow('on one line');
    expect(troubleOf(pairsBy(still, SPREAD))).toBeNull();
  });

  it('tells how much a map stretches, however it is turned', () => {
    fc.assert(
      fc.property(angle, angle, scale, scale, (first, last, p, q) => {
        const along = compose(turned(last, 1, 0, 0), { ...IDENTITY, a: p, d: -q });
        const { least, most } = stretchOf(compose(along, turned(first, 1, 0, 0)));
        expect(least).toBeCloseTo(Math.min(p, q), 6);
        expect(most).toBeCloseTo(Math.max(p, q), 6);
      }),
    );
  });

  it('leaves a pair out of the leave-one-out error where the rest lie on a line', () => {
    const points = [0, 1, 2].map((i) => ({ x: 9000 * i, y: 0 })).concat([{ x: 9000, y: 9000 }]);
    const { leftOut } = alignmentOf(pairsBy(turned(1, 2, 3, 4), points), MPP);
    expect(leftOut?.[3]).toBeNull();
    expect(leftOut?.[0]).toBeCloseTo(0, 3);
  });
});
