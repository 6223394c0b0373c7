/** One VL Whole Slide Microscopy instance (PS3.3, A.32.8): what its attributes say of its pixels. */
import { CytolensError } from '../../core/errors.ts';
import { type Bulk, type DataSet, Tag } from './dataset.ts';
import { damaged, type FrameVisitor } from './header.ts';
import { notASlide, WHOLE_SLIDE } from './sop.ts';

export type Flavor = 'volume' | 'label' | 'overview' | 'thumbnail';

export interface DicomImage {
  sopInstance: string;
  study: string;
  series: string;
  frameOfReference: string;
  flavor: Flavor;
  description: string;
  /** Whole picture and one frame (a tile), px. */
  width: number;
  height: number;
  tileWidth: number;
  tileHeight: number;
  frames: number;
  /** Where each frame lies; null: gapless, row by row. */
  places: FramePlaces | null;
  /** Does the file say how its tiles lie (TILED_FULL, or places)? */
  ordered: boolean;
  /** Planes of focus, one after the other, of a TILED_FULL image. */
  focalPlanes: number;
  samples: 1 | 3;
  photometric: string;
  planar: boolean;
  /** um per pixel across and down; null when it does not say. */
  spacing: { x: number; y: number } | null;
  objective: number | null;
  scanner: string | null;
  stain: string | null;
  icc: Bulk | null;
  /** This instance holds a part of an image's frames, from `first` on. */
  part: { whole: string; first: number } | null;
}

/** Upper left corners of frames in the whole picture, px from 0, and their depths, um. */
export interface FramePlaces {
  x: number[];
  y: number[];
  z: number[];
  path: string[];
}

/** As many as a slide of 500,000 x 500,000 px has, twice. */
export const MAX_FRAMES = 8_000_000;
// 2^24: the largest side whose pixels all have exact Float32 coordinates.
const MAX_SIDE = 2 ** 24;
// Finer than light resolves, coarser than a thumbnail: the unit cannot be what DICOM asks for.
const SPACING_RANGE = [0.02, 200];
const COLOURS = ['RGB', 'YBR_FULL', 'YBR_FULL_422', 'YBR_ICT', 'YBR_RCT', 'MONOCHROME2'];
/** "Using substance" in SNOMED CT and in the older SNOMED RT: what a specimen was stained with. */
const SUBSTANCE = ['424361007', 'G-C350'];

/** Collects the places of frames while a header is read. */
export function placesOf(before: DataSet): { places: FramePlaces; visit: FrameVisitor } | null {
  if (before.text(Tag.DimensionOrganizationType) === 'TILED_FULL') return null;
  if (before.text(Tag.SOPClassUID) !== WHOLE_SLIDE) return null;
  const frames = Math.min(before.number(Tag.NumberOfFrames) ?? 1, MAX_FRAMES);
  const places: FramePlaces = { x: [], y: [], z: [], path: [] };
  const visit = (groups: DataSet) => {
    if (places.x.length >= frames) throw damaged(`more frame groups than the ${frames} frames`);
    const position = groups.path(Tag.PlanePositionSlideSequence);
    places.x.push((position?.number(Tag.ColumnPosition) ?? Number.NaN) - 1);
    places.y.push((position?.number(Tag.RowPosition) ?? Number.NaN) - 1);
    places.z.push(position?.number(Tag.ZOffsetInSlideCoordinateSystem) ?? 0);
    const path = groups.path(Tag.OpticalPathIdentificationSequence);
    places.path.push(path?.text(Tag.OpticalPathIdentifier) ?? '');
  };
  return { places, visit };
}

/**
 * Throws `unsupported` for what is no slide or has colours that are not read, `format` where sizes
 * make no sense, `too-large` for more than any slide has.
 */
export function imageOf(attributes: DataSet, places: FramePlaces | null): DicomImage {
  if (attributes.text(Tag.SOPClassUID) !== WHOLE_SLIDE) throw notASlide(attributes);
  const columns = size(attributes, Tag.Columns, 'Columns');
  const rows = size(attributes, Tag.Rows, 'Rows');
  const frames = attributes.number(Tag.NumberOfFrames) ?? 1;
  if (!(Number.isInteger(frames) && frames >= 1)) throw damaged(`${frames} frames`);
  // A picture of one frame need not say how large the whole is.
  const whole = frames === 1 ? { width: columns, height: rows } : { width: 0, height: 0 };
  const width = attributes.number(Tag.TotalPixelMatrixColumns) ?? whole.width;
  const height = attributes.number(Tag.TotalPixelMatrixRows) ?? whole.height;
  checkSize(width, height, columns, rows, frames);
  const placed = places && places.x.length > 0 ? checkedPlaces(places, frames) : null;
  const path = attributes.path(Tag.OpticalPathSequence);
  const concatenation = attributes.text(Tag.ConcatenationUID);
  return {
    sopInstance: attributes.text(Tag.SOPInstanceUID),
    study: attributes.text(Tag.StudyInstanceUID),
    series: attributes.text(Tag.SeriesInstanceUID),
    frameOfReference: attributes.text(Tag.FrameOfReferenceUID),
    flavor: flavorOf(attributes.texts(Tag.ImageType)),
    description: attributes.text(Tag.SeriesDescription),
    width,
    height,
    tileWidth: columns,
    tileHeight: rows,
    frames,
    places: placed,
    ordered: placed !== null || attributes.text(Tag.DimensionOrganizationType) === 'TILED_FULL',
    focalPlanes: Math.max(1, attributes.number(Tag.TotalPixelMatrixFocalPlanes) ?? 1),
    ...colourOf(attributes),
    spacing: plausible(spacingOf(attributes)) ?? plausible(spreadOf(attributes, width, height)),
    objective: path?.number(Tag.ObjectiveLensPower) ?? null,
    scanner: scannerOf(attributes),
    stain: stainOf(attributes),
    icc: path?.bulk(Tag.ICCProfile) ?? attributes.bulk(Tag.ICCProfile),
    part: concatenation
      ? {
          whole: concatenation,
          first: attributes.number(Tag.ConcatenationFrameOffsetNumber) ?? 0,
        }
      : null,
  };
}

function checkSize(width: number, height: number, columns: number, rows: number, frames: number) {
  const sane = [width, height].every((side) => Number.isInteger(side) && side >= 1);
  if (!sane) {
    throw new CytolensError(
      'format',
      'This DICOM file does not say how large the whole picture is, so its tiles cannot be put together. Export the slide again.',
      `${width} x ${height} px in ${frames} frames`,
    );
  }
  const tiles = Math.ceil(width / columns) * Math.ceil(height / rows);
  if (Math.max(width, height) > MAX_SIDE || Math.max(tiles, frames) > MAX_FRAMES) {
    throw new CytolensError(
      'too-large',
      'This DICOM file claims more tiles than any slide has, so it was not read on. Export the slide again.',
      `${width} x ${height} px in ${frames} frames of ${columns} x ${rows}`,
    );
  }
}

function checkedPlaces(places: FramePlaces, frames: number): FramePlaces {
  const { x, y } = places;
  const placed = x.length === frames && x.every(Number.isInteger) && y.every(Number.isInteger);
  if (placed) return places;
  throw damaged(`places of ${x.length} of ${frames} frames`);
}

function colourOf(attributes: DataSet): Pick<DicomImage, 'samples' | 'photometric' | 'planar'> {
  const photometric = attributes.text(Tag.PhotometricInterpretation);
  const samples = attributes.number(Tag.SamplesPerPixel) ?? 0;
  const bits = attributes.number(Tag.BitsAllocated) ?? 0;
  const grey = photometric === 'MONOCHROME2';
  const paths = attributes.items(Tag.OpticalPathSequence).length;
  if (grey && paths > 1) {
    throw new CytolensError(
      'unsupported',
      `This slide has ${paths} optical paths, as fluorescence has. Only slides in colour are read: open one in RGB.`,
      photometric,
    );
  }
  if (!COLOURS.includes(photometric) || samples !== (grey ? 1 : 3) || bits !== 8) {
    throw new CytolensError(
      'unsupported',
      'The colours of this slide are stored in a way that is not read. Export it in RGB with 8 bits a sample.',
      `${photometric.slice(0, 32)}, ${samples} samples of ${bits} bits`,
    );
  }
  return {
    samples: grey ? 1 : 3,
    photometric,
    planar: attributes.number(Tag.PlanarConfiguration) === 1,
  };
}

/** Value 3 of Image Type; an image that does not say is taken for the slide itself. */
function flavorOf(imageType: readonly string[]): Flavor {
  const names: Record<string, Flavor> = {
    LABEL: 'label',
    OVERVIEW: 'overview',
    LOCALIZER: 'overview',
    THUMBNAIL: 'thumbnail',
  };
  return names[imageType[2] ?? ''] ?? 'volume';
}

/** Pixel Spacing is mm down, then across (PS3.3, 10.7.1.3). */
function spacingOf(attributes: DataSet): DicomImage['spacing'] {
  const measures =
    attributes.path(Tag.SharedFunctionalGroupsSequence, Tag.PixelMeasuresSequence) ?? attributes;
  const [down, across] = measures.numbers(Tag.PixelSpacing);
  return down > 0 && across > 0 ? { x: across * 1000, y: down * 1000 } : null;
}

/** The size of what was imaged, mm, spread over the pixels; placeholders in it show by not being square. */
function spreadOf(attributes: DataSet, width: number, height: number): DicomImage['spacing'] {
  const x = (1000 * (attributes.number(Tag.ImagedVolumeWidth) ?? 0)) / width;
  const y = (1000 * (attributes.number(Tag.ImagedVolumeHeight) ?? 0)) / height;
  return isSquare({ x, y }) ? { x, y } : null;
}

/** Are both sides of a pixel alike to 1 %? */
export function isSquare({ x, y }: { x: number; y: number }): boolean {
  return Math.abs(x / y - 1) <= 0.01;
}

function plausible(spacing: DicomImage['spacing']): DicomImage['spacing'] {
  const within = (mpp: number) => mpp >= SPACING_RANGE[0] && mpp <= SPACING_RANGE[1];
  return spacing && within(spacing.x) && within(spacing.y) ? spacing : null;
}

function scannerOf(attributes: DataSet): string | null {
  const maker = attributes.text(Tag.Manufacturer);
  const model = attributes.text(Tag.ManufacturerModelName);
  const known = [maker, model].filter((name) => name && name !== 'Unknown');
  return known.join(' ').slice(0, 80) || null;
}

/** The substances of the first specimen's preparation, as their codes name them. */
function stainOf(attributes: DataSet): string | null {
  const specimen = attributes.path(Tag.SpecimenDescriptionSequence);
  const steps = specimen?.items(Tag.SpecimenPreparationSequence) ?? [];
  const names = steps
    .flatMap((step) => step.items(Tag.SpecimenPreparationStepContentItemSequence))
    .filter((item) => {
      const concept = item.path(Tag.ConceptNameCodeSequence)?.text(Tag.CodeValue) ?? '';
      return SUBSTANCE.includes(concept);
    })
    .map((item) => item.path(Tag.ConceptCodeSequence)?.text(Tag.CodeMeaning) ?? '')
    .filter((name) => /stain|eosin/i.test(name));
  return [...new Set(names)].join(', ').slice(0, 80) || null;
}

function size(attributes: DataSet, tag: number, name: string): number {
  const value = attributes.number(tag);
  if (value === null || value < 1) throw damaged(`${name} is ${value}`);
  return value;
}
