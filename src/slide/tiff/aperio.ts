/**
 * Aperio SVS. The first picture is the slide; every tiled one after it is a level; the second, in
 * strips, is the thumbnail; label and macro are named in their description. (Aperio, "Digital
 * Slides and Third-Party Data Interchange"; OpenSlide's reading of it.)
 */
import { squareMpp } from '../describe.ts';
import type { CatalogFacts } from '../slide.ts';
import { type Associated, type Maker, objectiveOf, pyramidOf } from './layout.ts';

export const aperio: Maker = {
  recognises: ([first]) => first.description.startsWith('Aperio'),
  async layout(_tiff, pictures) {
    const associated: Associated = {};
    for (const [index, picture] of pictures.entries()) {
      if (picture.tiled) continue;
      // Its second line begins with its name: "label 387x463".
      const name = /^[^\n]*\n(label|macro)\b/.exec(picture.description.replace(/\r/g, ''))?.[1];
      if (name === 'label' || name === 'macro') associated[name] = picture;
      else if (index === 1) associated.thumbnail = picture;
    }
    const levels = pyramidOf(pictures.filter(({ tiled }) => tiled));
    return { levels, associated, said: parse(pictures[0].description) };
  },
};

/** "Aperio Image Library v11 ...|AppMag = 20|MPP = 0.4990|...". */
function parse(description: string): CatalogFacts {
  const values = new Map(
    description
      .split('|')
      .slice(1)
      .map((part) => {
        const at = part.indexOf('=');
        return [part.slice(0, at).trim(), part.slice(at + 1).trim()];
      }),
  );
  const mpp = Number(values.get('MPP'));
  const type = values.get('ScannerType') ?? '';
  return {
    mpp: squareMpp(mpp, mpp),
    objective: objectiveOf(values.get('AppMag')),
    scanner: `Aperio ${type}`.trim().slice(0, 80),
  };
}
