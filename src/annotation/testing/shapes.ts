/** Shapes and annotations for property tests. */
import fc from 'fast-check';
import type { Annotation } from '../annotation.ts';
import { boxOf, type Geometry, snap } from '../geometry.ts';

const coordinate = fc.double({ min: -500, max: 200_000, noNaN: true }).map(snap);
const side = fc.double({ min: 0.5, max: 5000, noNaN: true }).map(snap);
const points = (minLength: number, maxLength: number) =>
  fc.array(fc.tuple(coordinate, coordinate), { minLength, maxLength }).map((list) => list.flat());
const box = fc
  .tuple(coordinate, coordinate, side, side)
  .map(([x, y, w, h]) => boxOf({ x, y }, { x: x + w, y: y + h }));

/** Corners around a centre: a polygon that does not cross itself; five corners are no rectangle. */
const ring = fc
  .tuple(coordinate, coordinate, fc.array(side, { minLength: 5, maxLength: 30 }))
  .map(([x, y, radii]) =>
    radii.flatMap((radius, k) => {
      const turn = (2 * Math.PI * k) / radii.length;
      return [snap(x + (radius + 5) * Math.cos(turn)), snap(y + (radius + 5) * Math.sin(turn))];
    }),
  );

export const geometries: fc.Arbitrary<Geometry> = fc.oneof(
  points(1, 20).map((list): Geometry => ({ kind: 'points', points: list })),
  points(2, 20).map((list): Geometry => ({ kind: 'line', points: list })),
  points(3, 3).map((list): Geometry => ({ kind: 'angle', points: list })),
  box.map((rect): Geometry => ({ kind: 'rectangle', ...rect })),
  box.map((rect): Geometry => ({ kind: 'ellipse', ...rect })),
  fc
    .array(fc.array(ring, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 })
    .map((polygons): Geometry => ({ kind: 'polygons', polygons })),
);

const colour = fc
  .integer({ min: 0, max: 0xffffff })
  .map((n) => `#${n.toString(16).padStart(6, '0')}`);
const word = fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' });

export const annotations: fc.Arbitrary<Annotation> = fc
  .record({
    id: fc.uuid(),
    geometry: geometries,
    classification: fc.option(fc.record({ name: word, colour })),
    name: fc.option(word, { nil: '' }),
    note: fc.option(word, { nil: '' }),
    locked: fc.boolean(),
    measured: fc.boolean(),
  })
  .map(({ measured, ...rest }) => {
    const lined = ['points', 'line'].includes(rest.geometry.kind);
    // An angle is nothing else; an area is no measurement.
    const kind =
      rest.geometry.kind === 'angle' || (lined && measured) ? 'measurement' : 'annotation';
    return { ...rest, kind };
  });
