/** What the rail lists: the slides at hand or those of a case, by the names that may be shown. */
import type { SlideSource } from '../../slide/slide.ts';
import { maskedSlide } from '../names.ts';
import type { AppState, SlideChoice } from '../state.ts';
import { type CaseSlide, keyOfSource, matches } from './case.ts';
import { mustChooseAgain, sourceOfSlide } from './folder.ts';

export interface RailRow {
  key: string;
  name: string;
  detail: string;
  of: SlideChoice | CaseSlide;
}

export function isOfCase(of: RailRow['of']): of is CaseSlide {
  return 'kept' in of;
}

type Shown = Pick<AppState, 'currentCase' | 'caseSlides' | 'local' | 'namesMasked'>;

/** The rows whose shown text contains the query. Details name folders, so masking hides them. */
export function rowsOf(state: Shown, query: string): RailRow[] {
  const { currentCase, caseSlides, local, namesMasked } = state;
  const of: RailRow['of'][] = currentCase === null ? local : caseSlides;
  const rows = of.map((slide, at) => ({
    key: isOfCase(slide) ? slide.key : (keyOfSource(slide.source) ?? String(at)),
    name: namesMasked ? maskedSlide(at) : slide.name,
    detail: namesMasked ? '' : slide.detail,
    of: slide,
  }));
  return query.trim() ? rows.filter((row) => matches(`${row.name} ${row.detail}`, query)) : rows;
}

/** What stands under the name: what to do, where something is to be done. */
export function detailOf({ of, detail }: RailRow): string {
  return isOfCase(of) && mustChooseAgain(of) ? 'Choose its folder again' : detail;
}

/** For a thumbnail: without asking the user anything. */
export async function sourceOfRow({ of }: RailRow): Promise<SlideSource | null> {
  return isOfCase(of) ? sourceOfSlide(of, false) : of.source;
}
