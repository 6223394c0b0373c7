import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { insidePolygon } from '../core/geometry.ts';
import { createAnnotation } from './annotation.ts';
import { simplify, subtract, sweep, union } from './brush.ts';
import {
  angleOf,
  areaOf,
  boundsOf,
  type Geometry,
  isArea,
  lengthOf,
  moved,
  polygonsOf,
} from './geometry.ts';
import { History } from './history.ts';
import { insideAny, insideOf } from './inside.ts';
import { mainMeasure, measure } from './measure.ts';
import { geometries } from './testing/shapes.ts';

const SQUARE: Geometry = { kind: 'rectangle', x: 100, y: 200, w: 400, h: 300 };
const RING: Geometry = {
  kind: 'polygons',
  polygons: [
    [
      [0, 0, 100, 0, 100, 100, 0, 100],
      [25, 25, 75, 25, 75, 75, 25, 75],
    ],
  ],
};

describe('sizes', () => {
  test('of known shapes', () => {
    expect(areaOf(SQUARE)).toBe(120_000);
    expect(lengthOf(SQUARE)).toBe(1400);
    expect(areaOf(RING)).toBe(7500);
    expect(lengthOf(RING)).toBe(600);
    const circle: Geometry = { kind: 'ellipse', x: 0, y: 0, w: 20, h: 20 };
    expect(areaOf(circle)).toBeCloseTo(Math.PI * 100, 9);
    expect(lengthOf(circle)).toBeCloseTo(Math.PI * 20, 9);
    expect(lengthOf({ kind: 'line', points: [0, 0, 3, 4, 3, 10] })).toBe(11);
    expect(angleOf({ kind: 'angle', points: [10, 0, 0, 0, 0, 5] })).toBeCloseTo(90, 9);
    expect(angleOf({ kind: 'angle', points: [10, 0, 0, 0, -10, 10] })).toBeCloseTo(135, 9);
    expect(angleOf({ kind: 'angle', points: [1, 1, 1, 1, 2, 2] })).toBeNull();
  });

  test('in um with a scale, in px without one, and the unit says which', () => {
    expect(measure(SQUARE, 0.5)).toMatchObject({ area: 30_000, length: 700, unit: 'um' });
    expect(measure(SQUARE, null)).toMatchObject({ area: 120_000, unit: 'px' });
    const say = (geometry: Geometry, mpp: number | null) => mainMeasure({ geometry }, mpp);
    expect(say(SQUARE, 0.5)).toBe('30,000 µm²');
    expect(say(SQUARE, 2)).toBe('0.48 mm²');
    expect(say(SQUARE, null)).toBe('120,000 px²');
    expect(say({ kind: 'line', points: [0, 0, 0, 512] }, 0.25)).toBe('128 µm');
    expect(say({ kind: 'line', points: [0, 0, 0, 512] }, null)).toBe('512 px');
    expect(say({ kind: 'angle', points: [10, 0, 0, 0, 0, 5] }, null)).toBe('90.0°');
    expect(say({ kind: 'points', points: [1, 2, 3, 4] }, 0.25)).toBe('2 points');
  });

  test('moving changes the place alone', () => {
    fc.assert(
      fc.property(geometries, fc.integer(), fc.integer(), (geometry, dx, dy) => {
        const [far, home] = [moved(geometry, dx % 5000, dy % 5000), geometry];
        expect(lengthOf(far)).toBeCloseTo(lengthOf(home), 2);
        expect(boundsOf(far).x).toBeCloseTo(boundsOf(home).x + (dx % 5000), 2);
        expect(boundsOf(far).h).toBeCloseTo(boundsOf(home).h, 2);
      }),
    );
  });
});

describe('inside', () => {
  test('is the even-odd rule of every polygon, by whatever strip', () => {
    fc.assert(
      fc.property(
        geometries.filter((g) => g.kind === 'polygons'),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (geometry, u, v) => {
          const { x, y, w, h } = boundsOf(geometry);
          const [px, py] = [x + u * w, y + v * h];
          const expected = polygonsOf(geometry).some(
            (rings) => rings.filter((ring) => insidePolygon(ring, px, py)).length % 2 === 1,
          );
          expect(insideOf(geometry)(px, py)).toBe(expected);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('a hole is outside; lines and points hold nothing; several areas hold what each holds', () => {
    expect(insideOf(RING)(10, 50)).toBe(true);
    expect(insideOf(RING)(50, 50)).toBe(false);
    const both = insideAny([RING, SQUARE, { kind: 'line', points: [0, 0, 900, 900] }]);
    expect([both(10, 50), both(150, 250), both(50, 50), both(800, 800)]).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});

describe('brush', () => {
  const stroke = fc
    .array(fc.tuple(fc.integer({ min: 0, max: 2000 }), fc.integer({ min: 0, max: 2000 })), {
      minLength: 1,
      maxLength: 12,
    })
    .map((points) => points.flat());

  test('covers the stroke and stays within a radius of it', () => {
    fc.assert(
      fc.property(stroke, fc.integer({ min: 4, max: 200 }), (points, radius) => {
        const painted: Geometry = { kind: 'polygons', polygons: sweep(points, radius) };
        const inside = insideOf(painted);
        for (let i = 0; i < points.length; i += 2) {
          expect(inside(points[i], points[i + 1])).toBe(true);
        }
        const box = boundsOf(painted);
        const line = boundsOf({ kind: 'line', points });
        expect(box.x).toBeGreaterThan(line.x - 1.2 * radius);
        expect(box.w).toBeLessThan(line.w + 2.4 * radius);
      }),
      { numRuns: 60 },
    );
  });

  test('a dab has the area of its disc', () => {
    expect(areaOf({ kind: 'polygons', polygons: sweep([50, 50], 100) })).toBeCloseTo(
      Math.PI * 1e4,
      -2,
    );
  });

  test('what is added and cut away again leaves the shape without the stroke', () => {
    fc.assert(
      fc.property(stroke, fc.integer({ min: 10, max: 100 }), (points, radius) => {
        const painted = sweep(points, radius);
        const more = union(SQUARE, painted);
        const less = subtract(more, painted);
        const own = areaOf({ kind: 'polygons', polygons: painted });
        expect(areaOf(more)).toBeLessThanOrEqual(areaOf(SQUARE) + own + 1);
        expect(areaOf(more)).toBeGreaterThanOrEqual(Math.max(areaOf(SQUARE), own) - 1);
        expect(areaOf(less)).toBeCloseTo(areaOf(subtract(SQUARE, painted)), -2);
      }),
      { numRuns: 40 },
    );
    expect(subtract(SQUARE, polygonsOf(SQUARE))).toEqual({ kind: 'polygons', polygons: [] });
  });

  test('a simplified line keeps its ends and strays no further than it may', () => {
    fc.assert(
      fc.property(stroke, fc.integer({ min: 1, max: 200 }), (points, tolerance) => {
        const less = simplify(points, tolerance);
        expect(less.slice(0, 2)).toEqual(points.slice(0, 2));
        expect(less.slice(-2)).toEqual(points.slice(-2));
        const near = insideOf({ kind: 'polygons', polygons: sweep(less, 1.3 * tolerance + 1) });
        for (let i = 0; i < points.length; i += 2) {
          expect(near(points[i], points[i + 1])).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('history', () => {
  test('undo and redo walk over the states in order, whatever was done', () => {
    const steps = fc.array(fc.oneof(fc.constant('undo'), fc.constant('redo'), fc.integer()));
    fc.assert(
      fc.property(steps, (list) => {
        const history = new History<number>();
        const states = [history.present];
        let at = 0;
        for (const step of list) {
          if (step === 'undo') {
            history.undo();
            at = Math.max(0, at - 1);
          } else if (step === 'redo') {
            history.redo();
            at = Math.min(states.length - 1, at + 1);
          } else {
            const next = [...history.present, Number(step)];
            history.push(next);
            states.splice(++at, Infinity, next);
          }
          expect(history.present).toBe(states[at]);
          expect([history.canUndo, history.canRedo]).toEqual([at > 0, at < states.length - 1]);
        }
      }),
    );
  });

  test('200 steps are kept, fewer of very long lists', () => {
    const count = (history: History<unknown>) => {
      let steps = 0;
      for (; history.canUndo; steps++) history.undo();
      return steps;
    };
    const short = new History<number>();
    for (let i = 0; i < 300; i++) short.push([i]);
    expect(count(short)).toBe(200);
    const long = new History<number>();
    for (let i = 0; i < 50; i++) long.push(new Array(200_000).fill(i));
    expect(count(long)).toBe(20);
  });
});

test('every shape that is made has an id of its own and coordinates as files hold them', () => {
  fc.assert(
    fc.property(geometries.filter(isArea), (geometry) => {
      const [one, other] = [
        createAnnotation(moved(geometry, 0.123456, 0)),
        createAnnotation(SQUARE),
      ];
      expect(one.id).not.toBe(other.id);
      const { x } = boundsOf(one.geometry);
      expect(Math.abs(x * 100 - Math.round(x * 100))).toBeLessThan(1e-4);
    }),
  );
});
