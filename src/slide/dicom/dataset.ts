/**
 * A DICOM data set (PS3.5, 7), as far as a slide needs it. Files (`header.ts`) and DICOMweb answers
 * (`json.ts`) both become this; attributes that are not listed here, patient data among them, are
 * never kept. Tags are numbers: group and element as one, 0x00280010.
 */
import type { Bytes } from '../bytes.ts';

/** How the value of an attribute is stored: text, numbers of a width, a sequence, raw bytes. */
export type Kind = 'text' | 'us' | 'ul' | 'sl' | 'fl' | 'fd' | 'sq' | 'bulk';

export const Tag = {
  TransferSyntaxUID: 0x00020010,
  ImageType: 0x00080008,
  SOPClassUID: 0x00080016,
  SOPInstanceUID: 0x00080018,
  Modality: 0x00080060,
  Manufacturer: 0x00080070,
  CodeValue: 0x00080100,
  CodeMeaning: 0x00080104,
  SeriesDescription: 0x0008103e,
  ManufacturerModelName: 0x00081090,
  StudyInstanceUID: 0x0020000d,
  SeriesInstanceUID: 0x0020000e,
  NumberOfSeriesRelatedInstances: 0x00201209,
  ConcatenationUID: 0x00209161,
  ConcatenationFrameOffsetNumber: 0x00209228,
  DimensionOrganizationType: 0x00209311,
  FrameOfReferenceUID: 0x00200052,
  SamplesPerPixel: 0x00280002,
  PhotometricInterpretation: 0x00280004,
  PlanarConfiguration: 0x00280006,
  NumberOfFrames: 0x00280008,
  Rows: 0x00280010,
  Columns: 0x00280011,
  PixelSpacing: 0x00280030,
  BitsAllocated: 0x00280100,
  BitsStored: 0x00280101,
  ICCProfile: 0x00282000,
  PixelMeasuresSequence: 0x00289110,
  SpecimenDescriptionSequence: 0x00400560,
  SpecimenPreparationSequence: 0x00400610,
  SpecimenPreparationStepContentItemSequence: 0x00400612,
  ZOffsetInSlideCoordinateSystem: 0x0040074a,
  ConceptNameCodeSequence: 0x0040a043,
  ConceptCodeSequence: 0x0040a168,
  ImagedVolumeWidth: 0x00480001,
  ImagedVolumeHeight: 0x00480002,
  TotalPixelMatrixColumns: 0x00480006,
  TotalPixelMatrixRows: 0x00480007,
  OpticalPathSequence: 0x00480105,
  OpticalPathIdentifier: 0x00480106,
  ObjectiveLensPower: 0x00480112,
  OpticalPathIdentificationSequence: 0x00480207,
  PlanePositionSlideSequence: 0x0048021a,
  ColumnPosition: 0x0048021e,
  RowPosition: 0x0048021f,
  TotalPixelMatrixFocalPlanes: 0x00480303,
  SharedFunctionalGroupsSequence: 0x52009229,
  PerFrameFunctionalGroupsSequence: 0x52009230,
  ExtendedOffsetTable: 0x7fe00001,
  ExtendedOffsetTableLengths: 0x7fe00002,
  PixelData: 0x7fe00010,
} as const;

const NOT_TEXT: Partial<Record<keyof typeof Tag, Kind>> = {
  ConcatenationFrameOffsetNumber: 'ul',
  SamplesPerPixel: 'us',
  PlanarConfiguration: 'us',
  Rows: 'us',
  Columns: 'us',
  BitsAllocated: 'us',
  BitsStored: 'us',
  ICCProfile: 'bulk',
  PixelMeasuresSequence: 'sq',
  SpecimenDescriptionSequence: 'sq',
  SpecimenPreparationSequence: 'sq',
  SpecimenPreparationStepContentItemSequence: 'sq',
  ConceptNameCodeSequence: 'sq',
  ConceptCodeSequence: 'sq',
  ImagedVolumeWidth: 'fl',
  ImagedVolumeHeight: 'fl',
  TotalPixelMatrixColumns: 'ul',
  TotalPixelMatrixRows: 'ul',
  OpticalPathSequence: 'sq',
  OpticalPathIdentificationSequence: 'sq',
  PlanePositionSlideSequence: 'sq',
  ColumnPosition: 'sl',
  RowPosition: 'sl',
  TotalPixelMatrixFocalPlanes: 'ul',
  SharedFunctionalGroupsSequence: 'sq',
  PerFrameFunctionalGroupsSequence: 'sq',
  ExtendedOffsetTable: 'bulk',
  ExtendedOffsetTableLengths: 'bulk',
  PixelData: 'bulk',
};

/** What is kept of a data set, and how its values are stored. */
export const KINDS: ReadonlyMap<number, Kind> = new Map(
  (Object.keys(Tag) as (keyof typeof Tag)[]).map((name) => [Tag[name], NOT_TEXT[name] ?? 'text']),
);

/** A value too long to be read along with the rest: its bytes, when asked for. */
export type Bulk = (signal?: AbortSignal) => Promise<Bytes>;

export type Value =
  | { readonly kind: 'text'; readonly texts: readonly string[] }
  | { readonly kind: 'numbers'; readonly numbers: readonly number[] }
  | { readonly kind: 'items'; readonly items: readonly DataSet[] }
  | { readonly kind: 'bulk'; readonly bulk: Bulk };

export class DataSet {
  private readonly values = new Map<number, Value>();

  set(tag: number, value: Value): void {
    this.values.set(tag, value);
  }

  /** All values of a text attribute, without padding; empty when it is absent. */
  texts(tag: number): readonly string[] {
    const value = this.values.get(tag);
    return value?.kind === 'text' ? value.texts : [];
  }

  /** The first value, or an empty text. */
  text(tag: number): string {
    return this.texts(tag)[0] ?? '';
  }

  /** All values as numbers, those written as text (DS, IS) too; what is no number is NaN. */
  numbers(tag: number): readonly number[] {
    const value = this.values.get(tag);
    if (value?.kind === 'numbers') return value.numbers;
    return this.texts(tag).map((text) => (text === '' ? Number.NaN : Number(text)));
  }

  /** The first value when it is a finite number, else null. */
  number(tag: number): number | null {
    const first = this.numbers(tag)[0] ?? Number.NaN;
    return Number.isFinite(first) ? first : null;
  }

  items(tag: number): readonly DataSet[] {
    const value = this.values.get(tag);
    return value?.kind === 'items' ? value.items : [];
  }

  /** First item of the first sequence, then of the next within it, ...; null where one is missing. */
  path(...tags: number[]): DataSet | null {
    let at: DataSet | null = this;
    for (const tag of tags) at = at?.items(tag)[0] ?? null;
    return at;
  }

  bulk(tag: number): Bulk | null {
    const value = this.values.get(tag);
    return value?.kind === 'bulk' ? value.bulk : null;
  }
}
