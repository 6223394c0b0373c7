/** The same case, told twice: from a folder and from a list, or from a folder chosen again. */
import type { Case, CaseSlide } from './case.ts';

/** `added` over `known`: marks, notes and places stay; whereabouts and names are the new ones. */
export function mergeCase(known: Case, added: Case): Case {
  const slides = new Map(known.slides.map((slide) => [slide.key, slide]));
  for (const slide of added.slides) slides.set(slide.key, mergeSlide(slides.get(slide.key), slide));
  return {
    name: known.name,
    number: known.number,
    notes: known.notes || added.notes,
    slides: [...slides.values()].map((slide, order) => ({ ...slide, order })),
  };
}

function mergeSlide(known: CaseSlide | undefined, added: CaseSlide): CaseSlide {
  if (!known) return added;
  // A list of files that are not at hand does not replace files that are.
  const stays = added.kept.kind === 'files' && known.kept.kind === 'handles';
  return {
    ...added,
    kept: stays ? known.kept : added.kept,
    facts: added.facts ?? known.facts,
    reviewed: known.reviewed ?? added.reviewed,
    slide: known.slide ?? added.slide,
  };
}
