/**
 * Explaining what was analysed: a cell, cells like it, a region, two heads. What page and worker
 * say to each other; explain.worker.ts answers, one file of explain/ a question.
 */
import type { Rect } from '../core/geometry.ts';
import type { Call } from '../core/rpc.ts';
import type { CellExplanation } from './explain/cell.ts';
import type { HeadComparison } from './explain/compare.ts';
import type { RegionExplanation } from './explain/region.ts';
import type { SimilarCells } from './explain/similar.ts';
import type { CellWhatIf } from './explain/what-if.ts';

export type { CellExplanation } from './explain/cell.ts';
export type { HeadComparison } from './explain/compare.ts';
export type { Composition } from './explain/composition.ts';
export type { Deletion, DeletionOrder } from './explain/deletion.ts';
export type { RegionExplanation } from './explain/region.ts';
export type { SimilarCells } from './explain/similar.ts';
export type { CellWhatIf } from './explain/what-if.ts';

/** How far a call is, in fields. */
export interface ExplainProgress {
  done: number;
  total: number;
}

/** Calls throw `cancelled` when aborted, `model` when a head cannot run. */
export interface ExplainApi {
  /** Null when there is no such cell. */
  explain: Call<{ index: number }, CellExplanation | null>;
  /** The head asked again without the cell. Null when there is no such cell. */
  whatIf: Call<{ index: number }, CellWhatIf | null>;
  /** Null when the cell's tokens are not kept. */
  similarCells: Call<{ index: number; count: number }, SimilarCells | null, ExplainProgress>;
  /** `within`: level-0 px; null for all analysed fields. Throws `no-tissue` when none is in it. */
  explainRegion: Call<{ within: Rect | null }, RegionExplanation, ExplainProgress>;
  /** Null when some field's tokens are not kept. */
  compareHeads: Call<{ head: string }, HeadComparison | null, ExplainProgress>;
}
