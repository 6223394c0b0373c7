import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Annotation } from './annotation.ts';
import { annotationParts, featureOf } from './geojson.ts';
import { annotationFrom, peekAtFeatures, readAnnotations } from './read-geojson.ts';
import { annotations } from './testing/shapes.ts';

async function written(list: readonly Annotation[]): Promise<Blob> {
  const parts: string[] = [];
  for await (const part of annotationParts(list, { cytolens: '0' })) parts.push(part);
  return new Blob(parts);
}
const file = (value: unknown) => new Blob([JSON.stringify(value)]);
const feature = (geometry: unknown, properties: unknown = {}, id?: string) => ({
  type: 'Feature',
  id,
  geometry,
  properties,
});
const SQUARE = [
  [10, 20],
  [40, 20],
  [40, 60],
  [10, 60],
  [10, 20],
];
const polygon = (rings: unknown = [SQUARE]) => ({ type: 'Polygon', coordinates: rings });

describe('annotations as GeoJSON', () => {
  test('what is written is read back as it was', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(annotations, { selector: (a) => a.id }), async (list) => {
        const { annotations: read, cells, skipped } = await readAnnotations(await written(list));
        expect(read).toEqual(list);
        expect([cells, skipped]).toEqual([0, 0]);
      }),
      { numRuns: 60 },
    );
  });

  test('a feature has what QuPath asks for, and nothing that it stumbles over', () => {
    fc.assert(
      fc.property(annotations, (annotation) => {
        const { id, geometry, properties } = JSON.parse(JSON.stringify(featureOf(annotation)));
        expect(id).toBe(annotation.id);
        expect(properties.objectType).toBe('annotation');
        // Gson throws on the text of a null, and locked is written only when true.
        for (const name of ['name', 'isLocked', 'classification', 'metadata']) {
          if (name in properties) expect(properties[name]).toBeTruthy();
        }
        expect(properties.isLocked ?? false).toBe(annotation.locked);
        if (annotation.classification) {
          const { name, color } = properties.classification;
          expect(name).toBe(annotation.classification.name);
          expect(color.every((v: number) => Number.isInteger(v) && v >= 0 && v < 256)).toBe(true);
          expect(color).toHaveLength(3);
        }
        for (const value of Object.values(properties.metadata ?? {})) {
          expect(typeof value).toBe('string');
        }
        const rings =
          geometry.type === 'Polygon'
            ? geometry.coordinates
            : geometry.type === 'MultiPolygon'
              ? geometry.coordinates.flat()
              : [];
        // JTS takes no ring that is open or has fewer than four positions.
        for (const ring of rings) {
          expect(ring.length).toBeGreaterThanOrEqual(4);
          expect(ring.at(-1)).toEqual(ring[0]);
        }
        if (annotation.geometry.kind === 'ellipse') {
          const { x, y, w, h } = annotation.geometry;
          const xs = rings[0].map(([px]: number[]) => px);
          const ys = rings[0].map(([, py]: number[]) => py);
          expect(geometry.isEllipse).toBe(true);
          expect(Math.min(...xs)).toBeCloseTo(x, 6);
          expect(Math.max(...xs)).toBeCloseTo(x + w, 6);
          expect(Math.min(...ys)).toBeCloseTo(y, 6);
          expect(Math.max(...ys)).toBeCloseTo(y + h, 6);
        }
      }),
    );
  });

  test('QuPath 0.5: class with a colour, lock, name, description, plane, measurements', () => {
    const said = feature(
      { ...polygon(), plane: { c: -1, z: 2, t: 0 } },
      {
        objectType: 'annotation',
        name: 'Gland',
        color: [1, 2, 3],
        classification: { name: 'Tumor', color: [200, 0, 0] },
        isLocked: true,
        measurements: { 'Area µm^2': 75 },
        metadata: { ANNOTATION_DESCRIPTION: 'see the border', Reader: 'A' },
      },
      '3b0c9d5e-7a44-4c1e-8a51-0f7f0a3f9c11',
    );
    const read = annotationFrom(said);
    expect(read).toMatchObject({
      id: said.id,
      geometry: { kind: 'rectangle', x: 10, y: 20, w: 30, h: 40 },
      classification: { name: 'Tumor', colour: '#c80000' },
      name: 'Gland',
      note: 'see the border',
      locked: true,
    });
    // Written again, nothing of it is lost.
    expect(read && JSON.parse(JSON.stringify(featureOf(read)))).toEqual(said);
  });

  test('older files: a packed colour, the type as id, no type at all', () => {
    const packed = { name: 'Stroma', colorRGB: -3670016 };
    const old = annotationFrom(feature(polygon(), { classification: packed }));
    expect(old?.classification).toEqual({ name: 'Stroma', colour: '#c80000' });
    const typed = annotationFrom(feature(polygon(), {}, 'PathAnnotationObject'));
    expect(typed?.id).toMatch(/^[0-9a-f-]{36}$/);
    const derived = { classification: { names: ['Tumor', 'Positive'] } };
    expect(annotationFrom(feature(polygon(), derived))?.classification?.name).toBe(
      'Tumor: Positive',
    );
  });

  test('a polygon with a hole, of five corners, or turned is no rectangle', () => {
    const hole = SQUARE.map(([x, y]) => [x / 4 + 15, y / 4 + 20]);
    const turned = SQUARE.map(([x, y]) => [x - y, x + y]);
    for (const rings of [[SQUARE, hole], [turned], [[...SQUARE.slice(0, 4), [5, 40], [10, 20]]]]) {
      expect(annotationFrom(feature(polygon(rings)))?.geometry.kind).toBe('polygons');
    }
  });

  test('cells are left to the reader of cells, and are told by the first features', async () => {
    const cell = feature(polygon(), { objectType: 'detection' });
    const area = feature(polygon(), { objectType: 'annotation' });
    const line = feature({ type: 'LineString', coordinates: SQUARE });
    const mixed = file({ type: 'FeatureCollection', features: [cell, area, line] });
    expect(await peekAtFeatures(mixed)).toEqual({ annotations: 2, cells: 1 });
    const { annotations: read, cells } = await readAnnotations(mixed);
    expect(read.map(({ geometry }) => geometry.kind)).toEqual(['rectangle', 'line']);
    expect(cells).toBe(1);
  });

  test('two features of one id become two annotations of their own', async () => {
    const id = '3b0c9d5e-7a44-4c1e-8a51-0f7f0a3f9c11';
    const { annotations: read } = await readAnnotations(
      file([feature(polygon(), {}, id), feature(polygon(), {}, id)]),
    );
    expect(new Set(read.map((a) => a.id)).size).toBe(2);
    expect(read[0].id).toBe(id);
  });

  test('shapes that cannot be drawn are counted and left out; none of them throws', async () => {
    const bad: unknown[] = [
      feature(null),
      feature(7),
      feature({ type: 'GeometryCollection', geometries: [] }),
      feature({ type: 'Point', coordinates: ['a', 1] }),
      feature({ type: 'LineString', coordinates: [[1, 1]] }),
      feature(polygon([])),
      feature(polygon([[[1, 1]]])),
      feature(
        polygon([
          [
            [1e300, 1],
            [2, 2],
            [3, 1],
          ],
        ]),
      ),
      feature({ type: 'MultiPolygon', coordinates: [] }),
      feature({ type: 'Polygon' }),
    ];
    const { annotations: read, skipped } = await readAnnotations(file(bad));
    expect(read).toEqual([]);
    expect(skipped).toBe(bad.length);
    await fc.assert(
      fc.asyncProperty(fc.json(), async (coordinates) => {
        const shape = { type: 'MultiPolygon', coordinates: JSON.parse(coordinates) };
        const found = await readAnnotations(file([feature(shape)]));
        expect(found.annotations.length + found.skipped).toBe(1);
      }),
    );
  });

  test('what is not JSON, or ends early, is said in a sentence', async () => {
    await expect(readAnnotations(new Blob(['hello']))).rejects.toMatchObject({ tag: 'format' });
    const whole = await (await written([])).text();
    await expect(readAnnotations(new Blob([whole.slice(0, 40)]))).rejects.toMatchObject({
      tag: 'truncated',
    });
  });
});
