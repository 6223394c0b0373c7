/** What both kinds of DICOM files say of slide, study, software and provenance. */
import { NOTICE, type Provenance } from '../provenance.ts';
import { code, type Dataset, newUid, uidFrom } from './dicom.ts';

/** LO and SH hold so many characters at most (PS3.5, table 6.2-1). */
const LO = 64;
const SH = 16;
/** Code values of our own measurements live in this scheme (99: private). */
const SCHEME = '99CYTOLENS';

/**
 * Patient, study, series, equipment, frame of reference and SOP common modules. A slide without a
 * DICOM identity gets a study and a frame of reference derived from its id: the same slide, the
 * same two identifiers. The frame's origin is the upper left corner of the slide's image; mm.
 */
export function commonModules(
  provenance: Provenance,
  sopClass: string,
  modality: 'ANN' | 'OT',
  label: string,
): Dataset {
  const { slide, cytolens: version } = provenance;
  const { date, time } = dicomTime(provenance.time);
  return [
    [0x00080005, 'CS', 'ISO_IR 192'],
    [0x00080016, 'UI', sopClass],
    [0x00080018, 'UI', newUid()],
    [0x00080020, 'DA', date],
    [0x00080023, 'DA', date],
    [0x00080030, 'TM', time],
    [0x00080033, 'TM', time],
    [0x00080050, 'SH', ''],
    [0x00080060, 'CS', modality],
    [0x00080070, 'LO', 'Cytolens'],
    [0x00080090, 'PN', ''],
    [0x0008103e, 'LO', clipped(slide.name, LO)],
    [0x00081090, 'LO', 'Cytolens'],
    [0x00100010, 'PN', ''],
    [0x00100020, 'LO', ''],
    [0x00100030, 'DA', ''],
    [0x00100040, 'CS', ''],
    [0x00181000, 'LO', 'none'],
    [0x00181020, 'LO', version],
    [0x0020000d, 'UI', uidFrom(`cytolens study ${slide.id}`)],
    [0x0020000e, 'UI', newUid()],
    [0x00200010, 'SH', ''],
    [0x00200011, 'IS', '1'],
    [0x00200013, 'IS', '1'],
    [0x00200052, 'UI', uidFrom(`cytolens frame of reference ${slide.id}`)],
    [0x00201040, 'LO', ''],
    [0x00700080, 'CS', label],
    [0x00700081, 'LO', NOTICE],
    [0x00700084, 'PN', ''],
    // Our own element: everything that other exports say of where the numbers come from.
    [0x00990010, 'LO', 'CYTOLENS'],
    [0x00991001, 'UT', JSON.stringify(provenance)],
  ];
}

/** The algorithm behind the outlines (role `segmenter`) or the values (role `head`). */
export function algorithm({ models }: Provenance, role: 'segmenter' | 'head'): Dataset {
  const model = models.find((candidate) => candidate.role === role);
  return [
    [0x0066002f, 'SQ', [code('123110', 'DCM', 'Artificial Intelligence')]],
    [0x00660036, 'LO', clipped(model?.id ?? 'unknown', LO)],
    [0x00660031, 'LO', clipped(model?.version ?? 'unknown', LO)],
    [0x00660032, 'LO', clipped(`sha256 ${model?.sha256.slice(0, 48) ?? 'unknown'}`, LO)],
  ];
}

/** A measured quantity of ours as a coded concept. */
export function quantity(column: string, about: string): Dataset {
  return code(clipped(column.toUpperCase(), SH), SCHEME, clipped(about, LO));
}

/** A unit as UCUM writes it. */
export function ucum(unit: string): Dataset {
  return unit === 'um2' ? code('um2', 'UCUM', 'square micrometer') : code('1', 'UCUM', 'no units');
}

/** A text cut to so many characters; a backslash would part values. */
export function clipped(text: string, length: number): string {
  return text.replaceAll('\\', '/').slice(0, length);
}

function dicomTime(iso: string): { date: string; time: string } {
  const digits = iso.replace(/\D/g, '');
  return { date: digits.slice(0, 8), time: digits.slice(8, 14) };
}
