/** Sizes of shapes as people read them: in um and mm where the slide tells its scale, else in px. */
import { formatLength } from '../core/units.ts';
import type { Annotation } from './annotation.ts';
import { angleOf, areaOf, countOf, type Geometry, isArea, lengthOf } from './geometry.ts';

export interface Measures {
  /** um2, or px^2 without a scale; null for points and lines. */
  area: number | null;
  /** um, or px: of an area its perimeter; null for points. */
  length: number | null;
  /** Degrees, 0..180. */
  angle: number | null;
  /** Of a set of points. */
  count: number | null;
  unit: 'um' | 'px';
}

/** `mpp` is um per level-0 px, null where it is not known. */
export function measure(geometry: Geometry, mpp: number | null): Measures {
  const scale = mpp ?? 1;
  const lined = geometry.kind !== 'points';
  return {
    area: isArea(geometry) ? areaOf(geometry) * scale ** 2 : null,
    length: lined ? lengthOf(geometry) * scale : null,
    angle: angleOf(geometry),
    count: lined ? null : countOf(geometry),
    unit: mpp === null ? 'px' : 'um',
  };
}

/** The one size that a shape is drawn for: '128 µm', '0.42 mm²', '37.2°', '12'. */
export function mainMeasure(
  { geometry }: Pick<Annotation, 'geometry'>,
  mpp: number | null,
): string {
  const { area, length, angle, count } = measure(geometry, mpp);
  if (geometry.kind === 'angle') return angle === null ? 'no angle' : `${angle.toFixed(1)}°`;
  if (area !== null) return areaText(area, mpp);
  if (count !== null) return count === 1 ? '1 point' : `${count.toLocaleString('en')} points`;
  return lengthText(length ?? 0, mpp);
}

/** From so many um2 on an area is told in mm2. */
const MM2_FROM = 1e5;

/** An area in um2 (px^2 without a scale) with its unit, to three digits. */
export function areaText(area: number, mpp: number | null): string {
  const [value, unit] =
    mpp === null ? [area, 'px²'] : area >= MM2_FROM ? [area / 1e6, 'mm²'] : [area, 'µm²'];
  return `${Number(value.toPrecision(3)).toLocaleString('en')} ${unit}`;
}

/** A length in um (px without a scale) with its unit. */
export function lengthText(length: number, mpp: number | null): string {
  return mpp === null ? `${Math.round(length).toLocaleString('en')} px` : formatLength(length);
}
