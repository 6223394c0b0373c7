/** What the Molecular panel shows: prompts and summaries; scores of fields stay with the commands. */
import type { GeneSet } from '../../molecular/genesets.ts';
import type { AlignmentInfo, PromptAnswer } from '../../molecular/molecular.ts';
import type { Prompt } from '../../molecular/prompt.ts';
import type { SetFile } from './gene-sets.ts';
import type { SavedPrompt } from './saved.ts';

/** An answer without its rows. */
export interface Answered extends Omit<PromptAnswer, 'fields' | 'x' | 'y' | 'rows'> {
  prompt: Prompt;
  /** Fields that answered. */
  count: number;
}

/** Which answer is coloured on the slide. */
export type MapShows = 'predictor' | 'knn' | 'difference';

export interface Molecular {
  /** The model that answers, once it is started. */
  alignment: Omit<AlignmentInfo, 'symbols'> | null;
  /** Why there is none. */
  unavailable: string | null;
  /** Files of sets at hand, and how many sets each holds. */
  collections: readonly SetFile[];
  /** Where the genes come from; the set chosen, the text pasted, and a set whose genes are out. */
  way: 'set' | 'paste';
  chosen: GeneSet | null;
  pasted: string;
  without: GeneSet | null;
  /** What would be asked; null while there is nothing. */
  draft: Prompt | null;
  asking: { done: number; total: number } | null;
  /** The last answer, and one that was set aside to be compared with. */
  a: Answered | null;
  b: Answered | null;
  map: MapShows | null;
  /** Opacity of the map, 0 to 1. */
  opacity: number;
  /** Cells take the colour of their field's score. */
  cells: boolean;
  saved: readonly SavedPrompt[];
  /** A library of the user's own being read: the share done. Why the last one was not. */
  reading: number | null;
  notRead: string | null;
}

export interface MolecularState {
  molecular: Molecular;
}

/** Answers go with the fields they are of. */
export const NOTHING_ASKED = { a: null, b: null, map: null, asking: null, cells: false } as const;

export const NO_MOLECULAR: MolecularState = {
  molecular: {
    ...NOTHING_ASKED,
    alignment: null,
    unavailable: null,
    collections: [],
    way: 'set',
    chosen: null,
    pasted: '',
    without: null,
    draft: null,
    opacity: 0.62,
    saved: [],
    reading: null,
    notRead: null,
  },
};
