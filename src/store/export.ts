/** Cells out of Cytolens: GeoJSON as QuPath reads it, and CSV. Both begin with their provenance. */
import { type CellTable, outline, RAYS } from '../core/cells.ts';
import type { Provenance } from './provenance.ts';

export type ExportFormat = 'geojson' | 'csv';

/** A feature a cell; coordinates in level-0 px, two decimals (1/100 px). */
export function toGeoJson(
  cells: CellTable,
  types: readonly string[],
  provenance: Provenance,
): string {
  const features: string[] = [];
  const points = new Float64Array(2 * RAYS);
  for (let i = 0; i < cells.count; i++) {
    outline(cells, i, points);
    const ring: [number, number][] = [];
    for (let k = 0; k <= RAYS; k++) {
      const p = (k % RAYS) * 2;
      ring.push([round(points[p], 2), round(points[p + 1], 2)]);
    }
    features.push(
      JSON.stringify({
        type: 'Feature',
        geometry: { type: 'Polygon', coordinates: [ring] },
        properties: {
          objectType: 'annotation',
          classification: { name: types[cells.type[i]] },
          isLocked: false,
          measurements: measurements(cells, i),
        },
      }),
    );
  }
  const head = JSON.stringify({ type: 'FeatureCollection', cytolens: provenance }).slice(0, -1);
  return `${head},"features":[${features.join(',\n')}]}`;
}

const CSV_COLUMNS = [
  'index',
  'field',
  'x_px',
  'y_px',
  'type',
  'confidence',
  'area_um2',
  'attention',
  'contribution_logit',
  'purity',
  'tokens',
] as const;

/** A row a cell. Provenance stands above the header in lines that begin with '#'. */
export function toCsv(cells: CellTable, types: readonly string[], provenance: Provenance): string {
  const lines = [`# ${JSON.stringify(provenance)}`, CSV_COLUMNS.join(',')];
  for (let i = 0; i < cells.count; i++) {
    lines.push(
      [
        i,
        cells.field[i],
        round(cells.x[i], 2),
        round(cells.y[i], 2),
        types[cells.type[i]],
        round(cells.confidence[i] / 255, 3),
        round(cells.area[i], 2),
        cells.attention[i],
        cells.contribution[i],
        round(cells.purity[i], 4),
        cells.tokens[i],
      ].join(','),
    );
  }
  return `${lines.join('\n')}\n`;
}

function measurements(cells: CellTable, i: number): Record<string, number> {
  return {
    Confidence: round(cells.confidence[i] / 255, 3),
    'Area um^2': round(cells.area[i], 2),
    Attention: cells.attention[i],
    'Contribution (logit of its field)': cells.contribution[i],
    Purity: round(cells.purity[i], 4),
    'Tokens touched': cells.tokens[i],
    Field: cells.field[i],
  };
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
