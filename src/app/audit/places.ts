/** Fields in the areas that a person has drawn on slides. */
import { type Annotation, classOf } from '../../annotation/annotation.ts';
import { boundsOf } from '../../annotation/geometry.ts';
import { insideOf } from '../../annotation/inside.ts';
import { type LabelledPlace, middlesIn, type PlacedSlide } from '../../audit/encoder/tile-sets.ts';
import type { MarkedSlide } from './state.ts';

/** An annotated slide and its classified areas. */
export interface Marked extends PlacedSlide {
  areas: Annotation[];
  scanner: string | null;
}

export function summaryOf({ name, areas, scanner }: Marked): MarkedSlide {
  const classes = [...new Set(areas.map(classOf))];
  return { name, areas: areas.length, classes, scanner: scanner ?? '' };
}

/**
 * The fields of `fieldUm` that lie in the areas (their middle does), labelled: class of the area,
 * scanner of the slide, the slide as group.
 */
export function placesIn(
  marked: readonly Marked[],
  scanners: readonly string[],
  fieldUm: number,
): LabelledPlace[] {
  return marked.flatMap(({ areas, mpp, name }, slide) =>
    areas.flatMap((area) => {
      const inside = insideOf(area.geometry);
      const labels = { biology: classOf(area), centre: scanners[slide], group: name };
      return middlesIn(boundsOf(area.geometry), fieldUm / mpp)
        .filter(({ x, y }) => inside(x, y))
        .map((middle) => ({ slide, middle, labels }));
    }),
  );
}
