import { parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import { createCells, RAYS } from '../../core/cells.ts';
import type { Provenance } from '../provenance.ts';
import { testInput } from '../testing/export-input.ts';
import { exportParts } from './export.ts';
import { EXPORT_FORMATS, type ExportFormat } from './formats.ts';
import type { ExportInput } from './source.ts';
import { ByteText } from './text.ts';

async function bytesOf(format: ExportFormat, input: ExportInput): Promise<Uint8Array> {
  const blobs: Uint8Array<ArrayBuffer>[] = [];
  for await (const { bytes } of await exportParts(format, input)) blobs.push(bytes);
  return new Uint8Array(await new Blob(blobs).arrayBuffer());
}

const textOf = async (format: ExportFormat, input: ExportInput) =>
  new TextDecoder().decode(await bytesOf(format, input));

function oneCell(): ExportInput {
  const cells = createCells(1, 0.5);
  cells.count = 1;
  cells.x[0] = 1000;
  cells.y[0] = 2000;
  cells.radii.fill(20);
  cells.type[0] = 1;
  cells.confidence[0] = 255;
  cells.area[0] = 19.5;
  cells.contribution[0] = -0.25;
  return { ...testInput(0), cells, types: ['a', 'b, "c"'] };
}

describe('exports', () => {
  it('GeoJSON: a closed ring in level-0 px, a QuPath detection with class and values', async () => {
    const input = oneCell();
    const json = JSON.parse(await textOf('geojson', input));
    expect(json.cytolens).toEqual(input.provenance);
    const [{ geometry, properties }] = json.features;
    const [ring] = geometry.coordinates;
    expect(ring).toHaveLength(RAYS + 1);
    expect(ring[0]).toEqual([1010, 2000]);
    expect(ring[RAYS]).toEqual(ring[0]);
    expect(properties.objectType).toBe('detection');
    expect(properties.classification.name).toBe('b, "c"');
    expect(properties.classification.color).toHaveLength(3);
    for (const channel of properties.classification.color) {
      expect(Number.isInteger(channel) && channel >= 0 && channel <= 255).toBe(true);
    }
    expect(properties.measurements['Contribution (logit of its field)']).toBe(-0.25);
  });

  it('GeoJSON: a value that is no number is left out, as JSON has none', async () => {
    const input = oneCell();
    input.cells.attention[0] = Number.NaN;
    const [feature] = JSON.parse(await textOf('geojson', input)).features;
    expect(feature.properties.measurements).not.toHaveProperty('Attention');
    expect(feature.properties.measurements).toHaveProperty('Confidence', 1);
  });

  it('CSV: provenance, header, a row a cell, quotes where a name needs them', async () => {
    const input = oneCell();
    const [first, header, row, ...rest] = (await textOf('csv', input)).split('\n');
    expect(JSON.parse(first.slice(2))).toEqual(input.provenance);
    expect(header.split(',').slice(0, 4)).toEqual(['index', 'x_px', 'y_px', 'type']);
    expect(row).toBe('0,1000,2000,"b, ""c""",1,19.5,0,-0.25,0,0,0');
    expect(rest).toEqual(['']);
  });

  it('Parquet: rows, and provenance in the footer', async () => {
    const input = testInput(300);
    const file = (await bytesOf('parquet', input)).buffer as ArrayBuffer;
    const metadata = await parquetMetadataAsync(file);
    const value = (key: string) =>
      metadata.key_value_metadata?.find((entry) => entry.key === key)?.value;
    expect(JSON.parse(value('cytolens') ?? '')).toEqual(input.provenance);
    expect(Number(value('radius_unit_px'))).toBe(input.cells.radiusUnit);
    const rows = await parquetReadObjects({
      file,
      columns: ['x_px', 'type', 'contribution_logit'],
    });
    expect(rows).toHaveLength(300);
    expect(rows[7].x_px).toBe(input.cells.x[7]);
    expect(rows[7].type).toBe(input.types[input.cells.type[7]]);
    expect(rows[7].contribution_logit).toBe(input.cells.contribution[7]);
  });

  it.each(EXPORT_FORMATS.map(({ id }) => id))('%s: no cells is still a file', async (format) => {
    const bytes = await bytesOf(format, testInput(0));
    expect(bytes.length).toBeGreaterThan(100);
  });

  it.each(EXPORT_FORMATS.map(({ id }) => id))('%s: can be cancelled', async (format) => {
    const signal = AbortSignal.abort();
    const run = async () => {
      for await (const _ of await exportParts(format, testInput(50), signal));
    };
    await expect(run()).rejects.toMatchObject({ tag: 'cancelled' });
  });

  it('leaves nothing of the slide out of the provenance of any text format', async () => {
    const { provenance } = testInput(1);
    const { slide } = provenance satisfies Provenance;
    for (const format of ['geojson', 'csv'] as const) {
      expect(await textOf(format, testInput(1))).toContain(JSON.stringify(slide));
    }
  });
});

describe('ByteText', () => {
  it.each([
    [0, 2, '0'],
    [-0.001, 2, '0'],
    [1.005, 2, '1'],
    [-12.5, 2, '-12.5'],
    [99_999.999, 2, '100000'],
    [0.05, 2, '0.05'],
    [2_147_483_646, 0, '2147483646'],
    [2.71834, 4, '2.7183'],
  ] as const)('%d to %d decimals is %s', (value, digits, expected) => {
    const text = new ByteText();
    text.fixed(value, digits);
    expect(new TextDecoder().decode(text.take())).toBe(expected);
  });
});
