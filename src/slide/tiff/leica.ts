/**
 * Leica SCN: XML in the first description lists the pictures of a glass, each with its place and
 * the directory of each of its levels. Source: OpenSlide, "Leica SCN format".
 */
import { CytolensError } from '../../core/errors.ts';
import { squareMpp } from '../describe.ts';
import { attribute, type Maker, objectiveOf } from './layout.ts';
import type { Picture } from './picture.ts';

/** An <image>: a scanned area, or the overview of the whole glass. Places and sizes in nm. */
interface Area {
  viewWidth: number;
  viewHeight: number;
  levels: Picture[];
  objective: number | null;
}

export const leica: Maker = {
  recognises: ([first]) => /<scn[\s>]/.test(first.description.slice(0, 1024)),
  async layout(_tiff, pictures) {
    const xml = pictures[0].description;
    const collection = /<collection\s[^>]*>/.exec(xml)?.[0] ?? '';
    const glass = Number(attribute(collection, 'sizeX'));
    const areas = readAreas(xml, pictures);
    const macro = areas.find(({ viewWidth }) => viewWidth === glass);
    const scanned = areas.filter((area) => area !== macro);
    if (scanned.length !== 1) throw severalAreas(scanned.length);
    const [slide] = scanned;
    const [base] = slide.levels;
    return {
      levels: slide.levels,
      // The coarsest copy of the overview is large enough to see the glass by.
      associated: macro ? { macro: macro.levels[macro.levels.length - 1] } : {},
      said: {
        mpp: squareMpp(slide.viewWidth / 1000 / base.width, slide.viewHeight / 1000 / base.height),
        objective: slide.objective,
        scanner: 'Leica',
      },
    };
  },
};

function readAreas(xml: string, pictures: readonly Picture[]): Area[] {
  return xml
    .split(/<image[\s>]/)
    .slice(1)
    .map((text) => {
      const view = /<view\s[^>]*>/.exec(text)?.[0] ?? '';
      const dimensions = [...text.matchAll(/<dimension\s[^>]*>/g)].map(([tag]) => tag);
      const levels = dimensions
        // Depths and channels beyond the first are other pictures of the same place.
        .filter((tag) => Number(attribute(tag, 'z') ?? 0) === 0 && !Number(attribute(tag, 'c')))
        .flatMap((tag) => pictures[Number(attribute(tag, 'ifd') ?? Number.NaN)] ?? [])
        .sort((a, b) => b.width - a.width);
      return {
        viewWidth: Number(attribute(view, 'sizeX')),
        viewHeight: Number(attribute(view, 'sizeY')),
        levels,
        objective: objectiveOf(/<objective>([^<]{1,10})</.exec(text)?.[1]),
      };
    })
    .filter(({ levels, viewWidth }) => levels.length > 0 && viewWidth > 0);
}

function severalAreas(count: number): CytolensError {
  return new CytolensError(
    'unsupported',
    'This Leica slide holds several scanned areas, and one alone would leave tissue out. libvips puts them together: vips dzsave slide.scn slide.szi',
    `${count} areas`,
  );
}
