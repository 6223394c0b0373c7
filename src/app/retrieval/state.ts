/** Regions like a region, as React reads them. */
import type {
  Rings,
  SearchScope,
  SimilarRegion,
  SimilarRegions,
} from '../../audit/similar-regions.ts';
import type { SlideInfo, SlideSource } from '../../slide/slide.ts';

/** What was asked, and what came of it. */
export interface SimilarSearch {
  /** The region in words: "Rectangle", "the view". */
  title: string;
  slide: { info: Pick<SlideInfo, 'id' | 'name'>; source: SlideSource };
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

/** The answer whose parts are shown; null before there is one. */
export function shownAnswer({ found, shown }: SimilarSearch): SimilarRegion | null {
  return found?.[shown.list][shown.at] ?? null;
}

/** Whether a search has anything to say of a slide: its region or one of its answers lies there. */
export function concerns({ slide, found }: SimilarSearch, slideId: string): boolean {
  const answers = found ? [...found.byTokens, ...found.byClassToken] : [];
  return slide.info.id === slideId || answers.some((answer) => answer.slideId === slideId);
}
