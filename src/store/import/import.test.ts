import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CellTable, RAYS } from '../../core/cells.ts';
import { featuresOf } from '../../core/json-stream.ts';
import { exportParts } from '../export/export.ts';
import type { ExportFormat } from '../export/formats.ts';
import { RADIUS_UNIT, testInput } from '../testing/export-input.ts';
import type { SlideFrame } from './builder.ts';
import { type ReadOptions, readCells } from './import.ts';

const FRAME: SlideFrame = { width: 20_000, height: 20_000, mpp: 0.25, radiusUnit: RADIUS_UNIT };
const SQUARE = [
  [100, 100],
  [120, 100],
  [120, 120],
  [100, 120],
  [100, 100],
];

const read = (text: string, options?: ReadOptions) => readCells(new Blob([text]), FRAME, options);
const feature = (geometry: unknown, properties: unknown = {}) => ({
  type: 'Feature',
  geometry,
  properties,
});
const polygon = (ring: unknown) => feature({ type: 'Polygon', coordinates: [ring] });
const geojson = (features: unknown[]) => JSON.stringify({ type: 'FeatureCollection', features });

async function exported(format: ExportFormat, count: number): Promise<Blob> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for await (const { bytes } of await exportParts(format, testInput(count))) parts.push(bytes);
  return new Blob(parts);
}

describe('what was exported comes back', () => {
  it.each([
    ['geojson', 0.01],
    ['parquet', 0],
    ['csv', 0.01],
  ] as const)('%s: every cell, within %d px', async (format, precision) => {
    const { cells, types } = testInput(500);
    const back = await readCells(await exported(format, 500), FRAME);
    expect(back.report.cells).toBe(500);
    expect(back.report.prediction).toBe('Tumour');
    for (let i = 0; i < 500; i++) {
      expect(Math.abs(back.cells.x[i] - cells.x[i])).toBeLessThanOrEqual(precision);
      expect(Math.abs(back.cells.y[i] - cells.y[i])).toBeLessThanOrEqual(precision);
      expect(back.types[back.cells.type[i]]).toBe(types[cells.type[i]]);
      expect(back.cells.contribution[i]).toBe(cells.contribution[i]);
      expect(back.cells.attention[i]).toBe(cells.attention[i]);
      expect(back.cells.confidence[i]).toBe(cells.confidence[i]);
      expect(back.cells.field[i]).toBe(cells.field[i]);
    }
    // Only a table of text has no outlines: its circles have the cells' areas, in steps of a radius.
    if (format === 'csv') sameAreas(back.cells, cells);
    else expect(back.cells.radii.subarray(0, 500 * RAYS)).toEqual(cells.radii);
  });

  it('any outline of ours, wherever it lies, comes back from GeoJSON to the step', async () => {
    const cell = fc.record({
      x: fc.double({ min: 200, max: 19_800, noNaN: true }),
      y: fc.double({ min: 200, max: 19_800, noNaN: true }),
      radii: fc
        .uint8Array({ minLength: RAYS, maxLength: RAYS })
        .filter((radii) => radii[8] > 0 && radii.every((r) => r > 0)),
    });
    await fc.assert(
      fc.asyncProperty(cell, async ({ x, y, radii }) => {
        const input = testInput(1);
        input.cells.x[0] = x;
        input.cells.y[0] = y;
        input.cells.radii.set(radii);
        const parts: Uint8Array<ArrayBuffer>[] = [];
        for await (const part of await exportParts('geojson', input)) parts.push(part.bytes);
        const { cells } = await readCells(new Blob(parts), FRAME);
        expect([...cells.radii.subarray(0, RAYS)]).toEqual([...radii]);
        expect(Math.abs(cells.x[0] - input.cells.x[0])).toBeLessThanOrEqual(0.01);
      }),
      { numRuns: 60 },
    );
  });
});

function sameAreas(back: CellTable, cells: CellTable): void {
  for (let i = 0; i < cells.count; i++) {
    expect(Math.abs(back.area[i] - cells.area[i])).toBeLessThan(0.01);
  }
}

describe('GeoJSON of others', () => {
  it('a polygon: its centre, its area, its class', async () => {
    const { cells, types, report } = await read(
      geojson([
        feature(
          { type: 'Polygon', coordinates: [SQUARE] },
          { classification: { names: ['Tumor', 'Positive'] } },
        ),
      ]),
    );
    expect([cells.x[0], cells.y[0]]).toEqual([110, 110]);
    // 20 px of 0.25 um: 25 um2; 32 rays round the corners a little.
    expect(Math.abs(cells.area[0] - 25) / 25).toBeLessThan(0.05);
    expect(types).toEqual(['Tumor: Positive']);
    expect(report.meanAreaError).toBeLessThan(0.05);
    expect(report.approximated).toBe(0);
  });

  it('a plain list of features, and a single feature', async () => {
    expect((await read(JSON.stringify([polygon(SQUARE)]))).report.cells).toBe(1);
    expect((await read(JSON.stringify(polygon(SQUARE)))).report.cells).toBe(1);
  });

  it('texts that look like structure are texts, also across chunks of the file', async () => {
    const nasty = '}],"features":[{\\"\\\\ü';
    const text = JSON.stringify({
      note: nasty,
      features: [feature({ type: 'Polygon', coordinates: [SQUARE] }, { name: nasty })],
      after: [{ a: [nasty] }],
    });
    const bytes = new TextEncoder().encode(text);
    async function* byteByByte() {
      for (const byte of bytes) yield Uint8Array.of(byte);
    }
    const found: unknown[] = [];
    for await (const { features } of featuresOf(byteByByte())) found.push(...features);
    expect(found).toEqual([feature({ type: 'Polygon', coordinates: [SQUARE] }, { name: nasty })]);
  });

  it('of a MultiPolygon the largest part; heights are left away; both are counted', async () => {
    const small = SQUARE.map(([x, y]) => [x / 10, y / 10, 5]);
    const high = SQUARE.map(([x, y]) => [x, y, 5]);
    const { cells, report } = await read(
      geojson([feature({ type: 'MultiPolygon', coordinates: [[small], [high]] })]),
    );
    expect(cells.x[0]).toBe(110);
    expect(report).toMatchObject({ cells: 1, manyParts: 1, flattened: 1 });
  });

  it('a crescent cannot be a star: it is kept, inside itself, and counted', async () => {
    const ring: number[][] = [];
    for (let k = 0; k <= 40; k++) {
      const angle = (k / 40) * 1.6 * Math.PI;
      ring.push([500 + 40 * Math.cos(angle), 500 + 40 * Math.sin(angle)]);
    }
    for (let k = 40; k >= 0; k--) {
      const angle = (k / 40) * 1.6 * Math.PI;
      ring.push([500 + 32 * Math.cos(angle), 500 + 32 * Math.sin(angle)]);
    }
    const { report } = await read(geojson([polygon(ring), polygon(SQUARE)]));
    expect(report).toMatchObject({ cells: 2, approximated: 1 });
    expect(report.meanAreaError).toBeGreaterThan(0.05);
  });

  it('stars of any centre keep their area', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.double({ min: 20, max: 30, noNaN: true }), { minLength: 40, maxLength: 90 }),
        async (radii) => {
          const ring = radii.map((r, k) => {
            const angle = (2 * Math.PI * k) / radii.length;
            return [1000 + r * Math.cos(angle), 1000 + r * Math.sin(angle)];
          });
          const { report } = await read(geojson([polygon(ring)]));
          expect(report.meanAreaError).toBeLessThan(0.12);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('tables of places', () => {
  it('units from the header: um become px', async () => {
    const { cells, report } = await read('x_um,y_um,type,score\n10,20,A,0.5\n');
    expect([cells.x[0], cells.y[0]]).toEqual([40, 80]);
    expect(cells.contribution[0]).toBe(0.5);
    expect(report).toMatchObject({ points: true, value: 'score' });
  });

  it("QuPath's table of measurements, with tabs", async () => {
    const { cells, types } = await read(
      'Image\tClassification\tCentroid X µm\tCentroid Y µm\nslide\tTumor\t100\t50\n',
    );
    expect([cells.x[0], cells.y[0]]).toEqual([400, 200]);
    expect(types).toEqual(['Tumor']);
  });

  it('without a unit the user is asked, and then believed', async () => {
    await expect(read('x,y\n10,20\n')).rejects.toMatchObject({ tag: 'no-scale' });
    expect((await read('x,y\n10,20\n', { unit: 'px' })).cells.x[0]).toBe(10);
    expect((await read('x,y\n10,20\n', { unit: 'um' })).cells.x[0]).toBe(40);
  });

  it('quoted fields keep their commas', async () => {
    const { types } = await read('x_px,y_px,type\n1,2,"a, ""b"""\n');
    expect(types).toEqual(['a, "b"']);
  });

  it('a row without numbers is counted, the others are taken', async () => {
    const { report } = await read('x_px,y_px\n1,2\nNaN,3\n,4\n5,6\n');
    expect(report).toMatchObject({ read: 4, cells: 2, notNumbers: 2 });
  });
});

describe('files that cannot be shown', () => {
  const far = SQUARE.map(([x, y]) => [x + 50_000, y]);
  const region = SQUARE.map(([x, y]) => [x * 50, y * 50]);
  it.each([
    ['nothing', '', 'format', /empty/],
    ['wrong JSON', '{"features":[{"type" "Feature"}]}', 'format', /not valid JSON/],
    ['cut JSON', '{"features":[{"type":"Fea', 'truncated', /ends in the middle/],
    ['other JSON', '{"type":"Topology","objects":{}}', 'format', /no list of features/],
    ['no features', geojson([]), 'format', /no cells/],
    [
      'points only',
      geojson([feature({ type: 'Point', coordinates: [1, 2] })]),
      'format',
      /no polygons/,
    ],
    ['no geometry', geojson([feature(null)]), 'format', /no polygons/],
    ['another slide', geojson([polygon(far)]), 'format', /outside of this slide/],
    ['regions', geojson([polygon(region)]), 'format', /larger than a cell/],
    ['no numbers', geojson([polygon(SQUARE.map(() => [null, 'x']))]), 'format', /not numbers/],
    ['a table without places', 'name,age\nx,3\n', 'format', /columns for the place/],
    ['packed', 'PK\u0003\u0004abc', 'unsupported', /Unpack/],
    ['broken Parquet', 'PAR1nonsensePAR1', 'format', /Parquet/],
  ])('%s: a sentence', async (_, text, tag, sentence) => {
    await expect(read(text)).rejects.toMatchObject({
      tag,
      message: expect.stringMatching(sentence),
    });
  });

  it('cancelled: stops', async () => {
    const signal = AbortSignal.abort();
    await expect(read(geojson([polygon(SQUARE)]), { signal })).rejects.toMatchObject({
      tag: 'cancelled',
    });
  });

  it('some outside, some not: those inside are taken, the others counted', async () => {
    const { report } = await read(geojson([polygon(SQUARE), polygon(far)]));
    expect(report).toMatchObject({ read: 2, cells: 1, outside: 1 });
  });
});
