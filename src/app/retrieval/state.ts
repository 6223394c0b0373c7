/** Regions like a region, as React reads them. */
import type { Rings, SearchScope, SimilarRegions } from '../../audit/similar-regions.ts';
import type { SlideInfo } from '../../slide/slide.ts';

/** What was asked, and what came of it. */
export interface SimilarSearch {
  /** The region in words: "Rectangle", "the view". */
  title: string;
  slide: Pick<SlideInfo, 'id' | 'name'>;
  rings: Rings;
  scope: SearchScope;
  /** Fields taken in while the search is under way; null when it is over. */
  busy: { done: number; total: number } | null;
  found: SimilarRegions | null;
  /** Why nothing was found. */
  problem: string | null;
  /** The answer whose parts are shown beside the region's. */
  shown: { list: AnswerList; at: number };
}

export type AnswerList = 'byTokens' | 'byClassToken';

export interface RetrievalState {
  /** Null while the drawer is closed. */
  similar: SimilarSearch | null;
}

export const NO_RETRIEVAL: RetrievalState = { similar: null };
