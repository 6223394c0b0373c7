/** The instances of a DICOM series, put together as one slide. */
import { CytolensError } from '../../core/errors.ts';
import type { TileCodec } from '../codecs/codec.ts';
import { checkTile } from '../deepzoom.ts';
import { describeSlide } from '../describe.ts';
import { sha256 } from '../sha256.ts';
import type { AssociatedKind, CatalogFacts, Level, Slide, SlideInfo } from '../slide.ts';
import { downsampleOf } from '../tiff/layout.ts';
import { type DicomImage, type Flavor, isSquare } from './image.ts';
import { type Instance, Plane } from './plane.ts';

const BESIDE: Partial<Record<Flavor, AssociatedKind>> = {
  label: 'label',
  overview: 'macro',
  thumbnail: 'thumbnail',
};
/** A whole view reads the coarsest level whole: of 8192 x 8192 px that is a thousand small tiles. */
const COARSEST = 2 ** 26;
/** Levels are rounded to whole pixels; what differs by more is another picture. */
const SHAPE_SLACK = 0.02;

export interface SeriesContext {
  /** What the slide is called when nothing else says. */
  name: string;
  facts: CatalogFacts;
  codec: TileCodec;
  signal?: AbortSignal;
}

/** The instances of each series, the one with the largest picture first. */
export function bySeries<T extends { image: DicomImage }>(instances: readonly T[]): T[][] {
  const groups = grouped(instances, ({ image }) => image.series);
  const area = (group: T[]) =>
    Math.max(...group.map(({ image }) => (isTissue(image) ? image.width * image.height : 0)));
  return groups.sort((a, b) => area(b) - area(a));
}

/**
 * A slide of the instances of one series. `notes` are added to what the slide itself gives reason
 * to say. Throws `unsupported` or `format` where no pyramid can be made of them, and what reading
 * tiles throws.
 */
export async function slideOf(
  instances: readonly Instance[],
  { name, facts, codec, signal }: SeriesContext,
  notes: readonly string[] = [],
): Promise<Slide> {
  const { pyramid, beside, doubles } = sorted(instances);
  const orders = await Promise.all(pyramid.map((plane) => plane.settle(codec, signal)));
  const levels = pyramid.map((plane): Level => {
    const { width, height, tileWidth, tileHeight } = plane.image;
    const downsample = downsampleOf(pyramid[0].image, plane.image);
    return { width, height, downsample, tileWidth, tileHeight };
  });
  const { image } = pyramid[0];
  const info: SlideInfo = {
    ...describeSlide(name, saidBy(image), facts),
    id: identity(pyramid),
    width: image.width,
    height: image.height,
    levels,
    associated: [...beside.keys()],
    notes: [...notes, ...remarks(pyramid, doubles), ...orderRemark(orders)],
  };
  return {
    info,
    async tile(level, col, row, signal) {
      checkTile(levels, level, col, row);
      return pyramid[level].tile(col, row, codec, signal);
    },
    async associatedImage(kind, signal) {
      const plane = beside.get(kind);
      if (plane) return plane.whole(codec, signal);
      throw new CytolensError('not-found', `This slide has no ${kind} image.`);
    },
    iccProfile: async (signal) => (await image.icc?.(signal)) ?? null,
    close() {},
  };
}

function grouped<T>(all: readonly T[], key: (one: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const one of all) groups.set(key(one), [...(groups.get(key(one)) ?? []), one]);
  return [...groups.values()];
}

function isTissue({ flavor }: DicomImage): boolean {
  return flavor === 'volume' || flavor === 'thumbnail';
}

/**
 * Levels, the finest first, and the pictures beside them; `doubles` counts what is as large as a
 * level that is there already.
 */
function sorted(instances: readonly Instance[]) {
  // The same instance may lie in a folder twice.
  const single = new Map(instances.map((one) => [one.image.sopInstance, one])).values();
  // A concatenation is one image cut into several instances.
  const images = grouped([...single], ({ image }) => image.part?.whole ?? image.sopInstance);
  const planes = images.map((parts) => new Plane(parts));
  planes.sort((a, b) => b.image.width - a.image.width);
  const volumes = planes.filter(({ image }) => image.flavor === 'volume');
  // A thumbnail shows the tissue too: alone it is a small slide.
  const tissue = volumes.length > 0 ? volumes : planes.filter(({ image }) => isTissue(image));
  if (tissue.length === 0) {
    throw new CytolensError(
      'unsupported',
      'This is only the label or the overview that belongs to a slide. Open the whole folder that it lies in.',
    );
  }
  const pyramid = [tissue[0]];
  let doubles = 0;
  for (const plane of tissue.slice(1)) {
    if (!alike(plane, pyramid[0])) continue;
    if (plane.image.width < pyramid[pyramid.length - 1].image.width) pyramid.push(plane);
    else doubles++;
  }
  checkCoarsest(pyramid);
  const beside = new Map<AssociatedKind, Plane>();
  for (const plane of planes) {
    const kind = BESIDE[plane.image.flavor];
    if (kind && !pyramid.includes(plane) && !beside.has(kind)) beside.set(kind, plane);
  }
  return { pyramid, beside, doubles };
}

function checkCoarsest(pyramid: readonly Plane[]): void {
  const { width, height } = pyramid[pyramid.length - 1].image;
  if (width * height <= COARSEST) return;
  throw new CytolensError(
    'unsupported',
    'Only the finest images of this slide are here, and a viewer needs the coarser ones too. Open the whole folder or series that they lie in.',
    `the coarsest is ${width} x ${height} px`,
  );
}

function alike({ image: a }: Plane, { image: b }: Plane): boolean {
  const expected = (b.height * a.width) / b.width;
  return Math.abs(a.height - expected) <= Math.max(2, SHAPE_SLACK * expected);
}

function saidBy(image: DicomImage): CatalogFacts {
  const { spacing, objective, scanner, stain } = image;
  return {
    mpp: spacing && isSquare(spacing) ? spacing.x : null,
    objective,
    scanner: scanner ?? undefined,
    stain: stain ?? undefined,
  };
}

/** What a person should know before trusting the picture. */
function remarks(pyramid: readonly Plane[], doubles: number): string[] {
  const { spacing, focalPlanes, places } = pyramid[0].image;
  const depths = places ? new Set(places.z).size : focalPlanes;
  const lacks = pyramid.reduce((sum, plane) => sum + plane.lacks, 0);
  const all: string[] = [];
  if (spacing && !isSquare(spacing)) {
    all.push(
      `The pixels of this slide are not square (${spacing.x.toFixed(4)} x ${spacing.y.toFixed(4)} µm), so its lengths depend on their direction and no scale is taken from it.`,
    );
  }
  if (depths > 1) all.push(`This slide has ${depths} planes of focus; the middle one is shown.`);
  if (doubles > 0) {
    all.push(
      `Of images of the same size one is shown; ${doubles} more, as of other optical paths or planes of focus, are left out.`,
    );
  }
  if (lacks > 0) {
    all.push(`Parts of this slide are not among the files: ${lacks} tiles are left white.`);
  }
  return all;
}

function orderRemark(orders: readonly ('rows' | 'columns' | null)[]): string[] {
  const guessed = orders.find((order) => order !== null);
  if (!guessed) return [];
  const how = guessed === 'rows' ? 'row by row' : 'column by column';
  return [
    `The file does not say how its tiles lie; they are put together ${how}, as their seams fit best.`,
  ];
}

/** SHA-256 over the identifiers of the pyramid's instances: the same on disk and on a server. */
function identity(pyramid: readonly Plane[]): string {
  const uids = pyramid.flatMap((plane) => plane.instances).sort();
  return `dicom-${sha256(new TextEncoder().encode(uids.join('\n'))).slice(0, 32)}`;
}
