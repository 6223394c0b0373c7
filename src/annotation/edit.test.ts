import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createAnnotation } from './annotation.ts';
import {
  distanceTo,
  handlesOf,
  pickAt,
  withCornerAt,
  withHandleAt,
  withoutHandle,
} from './edit.ts';
import type { Geometry } from './geometry.ts';
import { geometries } from './testing/shapes.ts';

const RING: Geometry = {
  kind: 'polygons',
  polygons: [
    [
      [0, 0, 100, 0, 100, 100, 0, 100],
      [25, 25, 75, 25, 75, 75, 25, 75],
    ],
  ],
};

describe('handles', () => {
  test('a handle moved is where it was put, and the others stay', () => {
    const lists = geometries.filter((g) => g.kind !== 'rectangle' && g.kind !== 'ellipse');
    fc.assert(
      fc.property(lists, fc.nat(), (geometry, n) => {
        const before = handlesOf(geometry);
        const at = n % before.length;
        const after = handlesOf(withHandleAt(geometry, at, { x: -7, y: 9 }));
        expect(after).toEqual(before.map((p, i) => (i === at ? { x: -7, y: 9 } : p)));
      }),
    );
  });

  test('a box keeps the corner across, also when it is pulled through it', () => {
    const box: Geometry = { kind: 'ellipse', x: 10, y: 10, w: 20, h: 20 };
    expect(withHandleAt(box, 4, { x: 50, y: 15 })).toEqual({ ...box, w: 40, h: 5 });
    expect(withHandleAt(box, 4, { x: 0, y: 0 })).toEqual({ ...box, x: 0, y: 0, w: 10, h: 10 });
    expect(withHandleAt(box, 1, { x: 99, y: 20 })).toEqual({ ...box, y: 20, h: 10 });
  });

  test('a corner is added on the nearest edge, of a hole too, and can be taken away again', () => {
    const added = withCornerAt(RING, { x: 50, y: 26 }, 5);
    expect(added?.handle).toBe(5);
    expect(handlesOf(added?.geometry ?? RING)[5]).toEqual({ x: 50, y: 26 });
    expect(added && withoutHandle(added.geometry, added.handle)).toEqual(RING);
    expect(withCornerAt(RING, { x: 50, y: 50 }, 5)).toBeNull();
    const triangle: Geometry = { kind: 'polygons', polygons: [[[0, 0, 5, 0, 5, 5]]] };
    expect(withoutHandle(triangle, 1)).toEqual(triangle);
  });
});

describe('picking', () => {
  test('inside of an area is at it; in its hole is not', () => {
    expect(distanceTo(RING, { x: 10, y: 50 })).toBe(0);
    expect(distanceTo(RING, { x: 50, y: 50 })).toBe(25);
    expect(distanceTo({ kind: 'points', points: [0, 0, 3, 4] }, { x: 3, y: 8 })).toBe(4);
  });

  test('lines before areas, small areas before large ones', () => {
    const line = createAnnotation({ kind: 'line', points: [0, 50, 20, 50] });
    const small = createAnnotation({ kind: 'rectangle', x: 0, y: 40, w: 20, h: 20 });
    const large = createAnnotation(RING);
    const all = [small, line, large];
    expect(pickAt(all, { x: 10, y: 51 }, 2)).toBe(line);
    expect(pickAt(all, { x: 10, y: 57 }, 2)).toBe(small);
    expect(pickAt(all, { x: 10, y: 80 }, 2)).toBe(large);
    expect(pickAt(all, { x: 50, y: 50 }, 2)).toBeNull();
  });
});
