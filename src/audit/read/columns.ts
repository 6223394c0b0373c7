/** Which columns of a table are labels, which the embedding. */
import { CytolensError } from '../../core/errors.ts';
import type { SampleLabels } from '../samples.ts';
import { plainName } from './contents.ts';

type Label = keyof SampleLabels;

/** Names that each label goes by, the likeliest first: of patient and slide, the patient counts. */
const NAMES: Record<Label, string[]> = {
  biology: ['biology', 'biologicalclass', 'class', 'label', 'tissue', 'diagnosis', 'organ'],
  centre: ['centre', 'medicalcentre', 'site', 'hospital', 'institution', 'scanner', 'batch'],
  group: ['group', 'patient', 'case', 'donor', 'subject', 'slide', 'wsi'],
};
export const LABELS = Object.keys(NAMES) as Label[];

/** Names of places, files and row numbers: never a dimension. */
const PLACES =
  'id index row col column x y w h width height level mpp tile patch path file image name split fold'.split(
    ' ',
  );

export interface Plan {
  /** Place of each label among the columns. */
  labels: Partial<Record<Label, number>>;
  /** Places of the dimensions, in their order. */
  dimensions: number[];
  /** Names of the columns that are neither, those without a name aside. */
  leftOut: string[];
}

/** The place of each label among `names`; the same rules for columns and for arrays. */
export function labelPlaces(names: readonly string[]): Plan['labels'] {
  const found: Plan['labels'] = {};
  for (const label of LABELS) {
    const places = NAMES[label].map((own) => names.findIndex((name) => isCalled(name, own)));
    const at = places.find((place) => place >= 0);
    if (at !== undefined) found[label] = at;
  }
  return found;
}

/**
 * Numbered columns (0, e1, dim_12) are the embedding; without any, every column that is no label
 * and no place of a tile. Of several series of numbers the longest counts. Throws `format` for a
 * name that comes twice.
 */
export function planColumns(file: string, names: readonly string[]): Plan {
  const twice = names.find((name, at) => name !== '' && names.indexOf(name) < at);
  if (twice !== undefined) {
    throw new CytolensError('format', `${file} has two columns "${twice}". Rename one of them.`);
  }
  const labels = labelPlaces(names);
  const taken = new Set(Object.values(labels));
  const free = [...names.keys()].filter((at) => !taken.has(at));
  const series = new Map<string, number[]>();
  for (const at of free) {
    const stem = /^(.*?)\d+$/.exec(names[at])?.[1];
    if (stem !== undefined) series.set(stem, [...(series.get(stem) ?? []), at]);
  }
  const longest = [...series.values()].reduce((a, b) => (b.length > a.length ? b : a), []);
  const dimensions = longest.length > 0 ? longest : free.filter((at) => !isKnown(names[at]));
  const used = new Set([...dimensions, ...taken]);
  return { labels, dimensions, leftOut: names.filter((name, at) => name !== '' && !used.has(at)) };
}

/** Whether a column is called so: `Slide_ID`, `slides` and `slide name` are all a slide. */
function isCalled(name: string, own: string): boolean {
  const plain = plainName(name).replace('center', 'centre');
  return ['', 's', 'id', 'name', 'code'].some((end) => plain === own + end);
}

/** Names of other labels, of places and of row numbers (which pandas leaves without a name). */
function isKnown(name: string): boolean {
  const others = [...Object.values(NAMES).flat(), ...PLACES];
  return plainName(name) === '' || others.some((own) => isCalled(name, own));
}
