/**
 * OME-TIFF: XML in the first description names the series; smaller copies are sub-directories
 * (OME-TIFF 6.0) or, in older files, pictures of their own. Of several series the largest is the
 * slide. Source: "OME-TIFF specification", ome-model.readthedocs.io.
 */
import { CytolensError } from '../../core/errors.ts';
import { squareMpp } from '../describe.ts';
import type { AssociatedKind, CatalogFacts } from '../slide.ts';
import { checkOneLayer } from './generic.ts';
import { type Associated, attribute, type Maker, objectiveOf, pyramidOf } from './layout.ts';
import { type Picture, subPictures } from './picture.ts';

/** An <Image> of the XML. */
interface Series {
  name: string;
  pixels: string;
  width: number;
  height: number;
  /** Number of its first directory; null when the XML does not say. */
  ifd: number | null;
}

export const ome: Maker = {
  recognises: ([first]) => /<(?:\w+:)?OME[\s>]/.test(first.description.slice(0, 4096)),
  async layout(tiff, pictures, signal) {
    const xml = pictures[0].description;
    const series = readSeries(xml);
    const slide = series.reduce<Series | null>(
      (best, one) => (best && best.width * best.height >= one.width * one.height ? best : one),
      null,
    );
    const base = slide && pictureOf(slide, pictures);
    if (!slide || !base) throw notHere(series);
    checkPlanes(slide, base);
    checkOneLayer(base, pictures);
    const subs = await subPictures(tiff, base, signal);
    const levels = pyramidOf(subs.length > 0 ? [base, ...subs] : pictures);
    return { levels, associated: beside(series, pictures, levels), said: facts(xml, slide) };
  },
};

function readSeries(xml: string): Series[] {
  return xml
    .split(/<(?:\w+:)?Image[\s>]/)
    .slice(1)
    .map((text) => {
      const pixels = /<(?:\w+:)?Pixels\s[^>]*>/.exec(text)?.[0] ?? '';
      const data = /<(?:\w+:)?TiffData\s[^>]*>/.exec(text)?.[0] ?? '';
      const ifd = attribute(data, 'IFD');
      return {
        // The head of the tag was cut at the split; its end is all that is looked at.
        name: attribute(` ${text.slice(0, text.indexOf('>') + 1)}`, 'Name') ?? '',
        pixels,
        width: Number(attribute(pixels, 'SizeX')),
        height: Number(attribute(pixels, 'SizeY')),
        ifd: ifd === undefined ? null : Number(ifd),
      };
    })
    .filter(({ width, height }) => width > 0 && height > 0);
}

function pictureOf(series: Series, pictures: readonly Picture[]): Picture | null {
  const fits = ({ width, height }: Picture) => width === series.width && height === series.height;
  const named = series.ifd === null ? undefined : pictures[series.ifd];
  return (named && fits(named) ? named : pictures.find(fits)) ?? null;
}

/** Throws `unsupported` where a colour is a picture of its own: fluorescence, or split RGB. */
function checkPlanes({ pixels }: Series, base: Picture): void {
  const channels = Number(attribute(pixels, 'SizeC') ?? 1);
  if (base.samples >= 3 || channels <= 1) return;
  throw new CytolensError(
    'unsupported',
    'Each colour of this OME-TIFF is a picture of its own, as in fluorescence. Cytolens shows slides in colour (brightfield) only; export the slide as RGB.',
    `${channels} channels of ${base.samples} sample`,
  );
}

function beside(series: Series[], pictures: readonly Picture[], levels: Picture[]): Associated {
  const associated: Associated = {};
  for (const one of series) {
    const kind = (/\b(label|macro|thumbnail)\b/i.exec(one.name)?.[1].toLowerCase() ??
      null) as AssociatedKind | null;
    const picture = kind && pictureOf(one, pictures);
    if (kind && picture && !levels.includes(picture)) associated[kind] = picture;
  }
  return associated;
}

/** um of each unit that OME names; without a unit it is um. */
const UNITS: Record<string, number> = { m: 1e6, cm: 1e4, mm: 1000, µm: 1, μm: 1, nm: 0.001 };

function facts(xml: string, { pixels }: Series): CatalogFacts {
  const size = (axis: 'X' | 'Y') =>
    Number(attribute(pixels, `PhysicalSize${axis}`)) *
    (UNITS[attribute(pixels, `PhysicalSize${axis}Unit`) ?? 'µm'] ?? Number.NaN);
  const objectives = new Set(
    [...xml.matchAll(/<(?:\w+:)?Objective\s[^>]*>/g)].flatMap(
      ([tag]) => objectiveOf(attribute(tag, 'NominalMagnification')) ?? [],
    ),
  );
  return {
    mpp: squareMpp(size('X'), size('Y')),
    objective: objectives.size === 1 ? [...objectives][0] : null,
  };
}

function notHere(series: Series[]): CytolensError {
  return new CytolensError(
    'unsupported',
    'The pictures that this OME-TIFF describes lie in other files. Open the file of the set that holds the slide, or join them: bfconvert set.ome.tif one.ome.tif',
    series.map(({ width, height }) => `${width}x${height}`).join(', ') || 'no picture described',
  );
}
