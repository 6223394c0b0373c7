/** What a slide is called and where it comes from, put together from its sources. */
import type { CatalogFacts, SlideInfo } from './slide.ts';

// Finer or coarser than any slide scanner: a number outside is a wrong unit, not a scale.
const MPP_RANGE = [0.02, 20];

/** um/px when both sides of a pixel are plausible and alike to 1 %; else null, and the user is asked. */
export function squareMpp(x: number, y: number): number | null {
  const plausible = x >= MPP_RANGE[0] && x <= MPP_RANGE[1] && Math.abs(x / y - 1) < 0.01;
  return plausible ? x : null;
}

/** The descriptive half of a SlideInfo: `facts` of the catalog stand above what the file `said`. */
export function describeSlide(
  name: string,
  said: CatalogFacts,
  facts: CatalogFacts,
): Omit<SlideInfo, 'id' | 'levels' | 'width' | 'height'> {
  return {
    name: facts.name ?? said.name ?? name,
    mpp: facts.mpp ?? said.mpp ?? null,
    objective: facts.objective ?? said.objective ?? null,
    stain: facts.stain ?? said.stain ?? null,
    scanner: facts.scanner ?? said.scanner ?? null,
    source: facts.source ?? said.source ?? null,
    licence: facts.licence ?? said.licence ?? null,
  };
}
