/** Cells coloured by the score of their field: a cell has no score of its own. */
import type { CellTable } from '../../core/cells.ts';
import type { PromptAnswer } from '../../molecular/molecular.ts';
import { caveatOf, type Prompt, readableName, UNVALIDATED } from '../../molecular/prompt.ts';

type Which = 'predictor' | 'knn';

/** The same cells; in the place of their contribution, their field's score less the slide's mean. */
export function projected(cells: CellTable, answer: PromptAnswer, which: Which): CellTable {
  const { mean } = answer[which];
  const ofField = new Map(Array.from(answer.fields, (id, i) => [id, answer.rows[which][i] - mean]));
  const contribution = Float32Array.from(
    { length: cells.count },
    (_, i) => ofField.get(cells.field[i]) ?? 0,
  );
  return { ...cells, contribution };
}

/** What the legend says meanwhile. */
export function projectionLegend(prompt: Prompt, which: Which, library: string | null) {
  const caveat = caveatOf(prompt, which, library);
  return {
    title: `${readableName(prompt.set.name)}, ${UNVALIDATED}`,
    unit: `score of the cell’s field − slide mean, ranks${caveat ? ` · ${caveat}` : ''}`,
    ends: ['lower', 'higher'],
  } as const;
}
