/** Which tiles there are and what each is of: from a table beside the pictures, or from their names. */
import { CytolensError } from '../../core/errors.ts';
import type { Rect } from '../../core/geometry.ts';
import type { SampleLabels } from '../samples.ts';

export interface TileRow {
  /** A picture, or a slide of the same folder where `rect` is given. */
  file: string;
  labels: SampleLabels;
  /** Level-0 px. */
  rect: Rect | null;
  /** um per px of the file, where the table says. */
  mpp: number | null;
}

const FILE_COLUMNS = ['file', 'tile', 'slide'];
const LABELS = ['biology', 'centre', 'group'] as const;

/**
 * Rows of a CSV or TSV with a header: a column file or tile (a picture), or slide with x, y, w, h;
 * biology, centre, group (or patient); mpp if known. Where there is no group, a slide is its own.
 * Throws `format` in a sentence that names the column or the row.
 */
export function tileRows(text: string): TileRow[] {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const mark = (lines[0] ?? '').includes('\t') ? '\t' : ',';
  const split = (line: string) => line.split(mark).map((field) => field.trim());
  const header = split(lines[0] ?? '').map((name) => name.toLowerCase());
  const column = (...names: string[]) => header.findIndex((name) => names.includes(name));
  const box = ['x', 'y', 'w', 'h'].map((name) => column(name));
  const boxed = box.every((at) => at >= 0);
  const file = boxed && column('slide') >= 0 ? column('slide') : column(...FILE_COLUMNS);
  const at = {
    biology: column('biology', 'class'),
    centre: column('centre', 'center', 'scanner'),
    group: column('group', 'patient', 'slide'),
  };
  const missing = [...(file < 0 ? ['file'] : []), ...LABELS.filter((label) => at[label] < 0)];
  if (missing.length > 0) {
    throw malformed(
      `The table of tiles has no column "${missing.join('", "')}". It needs file (or slide with x, y, w, h), biology, centre and group (patient or slide).`,
    );
  }
  const scale = column('mpp');
  return lines.slice(1).map((line, i) => {
    const fields = split(line);
    const said = (where: number, what: string) => {
      const value = Number(fields[where]);
      if (fields[where] && Number.isFinite(value)) return value;
      throw malformed(`Row ${i + 2} of the table of tiles has no number in its column ${what}.`);
    };
    if (fields.length !== header.length) {
      throw malformed(
        `Row ${i + 2} of the table of tiles has ${fields.length} columns, the header has ${header.length}.`,
      );
    }
    const [biology, centre, group] = LABELS.map((label) => fields[at[label]]);
    const [x, y, w, h] = boxed ? box.map((where) => said(where, header[where])) : [0, 0, 0, 0];
    return {
      file: fields[file],
      labels: { biology, centre, group },
      rect: boxed ? { x, y, w, h } : null,
      mpp: scale >= 0 && fields[scale] ? said(scale, 'mpp') : null,
    };
  });
}

/** `<slide>_<column>_<row>.jpg` */
const NAMED = /^(.+)_\d+_\d+\.(jpe?g|png|webp|bmp)$/i;

/**
 * Rows of pictures named `<slide>_<column>_<row>`: the slide is the group; of its name the last word
 * (behind the last hyphen that is not a mere number) is the scanner, hence the centre, and the first
 * word the organ, hence the biology. Other names are left out.
 */
export function rowsOfNames(names: readonly string[]): TileRow[] {
  return names.flatMap((file) => {
    const slide = NAMED.exec(file)?.[1];
    if (!slide) return [];
    const words = slide.split('-');
    const number = /^\d+$/.test(words.at(-1) ?? '');
    const centre = words.at(number ? -2 : -1) ?? '';
    return [{ file, labels: { biology: words[0], centre, group: slide }, rect: null, mpp: null }];
  });
}

/**
 * What the labels cannot tell apart, in a sentence; null where nothing is: a class that was seen by
 * one centre alone has no neighbour of its own kind elsewhere, so its centre may stand for it.
 */
export function confounding(labels: readonly SampleLabels[]): string | null {
  const centres = new Map<string, Set<string>>();
  for (const { biology, centre } of labels) {
    centres.set(biology, (centres.get(biology) ?? new Set()).add(centre));
  }
  const tied = [...centres].filter(([, seen]) => seen.size === 1).map(([biology]) => biology);
  if (tied.length === 0) return null;
  const who =
    tied.length === centres.size
      ? 'Every class comes from one centre alone'
      : `${tied.length} of ${centres.size} classes come from one centre alone (${tied.join(', ')})`;
  return `${who}: for these, biology and centre are confounded, and no index can tell which of the two a neighbour shares.`;
}

function malformed(sentence: string): CytolensError {
  return new CytolensError('format', sentence);
}
