/** What is being explained: the selected cell, cells like it, a region, two heads. */
import type {
  CellWhatIf,
  Composition,
  Deletion,
  HeadComparison,
  SimilarCells,
} from '../analysis/explain.ts';
import type { TopCells } from './top-cells.ts';

/** Cells found to be like a cell. */
export interface Likeness {
  /** The cell it was asked for. */
  index: number;
  cells: SimilarCells | null;
}

/** A region's explanation without its columns. */
export interface RegionFindings {
  /** Head that was asked. */
  head: string;
  inView: boolean;
  fields: number;
  composition: Composition;
  deletion: Deletion | null;
  background: { fields: number; of: number } | null;
  /** Time of the deletion curves, ms. */
  ms: number;
  top: TopCells;
}

/** Two heads compared; the columns stay with the commands. */
export type Comparison = Pick<HeadComparison, 'a' | 'b' | 'spearman' | 'agreement' | 'fields'>;

export type ExplainTask = 'likeness' | 'region' | 'heads';

export interface ExplainState {
  whatIf: CellWhatIf | null;
  likeness: Likeness | null;
  /** The question under way, and how far it is, in fields. */
  explaining: { task: ExplainTask; done: number; total: number } | null;
  /** Explain the fields in view, or all that are analysed. */
  inView: boolean;
  region: RegionFindings | null;
  comparison: Comparison | null;
  /** Cells are coloured by the difference of two heads. */
  differenceShown: boolean;
}

export const NOTHING_EXPLAINED: ExplainState = {
  whatIf: null,
  likeness: null,
  explaining: null,
  inView: true,
  region: null,
  comparison: null,
  differenceShown: false,
};
