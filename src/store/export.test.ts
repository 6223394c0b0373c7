import { describe, expect, it } from 'vitest';
import { createCells } from '../core/cells.ts';
import { toCsv, toGeoJson } from './export.ts';
import type { Provenance } from './provenance.ts';

const provenance = { notice: 'Research use only.', models: [] } as unknown as Provenance;

function oneCell() {
  const cells = createCells(1, 0.5);
  cells.count = 1;
  cells.x[0] = 1000;
  cells.y[0] = 2000;
  cells.radii.fill(20);
  cells.type[0] = 1;
  cells.confidence[0] = 255;
  cells.area[0] = 19.5;
  cells.contribution[0] = -0.25;
  return cells;
}

describe('exports', () => {
  it('GeoJSON: a closed ring in level-0 px, class and values, provenance', () => {
    const json = JSON.parse(toGeoJson(oneCell(), ['a', 'b'], provenance));
    expect(json.cytolens).toEqual(provenance);
    const [{ geometry, properties }] = json.features;
    const [ring] = geometry.coordinates;
    expect(ring).toHaveLength(33);
    expect(ring[0]).toEqual([1010, 2000]);
    expect(ring[32]).toEqual(ring[0]);
    expect(properties.objectType).toBe('annotation');
    expect(properties.classification.name).toBe('b');
    expect(properties.measurements['Contribution (logit of its field)']).toBe(-0.25);
  });

  it('GeoJSON without cells is still GeoJSON', () => {
    expect(JSON.parse(toGeoJson(createCells(0, 1), [], provenance)).features).toEqual([]);
  });

  it('CSV: provenance, header, a row a cell', () => {
    const [first, header, row, ...rest] = toCsv(oneCell(), ['a', 'b'], provenance).split('\n');
    expect(JSON.parse(first.slice(2))).toEqual(provenance);
    const columns = header.split(',');
    const values = row.split(',');
    const at = (name: string) => values[columns.indexOf(name)];
    expect(at('x_px')).toBe('1000');
    expect(at('type')).toBe('b');
    expect(at('confidence')).toBe('1');
    expect(at('contribution_logit')).toBe('-0.25');
    expect(rest).toEqual(['']);
  });
});
