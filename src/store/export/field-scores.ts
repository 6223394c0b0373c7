/** Scores of fields to a gene set, as CSV or Parquet: a row a field, with where it comes from. */
import { type ColumnSource, parquetWriteBuffer } from 'hyparquet-writer';
import type { ModelStatus } from '../../model/session.ts';
import type { RowScores } from '../../molecular/answer.ts';
import type { LibraryFacts } from '../../molecular/own/facts.ts';
import type { Prompt } from '../../molecular/prompt.ts';
import { modelFacts, NOTICE, type Provenance } from '../provenance.ts';

export interface FieldScores {
  /** Number of each field, its corner and side in level-0 px. */
  fields: Uint32Array;
  x: Float32Array;
  y: Float32Array;
  side: number;
  rows: RowScores;
}

/** Where the scores come from; no pixel and no path of this machine is in it. */
export interface ScoreProvenance {
  notice: string;
  cytolens: string;
  time: string;
  slide: { id: string; name: string; mpp: number };
  model: Provenance['models'][number] & {
    trainedOn: readonly string[];
    testedOn: readonly string[];
    note: string;
  };
  prompt: { name: string; source: string; genes: readonly string[]; missing: readonly string[] };
  /** What the held-out patient showed of the set; null for a set that was not tested. */
  tested: Prompt['tested'];
  /** The library of the user's own that soft-kNN answered from; null for the model's prototypes. */
  library: Pick<LibraryFacts, 'name' | 'samples' | 'sources' | 'listed'> | null;
  unit: string;
}

export function scoreProvenance(
  version: string,
  slide: ScoreProvenance['slide'],
  model: { status: ModelStatus; trained: string[]; tested: string[]; note: string },
  { set, symbols, match, tested }: Prompt,
  own: LibraryFacts | null,
  time: Date,
): ScoreProvenance {
  return {
    notice: NOTICE,
    cytolens: version,
    time: time.toISOString(),
    slide,
    model: {
      ...modelFacts(model.status),
      trainedOn: model.trained,
      testedOn: model.tested,
      note: model.note,
    },
    prompt: { name: set.name, source: set.source, genes: symbols, missing: match.missing },
    tested,
    library: own && pickFacts(own),
    unit: 'predicted ssGSEA, ranks; compare fields of one slide, not slides',
  };
}

function pickFacts({ name, samples, sources, listed }: LibraryFacts) {
  return { name, samples, sources, listed };
}

/** Columns in their order; corner and side are level-0 px, scores are ranks. */
function columnsOf({ fields, x, y, side, rows }: FieldScores) {
  return [
    { name: 'field', data: fields },
    { name: 'x_px', data: x },
    { name: 'y_px', data: y },
    { name: 'side_px', data: new Float32Array(fields.length).fill(side) },
    { name: 'predictor', data: rows.predictor },
    { name: 'soft_knn', data: rows.knn },
    { name: 'soft_knn_sd', data: rows.spread },
    { name: 'effective_neighbours', data: rows.effective },
    { name: 'nearest_similarity', data: rows.nearest },
  ];
}

/** RFC 4180, with the provenance above the header in a line that begins with '#'. */
export function fieldScoresCsv(scores: FieldScores, provenance: ScoreProvenance): string {
  const columns = columnsOf(scores);
  const lines = [`# ${JSON.stringify(provenance)}`, columns.map(({ name }) => name).join(',')];
  scores.fields.forEach((_, row) => {
    lines.push(columns.map(({ data }) => String(data[row])).join(','));
  });
  return `${lines.join('\n')}\n`;
}

/** With the provenance under the key `cytolens` of the footer. */
export function fieldScoresParquet(scores: FieldScores, provenance: ScoreProvenance): ArrayBuffer {
  const columnData: ColumnSource[] = columnsOf(scores).map(({ name, data }) =>
    data instanceof Uint32Array
      ? { name, data: Int32Array.from(data), type: 'INT32' }
      : { name, data, type: 'FLOAT' },
  );
  return parquetWriteBuffer({
    columnData,
    kvMetadata: [{ key: 'cytolens', value: JSON.stringify(provenance) }],
  });
}
