import { parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import { GeneNames } from '../../molecular/gene-names.ts';
import { promptOf } from '../../molecular/prompt.ts';
import {
  type FieldScores,
  fieldScoresCsv,
  fieldScoresParquet,
  scoreProvenance,
} from './field-scores.ts';

const column = (...values: number[]) => Float32Array.from(values);
const scores: FieldScores = {
  fields: Uint32Array.from([0, 7]),
  x: column(0, 448),
  y: column(896, 896),
  side: 448,
  rows: {
    predictor: column(1.5, -2),
    knn: column(3, 4),
    spread: column(0.5, 0.25),
    effective: column(16, 17),
    nearest: column(0.75, 0.5),
  },
};
const symbols = Array.from({ length: 30 }, (_, i) => `GENE${i}`);
const set = {
  name: 'mine',
  description: '',
  source: 'mine.gmt',
  genes: [...symbols.slice(0, 12), 'NO'],
};
const spectrum = {
  format: 'cytolens-spectrum/1' as const,
  trained: 'C',
  tested: 'B',
  spots: 1,
  sets: [],
};
const parity = { passed: true, error: 1e-6, tolerance: 0.005, outputs: [] };
const status = {
  id: 'molecular-c',
  name: 'm',
  role: 'alignment' as const,
  version: '1.0.0',
  provider: 'wasm' as const,
  dtype: 'float32',
  sha256: 'ab',
  runtime: 'r',
  parity,
  refused: [],
};
const provenance = scoreProvenance(
  '0.4.0',
  { id: 's', name: 'slide', mpp: 0.25 },
  { status, trained: ['C'], tested: ['B'], note: 'A hint.' },
  promptOf(set, new GeneNames(symbols), spectrum),
  null,
  new Date(0),
);

describe('scores of fields', () => {
  it('are a row a field in CSV, under their provenance', () => {
    const [first, header, ...rows] = fieldScoresCsv(scores, provenance).trimEnd().split('\n');
    const told = JSON.parse(first.slice(2));
    expect(told.model).toMatchObject({ id: 'molecular-c', sha256: 'ab', testedOn: ['B'] });
    expect(told.prompt).toMatchObject({ name: 'mine', source: 'mine.gmt', missing: ['NO'] });
    expect(told.prompt.genes).toHaveLength(12);
    expect(told.tested).toBeNull();
    expect(header.split(',').slice(0, 6)).toEqual([
      'field',
      'x_px',
      'y_px',
      'side_px',
      'predictor',
      'soft_knn',
    ]);
    expect(rows[1].split(',').map(Number)).toEqual([7, 448, 896, 448, -2, 4, 0.25, 17, 0.5]);
    expect(rows).toHaveLength(2);
  });

  it('are the same in Parquet', async () => {
    const file = fieldScoresParquet(scores, provenance);
    const rows = await parquetReadObjects({ file });
    expect(rows[0]).toEqual({
      field: 0,
      x_px: 0,
      y_px: 896,
      side_px: 448,
      predictor: 1.5,
      soft_knn: 3,
      soft_knn_sd: 0.5,
      effective_neighbours: 16,
      nearest_similarity: 0.75,
    });
    const { key_value_metadata } = await parquetMetadataAsync(file);
    expect(JSON.parse(key_value_metadata?.[0].value ?? '')).toEqual(
      JSON.parse(JSON.stringify(provenance)),
    );
  });
});
