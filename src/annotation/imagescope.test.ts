import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { areaOf } from './geometry.ts';
import { looksLikeImageScope, readImageScope } from './imagescope.ts';

const vertices = (...points: number[][]) =>
  `<Vertices>${points.map(([x, y]) => `<Vertex X="${x}" Y="${y}" Z="0"/>`).join('')}</Vertices>`;
const region = (type: number, points: number[][], more = '') =>
  `<Region Id="1" Type="${type}" Text="note &amp; more" ${more}>${vertices(...points)}</Region>`;
const layer = (regions: string, name = 'Tumour', colour = 65280) =>
  `<Annotation Id="1" Name="${name}" LineColor="${colour}"><Regions>${regions}</Regions></Annotation>`;
const file = (layers: string) =>
  `<?xml version="1.0"?><Annotations MicronsPerPixel="0.25">${layers}</Annotations>`;

const BOX = [
  [100, 100],
  [300, 100],
  [300, 200],
  [100, 200],
];
const HOLE = [
  [150, 120],
  [200, 120],
  [200, 180],
  [150, 180],
];

describe('ImageScope XML', () => {
  test('every type of region becomes its shape', () => {
    const types = [
      region(0, [...BOX, [80, 150]]),
      region(1, BOX),
      region(2, [BOX[0], BOX[2]]),
      region(3, [BOX[0], BOX[2]]),
      region(4, [BOX[0], BOX[1]]),
      region(5, BOX),
    ];
    const { annotations, skipped } = readImageScope(file(layer(types.join(''))));
    expect(skipped).toBe(0);
    expect(annotations.map(({ kind, geometry }) => [kind, geometry.kind])).toEqual([
      ['annotation', 'polygons'],
      ['annotation', 'rectangle'],
      ['annotation', 'ellipse'],
      ['annotation', 'line'],
      ['measurement', 'line'],
      ['annotation', 'points'],
    ]);
    expect(annotations[2].geometry).toEqual({ kind: 'ellipse', x: 100, y: 100, w: 200, h: 100 });
    expect(annotations[0].name).toBe('note & more');
  });

  test('a colour is blue, green, red from the top; a layer without a name is no class', () => {
    const red = readImageScope(file(layer(region(1, BOX), 'A', 255))).annotations[0];
    expect(red.classification).toEqual({ name: 'A', colour: '#ff0000' });
    const blue = readImageScope(file(layer(region(1, BOX), 'A', 0xff0000))).annotations[0];
    expect(blue.classification?.colour).toBe('#0000ff');
    expect(
      readImageScope(file(layer(region(1, BOX), ''))).annotations[0].classification,
    ).toBeNull();
  });

  test('a negative region is cut from the areas of its layer and from no other', () => {
    const text = file(
      layer(region(1, BOX) + region(0, HOLE, 'NegativeROA="1"')) + layer(region(1, BOX), 'Stroma'),
    );
    const { annotations } = readImageScope(text);
    expect(annotations.map(({ geometry }) => areaOf(geometry))).toEqual([17_000, 20_000]);
  });

  test('regions without a shape are counted', () => {
    const text = file(layer(region(0, []) + region(0, [[1, Number.NaN]]) + region(4, BOX)));
    expect(readImageScope(text)).toMatchObject({ skipped: 2, annotations: [{}] });
  });

  test('thousands of regions and escaped signs are read', () => {
    const many = Array.from({ length: 5000 }, () => region(1, BOX)).join('');
    expect(readImageScope(file(layer(many))).annotations).toHaveLength(5000);
  });

  test('hostile and other files are refused in a sentence', () => {
    const bomb = `<!DOCTYPE a [<!ENTITY b "bbbbbbbb"><!ENTITY c "&b;&b;&b;">]>${file(layer(region(1, BOX), '&c;'))}`;
    const external = `<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>${file('')}`;
    const deep = '<a>'.repeat(100_000);
    for (const text of [bomb, external, deep, file('').slice(0, 60), '', 'hello', '<svg/>']) {
      expect(() => readImageScope(text), text.slice(0, 40)).toThrow(
        expect.objectContaining({ tag: 'format' }),
      );
    }
    expect(looksLikeImageScope(file(''))).toBe(true);
    expect(looksLikeImageScope('<svg/>')).toBe(false);
  });

  test('a file that was changed anywhere is read or refused, never a crash', () => {
    const whole = file(layer(region(1, BOX) + region(4, BOX)));
    fc.assert(
      fc.property(fc.nat(whole.length), fc.nat(20), fc.string(), (at, drop, put) => {
        try {
          readImageScope(whole.slice(0, at) + put + whole.slice(at + drop));
        } catch (error) {
          expect(error).toMatchObject({ tag: expect.stringMatching(/format|internal/) });
        }
      }),
      { numRuns: 300 },
    );
  });
});
