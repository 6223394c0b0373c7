/** Cases and bookmarks, as React reads them. */
import type { Bookmark } from './bookmark.ts';
import type { CaseSlide, CaseSummary } from './case.ts';

export interface CasesState {
  cases: CaseSummary[];
  /** The case whose slides the rail shows; null for the slides at hand. */
  currentCase: string | null;
  /** Its slides in order, and what is noted of it. */
  caseSlides: CaseSlide[];
  caseNotes: string;
  /** Files of a folder seen so far, while it is being read. */
  readingFolder: number | null;
  /** Of the open slide, the oldest first. */
  bookmarks: Bookmark[];
  /** What the rail lists. */
  railView: 'slides' | 'cases';
}

export const NO_CASES: CasesState = {
  cases: [],
  currentCase: null,
  caseSlides: [],
  caseNotes: '',
  readingFolder: null,
  bookmarks: [],
  railView: 'slides',
};
