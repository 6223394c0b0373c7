/** The slides at hand that carry areas with a class: what a set of the user's own is made of. */
import { type Annotation, classOf, UNCLASSIFIED } from '../../annotation/annotation.ts';
import { isArea } from '../../annotation/geometry.ts';
import { throwIfAborted } from '../../core/errors.ts';
import { openSlide } from '../../slide/formats.ts';
import { AnnotationStore } from '../annotate/store.ts';
import { sourceOfSlide } from '../cases/folder.ts';
import { getState } from '../state.ts';
import type { Marked } from './places.ts';

/** Areas of these classes say of nothing what it is. */
const NO_CLASS = new Set([UNCLASSIFIED, 'Ignore']);

/**
 * The slides of the case list that carry classified areas, the open one first; without a case, the open
 * one alone. Slides whose scale is not known are left out. Throws what slides throw, `cancelled`.
 */
export async function markedSlides(
  ofOpen: readonly Annotation[],
  signal: AbortSignal,
): Promise<Marked[]> {
  const { slide, caseSlides } = getState();
  const found: Marked[] = [];
  if (slide?.mpp) {
    const { info, source, mpp } = slide;
    found.push({ source, name: info.name, mpp, areas: areasOf(ofOpen), scanner: info.scanner });
  }
  const store = new AnnotationStore(() => undefined);
  try {
    for (const row of caseSlides) {
      throwIfAborted(signal);
      if (row.slide === null || row.slide === slide?.info.id) continue;
      const kept = await store.read(row.slide);
      const areas = areasOf(kept?.annotations ?? []);
      const source = areas.length > 0 ? await sourceOfSlide(row, true) : null;
      if (!source) continue;
      const opened = await openSlide(source, { signal });
      const { mpp, name, scanner } = opened.info;
      opened.close();
      if (mpp !== null) found.push({ source, name, mpp, areas, scanner });
    }
  } finally {
    store.close();
  }
  return found.filter(({ areas }) => areas.length > 0);
}

function areasOf(annotations: readonly Annotation[]): Annotation[] {
  return annotations.filter(
    (one) => one.kind === 'annotation' && isArea(one.geometry) && !NO_CLASS.has(classOf(one)),
  );
}
