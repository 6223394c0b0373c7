/** What kinds of DICOM objects there are beside slides (PS3.4, B.5), in words. */
import { CytolensError } from '../../core/errors.ts';
import { type DataSet, Tag } from './dataset.ts';

export const WHOLE_SLIDE = '1.2.840.10008.5.1.4.1.1.77.1.6';
export const MEDIA_DIRECTORY = '1.2.840.10008.1.3.10';

const STORAGE = '1.2.840.10008.5.1.4.1.1.';
const KINDS: ReadonlyMap<string, string> = new Map([
  [MEDIA_DIRECTORY, 'the table of contents of a disc (DICOMDIR)'],
  [`${STORAGE}2`, 'a CT image'],
  [`${STORAGE}2.1`, 'a CT image'],
  [`${STORAGE}4`, 'an MR image'],
  [`${STORAGE}4.1`, 'an MR image'],
  [`${STORAGE}6.1`, 'an ultrasound image'],
  [`${STORAGE}7`, 'a captured screen (secondary capture)'],
  [`${STORAGE}30`, 'a parametric map'],
  [`${STORAGE}66.4`, 'a segmentation (SEG)'],
  [`${STORAGE}66.5`, 'a surface segmentation'],
  [`${STORAGE}66.7`, 'a segmentation (label map)'],
  [`${STORAGE}77.1.2`, 'a photograph through a microscope'],
  [`${STORAGE}77.1.3`, 'a photograph through a microscope'],
  [`${STORAGE}77.1.4`, 'a photograph'],
  [`${STORAGE}91.1`, 'a set of microscopy annotations (ANN)'],
  [`${STORAGE}104.1`, 'a PDF document in DICOM'],
]);

/** The error for a DICOM object that is no whole slide image, whatever it is. */
export function notASlide(attributes: DataSet): CytolensError {
  const uid = attributes.text(Tag.SOPClassUID);
  const modality = attributes.text(Tag.Modality).slice(0, 16);
  const kind =
    KINDS.get(uid) ??
    (uid.startsWith(`${STORAGE}88.`) ? 'a structured report (SR)' : null) ??
    (modality ? `an object of modality ${modality}` : 'an object of another kind');
  return new CytolensError(
    'unsupported',
    `This DICOM file is ${kind}, not a slide. Open the slide itself: a VL Whole Slide Microscopy image (SM).`,
    `SOP class ${uid.slice(0, 64)}`,
  );
}
