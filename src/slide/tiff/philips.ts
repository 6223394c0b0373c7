/**
 * Philips TIFF. Levels are padded to whole tiles; the scale of each is in the XML of the first
 * description (DICOM_PIXEL_SPACING, mm). Source: OpenSlide, "Philips TIFF format".
 */
import { squareMpp } from '../describe.ts';
import type { CatalogFacts } from '../slide.ts';
import type { Associated, Maker } from './layout.ts';
import type { Picture } from './picture.ts';

export const philips: Maker = {
  recognises: ([first]) =>
    first.software.startsWith('Philips') || first.description.includes('"DPUfsImport"'),
  async layout(_tiff, pictures) {
    const spacings = readSpacings(pictures[0].description);
    const tiled = pictures.filter((picture) => picture.tiled);
    const levels = tiled.map((picture, k) => unpadded(tiled[0], picture, factorOf(spacings, k)));
    return { levels, associated: beside(pictures), said: parse(pictures[0].description, spacings) };
  },
};

/** mm per px across, of the slide and then of each of its levels as the XML lists them. */
function readSpacings(xml: string): { x: number; y: number }[] {
  const found = xml.matchAll(/Name="DICOM_PIXEL_SPACING"[^>]*>([^<]{1,200})</g);
  return [...found].flatMap(([, text]) => {
    const numbers = text.match(/\d*\.\d+(?:e[+-]?\d+)?/gi)?.map(Number) ?? [];
    return numbers.length === 2 ? [{ y: numbers[0], x: numbers[1] }] : [];
  });
}

/** Each level is half of the one before; the XML is asked first. */
function factorOf(spacings: { x: number }[], k: number): number {
  const [slide, ...levels] = spacings;
  const said = slide && levels[k] ? Math.round(levels[k].x / slide.x) : 0;
  return said === 2 ** k ? said : 2 ** k;
}

function unpadded(base: Picture, level: Picture, factor: number): Picture {
  return {
    ...level,
    width: Math.min(level.width, Math.ceil(base.width / factor)),
    height: Math.min(level.height, Math.ceil(base.height / factor)),
  };
}

function beside(pictures: readonly Picture[]): Associated {
  const named = (name: string) =>
    pictures.find(({ tiled, description }) => !tiled && description.startsWith(name));
  const [label, macro] = [named('Label'), named('Macro')];
  return { ...(label && { label }), ...(macro && { macro }) };
}

function parse(xml: string, [slide]: { x: number; y: number }[]): CatalogFacts {
  const model = /Name="DICOM_MANUFACTURERS_MODEL_NAME"[^>]*>([^<]{1,60})</.exec(xml)?.[1] ?? '';
  return {
    mpp: slide ? squareMpp(slide.x * 1000, slide.y * 1000) : null,
    scanner: `Philips ${model.replace(/&quot;|"/g, '')}`.trim(),
  };
}
