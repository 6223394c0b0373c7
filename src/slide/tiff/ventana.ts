/**
 * Ventana BIF: levels are named in their description ("level=0 mag=40"), the scale is in XMP.
 * Older scanners leave their tiles overlapping, which only their XML tells; those are not read.
 * Source: Roche, "BIF image file format for digital pathology"; OpenSlide, "Ventana format".
 */
import { squareMpp } from '../describe.ts';
import { overlapping } from './generic.ts';
import { type Associated, attribute, type Maker, objectiveOf } from './layout.ts';
import { type Picture, TAG } from './picture.ts';

const LEVEL = /\blevel=(\d+)\s+mag=([\d.]+)/;

export const ventana: Maker = {
  recognises: (pictures) => pictures.some(({ description }) => LEVEL.test(description)),
  async layout(tiff, pictures, signal) {
    let xmp = '';
    for (const { directory } of pictures) {
      xmp += await tiff.text(directory.fields.get(TAG.xmp), signal);
    }
    if (/\bOverlap[XY]="-?0*[1-9]/.test(xmp)) throw overlapping('Ventana');
    const levels = pictures
      .flatMap((picture) => {
        const level = LEVEL.exec(picture.description);
        return level ? [{ picture, number: Number(level[1]) }] : [];
      })
      .sort((a, b) => a.number - b.number)
      .map(({ picture }) => picture);
    const scan = /<iScan\s[^>]*>/.exec(xmp)?.[0] ?? '';
    const mpp = Number(attribute(scan, 'ScanRes'));
    return {
      levels,
      associated: beside(pictures),
      said: {
        mpp: squareMpp(mpp, mpp),
        objective: objectiveOf(LEVEL.exec(levels[0].description)?.[2]),
        scanner: `Ventana ${attribute(scan, 'ScannerModel') ?? ''}`.trim().slice(0, 80),
      },
    };
  },
};

function beside(pictures: readonly Picture[]): Associated {
  const associated: Associated = {};
  for (const picture of pictures) {
    // The overview of the whole glass shows its label too.
    if (/^Label[_ ]Image/.test(picture.description)) associated.label = picture;
    if (picture.description.startsWith('Thumbnail')) associated.thumbnail = picture;
  }
  return associated;
}
