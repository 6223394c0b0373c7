/** Cells of a table: their places, and circles where there is no outline. */
import { RAYS } from '../../core/cells.ts';
import type { ImportBuilder } from './builder.ts';
import type { LengthUnit, TableColumns } from './columns.ts';

/** Radius of a place without an area of its own, um: about a lymphocyte's nucleus. */
export const POINT_RADIUS_UM = 3.5;

/** How a value of the row is read: by column position. */
export interface Row {
  number(at: number): number;
  text(at: number): string;
}

/**
 * Take a row with its `outline` (RAYS radii, level-0 px); without one it is a circle of the area
 * that the row gives, or of POINT_RADIUS_UM. The value column is kept where the overlay reads a
 * signed value from: in `contribution`.
 */
export function takeRow(
  builder: ImportBuilder,
  columns: TableColumns,
  unit: LengthUnit,
  row: Row,
  outline: Float64Array | null = null,
): void {
  const { report, frame } = builder;
  report.read++;
  const scale = unit === 'um' ? 1 / frame.mpp : 1;
  const x = row.number(columns.x) * scale;
  const y = row.number(columns.y) * scale;
  if (!Number.isFinite(x) || !Number.isFinite(y)) {
    report.notNumbers++;
    return;
  }
  const radii = outline ?? circle(columns, row, frame.mpp);
  const type = columns.type === null ? null : row.text(columns.type) || null;
  const at = builder.add(x, y, radii, null, type);
  if (at < 0) return;
  for (const { at: column, name } of columns.measured) {
    builder.measure(at, name, row.number(column));
  }
  if (columns.value) builder.measure(at, 'contribution_logit', row.number(columns.value.at));
}

function circle(columns: TableColumns, row: Row, mpp: number): Float64Array {
  const area = columns.measured.find(({ name }) => name === 'area_um2');
  const um2 = area ? row.number(area.at) : Number.NaN;
  const um = um2 > 0 ? Math.sqrt(um2 / Math.PI) : POINT_RADIUS_UM;
  return new Float64Array(RAYS).fill(um / mpp);
}
