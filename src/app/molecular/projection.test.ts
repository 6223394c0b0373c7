import { describe, expect, it } from 'vitest';
import { createCells } from '../../core/cells.ts';
import type { PromptAnswer } from '../../molecular/molecular.ts';
import { projected } from './projection.ts';

describe('projected', () => {
  it('gives every cell its field’s score less the slide’s mean, and none to other cells', () => {
    const cells = createCells(4, 1);
    cells.count = 4;
    cells.field.set([7, 3, 7, 5]);
    cells.contribution.set([0.1, 0.2, 0.3, 0.4]);
    const answer = {
      fields: Uint32Array.from([3, 7]),
      rows: { predictor: Float32Array.from([10, 30]), knn: Float32Array.from([1, 2]) },
      predictor: { mean: 20, interval: null },
      knn: { mean: 1.5, interval: null },
    } as unknown as PromptAnswer;
    expect([...projected(cells, answer, 'predictor').contribution]).toEqual([10, -10, 10, 0]);
    expect([...projected(cells, answer, 'knn').contribution]).toEqual([0.5, -0.5, 0.5, 0]);
    expect(cells.contribution[1]).toBeCloseTo(0.2);
  });
});
