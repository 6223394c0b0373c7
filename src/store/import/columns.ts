/** Which columns of a table say what: our own names, QuPath's measurement tables, and plain x, y. */
import { CytolensError } from '../../core/errors.ts';
import { ImportBuilder } from './builder.ts';

export type LengthUnit = 'px' | 'um';

/** Positions of columns in a row. */
export interface TableColumns {
  x: number;
  y: number;
  /** Null: the names do not say, and the user has to. */
  unit: LengthUnit | null;
  type: number | null;
  /** Shown as the cells' value. */
  value: { at: number; name: string } | null;
  /** Columns of our own, by name. */
  measured: { at: number; name: string }[];
}

const UNIT = '(?:[ _([]*(px|pixels?|µm|μm|um|microns?)[)\\]]*)?';
const X = new RegExp(
  `^(?:cell |nucleus: )?(?:centroid[ _])?x(?:[ _](?:centroid|location))?${UNIT}$`,
);
const Y = new RegExp(
  `^(?:cell |nucleus: )?(?:centroid[ _])?y(?:[ _](?:centroid|location))?${UNIT}$`,
);
const TYPE = /^(type|class|classification|cell[ _]?type|label|cluster)$/;
const VALUE = /^(value|score|expression)$/;

/** Find the columns of a header. Throws `format` when there is no x and y. */
export function columnsOf(header: readonly string[]): TableColumns {
  const names = header.map((name) => name.trim().toLowerCase());
  const find = (pattern: RegExp) => {
    const at = names.findIndex((name) => pattern.test(name));
    return at < 0 ? null : at;
  };
  const x = find(X);
  const y = find(Y);
  if (x === null || y === null) {
    throw new CytolensError(
      'format',
      'The table has no columns for the place of a cell. Name them x and y, or x_px and y_px, or x_um and y_um.',
      `columns: ${header.slice(0, 30).join(', ')}`,
    );
  }
  const value = find(VALUE);
  return {
    x,
    y,
    unit: unitOf(X.exec(names[x])?.[1]),
    type: find(TYPE),
    value: value === null ? null : { at: value, name: header[value].trim() },
    measured: names.flatMap((name, at) => (ImportBuilder.knows(name) ? [{ at, name }] : [])),
  };
}

/** The user is asked whenever a table does not say; nothing guesses in silence. */
export function needUnit(columns: TableColumns, given: LengthUnit | null): LengthUnit {
  const unit = columns.unit ?? given;
  if (unit) return unit;
  throw new CytolensError(
    'no-scale',
    'The table does not say whether its x and y are pixels or micrometres. Choose one, then open it again.',
  );
}

function unitOf(text: string | undefined): LengthUnit | null {
  if (!text) return null;
  return text.startsWith('p') ? 'px' : 'um';
}
