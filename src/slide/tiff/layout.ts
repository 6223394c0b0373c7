/** What a TIFF's pictures are to each other: the levels of the slide, and what lies beside it. */
import { CytolensError } from '../../core/errors.ts';
import type { AssociatedKind, CatalogFacts } from '../slide.ts';
import { damaged, type TiffFile } from './ifd.ts';
import type { Picture } from './picture.ts';

/** A picture that lies beside the tissue. */
export type Associated = Partial<Record<AssociatedKind, Picture>>;

export interface Layout {
  /** Finest first. */
  levels: Picture[];
  associated: Associated;
  /** What the file says of itself. */
  said: CatalogFacts;
}

/** One maker's way of laying out a TIFF. */
export interface Maker {
  recognises(pictures: readonly Picture[]): boolean;
  /** Throws `unsupported` with what to do, for a variant that cannot be drawn rightly. */
  layout(tiff: TiffFile, pictures: Picture[], signal?: AbortSignal): Promise<Layout>;
}

/** A picture so small that it may be read whole although it has no tiles: 4096 x 4096 px. */
const WHOLE = 2 ** 24;
/** What a screen shows of the coarsest level, in tiles of any size: 8192 x 8192 px. */
const COARSEST = 2 ** 26;

/**
 * Those of `pictures` that are smaller copies of the largest: of the same shape, to 2 px or 2 %,
 * and of the same samples. Finest first; of two of one size the first.
 */
export function pyramidOf(pictures: readonly Picture[]): Picture[] {
  const usable = pictures
    .filter(({ tiled, width, height }) => tiled || width * height <= WHOLE)
    .sort((a, b) => b.width - a.width || b.height - a.height);
  const levels: Picture[] = [];
  for (const picture of usable) {
    const [base] = levels;
    const last = levels.at(-1);
    if (base && !(picture.width < (last?.width ?? 0) && sameShape(base, picture))) continue;
    levels.push(picture);
  }
  return levels;
}

function sameShape(base: Picture, picture: Picture): boolean {
  const expected = (base.height / base.width) * picture.width;
  const off = Math.abs(picture.height - expected);
  return off <= Math.max(2, 0.02 * expected) && base.samples === picture.samples;
}

/**
 * Level-0 px per px of a level. Scanners halve and cut off the odd row, so that 4443 px become
 * 2221: there the factor is 2, as it is drawn by, and not the quotient 2.0005, by which the far
 * end would lie a pixel off. Only sizes that no whole factor gives are taken as they are.
 */
export function downsampleOf(
  base: { width: number; height: number },
  level: { width: number; height: number },
): number {
  const quotient = base.width / level.width;
  const roughly = Math.round(quotient);
  const power = 2 ** Math.round(Math.log2(quotient));
  for (const factor of [roughly, power]) {
    const x = Math.abs(base.width / factor - level.width);
    const y = Math.abs(base.height / factor - level.height);
    if (x < 1 && y < 1) return factor;
  }
  return quotient;
}

/**
 * Throws `unsupported` where a whole view would have to read a huge picture, and `format` where
 * the levels that the file names are no pyramid.
 */
export function checkLevels(levels: readonly Picture[], all: readonly Picture[]): void {
  const coarsest = levels.at(-1);
  const largest = Math.max(...all.map(({ width }) => width));
  const small = coarsest && coarsest.width * coarsest.height <= COARSEST;
  if (!coarsest || !small || (levels[0].width < largest && !levels[0].tiled)) {
    throw new CytolensError(
      'unsupported',
      'This TIFF is a large picture without tiles or without smaller copies of itself, which a viewer needs. libvips makes them: vips tiffsave slide.tif new.tif --tile --pyramid --bigtiff --compression jpeg',
      `${all.length} pictures, the largest ${largest} px wide, the coarsest level ${coarsest?.width ?? 0} px`,
    );
  }
  levels.slice(1).forEach((level, i) => {
    if (level.width >= levels[i].width) throw damaged(`level ${i + 1} is not smaller than ${i}`);
  });
}

/** A magnification that an objective can have; else null. */
export function objectiveOf(text: string | number | undefined): number | null {
  const value = Number(text);
  return text !== undefined && value >= 1 && value <= 200 ? value : null;
}

/** Value of an XML attribute in the text of a tag. */
export function attribute(tag: string, name: string): string | undefined {
  return new RegExp(`\\s${name}\\s*=\\s*["']([^"']*)["']`).exec(tag)?.[1];
}
