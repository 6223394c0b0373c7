/** Any other TIFF: its largest picture and the smaller copies of it, wherever they stand. */
import { CytolensError } from '../../core/errors.ts';
import { squareMpp } from '../describe.ts';
import { parseProperties } from '../properties.ts';
import type { CatalogFacts } from '../slide.ts';
import type { TiffFile } from './ifd.ts';
import { type Associated, type Maker, pyramidOf } from './layout.ts';
import { type Picture, resolution, subPictures } from './picture.ts';

export const generic: Maker = {
  recognises: () => true,
  async layout(tiff, pictures, signal) {
    // Stitched from fields that overlap, which its directories do not tell.
    if (pictures[0].software.startsWith('MedScan')) throw overlapping('Trestle');
    const all = [...pictures];
    for (const picture of pictures) all.push(...(await subPictures(tiff, picture, signal)));
    const levels = pyramidOf(all);
    checkOneLayer(levels[0], pictures);
    return { levels, associated: beside(pictures), said: await saidBy(tiff, levels[0], signal) };
  },
};

/** Throws `unsupported` for several grey pictures of one size: stains of fluorescence, or depths. */
export function checkOneLayer(base: Picture | undefined, pictures: readonly Picture[]): void {
  if (!base || base.samples > 1) return;
  const layers = pictures.filter(
    ({ width, height }) => width === base.width && height === base.height,
  );
  if (layers.length < 2) return;
  throw new CytolensError(
    'unsupported',
    'This TIFF holds several grey pictures of the same place, as fluorescence does. Cytolens shows slides in colour (brightfield) only; export the slide as RGB.',
    `${layers.length} pictures of ${base.width}x${base.height}`,
  );
}

/** The error for slides whose tiles overlap by amounts that only the maker's own data tell. */
export function overlapping(maker: string): CytolensError {
  return new CytolensError(
    'unsupported',
    `The tiles of this ${maker} slide overlap, and laid side by side they would not fit. libvips puts them together: vips dzsave slide.tif slide.szi`,
  );
}

/** Akoya names its pictures in XML; others do not tell what lies beside the tissue. */
function beside(pictures: readonly Picture[]): Associated {
  const associated: Associated = {};
  for (const picture of pictures) {
    const type = /<ImageType>(Label|Overview|Thumbnail)<\/ImageType>/.exec(picture.description);
    if (type?.[1] === 'Label') associated.label = picture;
    if (type?.[1] === 'Overview') associated.macro = picture;
    if (type?.[1] === 'Thumbnail') associated.thumbnail = picture;
  }
  return associated;
}

async function saidBy(
  tiff: TiffFile,
  base: Picture | undefined,
  signal?: AbortSignal,
): Promise<CatalogFacts> {
  if (!base) return {};
  // libvips hands the scanner's own metadata on when it converts a slide.
  const handedOn = parseProperties(base.description);
  const size = await resolution(tiff, base, signal);
  return { ...handedOn, mpp: handedOn.mpp ?? (size && squareMpp(size.x, size.y)) };
}
