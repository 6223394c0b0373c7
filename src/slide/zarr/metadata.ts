/**
 * What an OME-Zarr group says of its picture: axes, levels and their scale.
 * Source: OME-NGFF 0.4 and 0.5 (https://ngff.openmicroscopy.org), "multiscales" metadata.
 */
import { z } from 'zod';
import { CytolensError } from '../../core/errors.ts';
import { squareMpp } from '../describe.ts';
import { checkJson } from '../json.ts';

/** A group's attributes are some kB; plates and labels make them longer. */
export const ATTRIBUTES_LIMIT = 4 * 1024 * 1024;
export const WHAT = 'OME-Zarr description';

export interface Multiscale {
  /** Axes in the order of the arrays' dimensions. */
  axes: Axis[];
  /** Paths of the arrays below the group, the finest first, with the scale that each claims. */
  datasets: Dataset[];
  /** um per px of the finest array; null when the axes have no unit. */
  mpp: number | null;
}

export type Axis = 't' | 'c' | 'z' | 'y' | 'x';

export interface Dataset {
  path: string;
  /** Size of a pixel along each axis, in the axes' units or in px; null when it does not say. */
  scale: number[] | null;
}

// Names of arrays go into addresses: nothing that leaves the group or means something there.
const pathSchema = z
  .string()
  .max(300)
  .regex(/^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/);
const transformsSchema = z
  .array(z.object({ type: z.string(), scale: z.array(z.number().positive()).max(8).optional() }))
  .max(8)
  .optional();
const axisSchema = z.union([
  z.string().transform((name) => ({ name, unit: undefined })),
  z.object({ name: z.string(), unit: z.string().optional() }),
]);
const multiscaleSchema = z.object({
  axes: z.array(axisSchema).min(2).max(5).optional(),
  datasets: z
    .array(z.object({ path: pathSchema, coordinateTransformations: transformsSchema }))
    .min(1)
    .max(64),
  coordinateTransformations: transformsSchema,
});
const attributesSchema = z.object({
  multiscales: z.array(multiscaleSchema).min(1).max(64).optional(),
  'bioformats2raw.layout': z.number().optional(),
});
const groupSchema = z.object({
  attributes: z.object({ ome: attributesSchema.optional() }).and(attributesSchema).optional(),
});

const MICROMETRES: Record<string, number> = {
  angstrom: 1e-4,
  nanometer: 1e-3,
  micrometer: 1,
  millimeter: 1e3,
  centimeter: 1e4,
  meter: 1e6,
};
/** Axes of arrays older than 0.4, which do not name them. */
const UNNAMED: Axis[] = ['t', 'c', 'z', 'y', 'x'];

/**
 * The picture of a group, from the parsed `.zattrs` (zarr 2) or `zarr.json` (zarr 3). 'series'
 * when the pictures lie one group further down, as bioformats2raw lays them out. Throws `format`,
 * and `unsupported` for axes that are no picture.
 */
export function parseGroup(value: unknown, zarrVersion: 2 | 3): Multiscale | 'series' {
  const said =
    zarrVersion === 2
      ? checkJson(value, attributesSchema, WHAT)
      : attributesOf(checkJson(value, groupSchema, WHAT));
  const found = said.multiscales?.[0];
  if (!found) {
    if (said['bioformats2raw.layout'] !== undefined) return 'series';
    throw new CytolensError(
      'format',
      'This Zarr is no OME-Zarr picture: it does not say which of its arrays are the levels of a slide. Open the group that holds "multiscales".',
    );
  }
  const axes = found.axes ?? UNNAMED.map((name) => ({ name, unit: undefined }));
  const names = axes.map(({ name }) => axisOf(name));
  const scaleOf = (list: z.infer<typeof transformsSchema>) =>
    list?.find(({ type, scale }) => type === 'scale' && scale?.length === names.length)?.scale;
  const common = scaleOf(found.coordinateTransformations);
  const datasets = found.datasets.map(({ path, coordinateTransformations }) => {
    const own = scaleOf(coordinateTransformations);
    return { path, scale: own ? own.map((s, i) => s * (common?.[i] ?? 1)) : (common ?? null) };
  });
  const micrometres = (axis: Axis) => {
    const at = names.indexOf(axis);
    const unit = MICROMETRES[axes[at].unit ?? ''];
    return (datasets[0].scale?.[at] ?? Number.NaN) * (unit ?? Number.NaN);
  };
  checkAxes(names);
  const mpp = squareMpp(micrometres('x'), micrometres('y'));
  return { axes: names, datasets, mpp };
}

/**
 * Level-0 px per px of a level. The scale that the file claims, where it agrees with the sizes to
 * a pixel (sizes are rounded, scales are not); else the ratio of the sizes.
 */
export function downsampleOf(claimed: number, finest: number, size: number): number {
  const agrees = Number.isFinite(claimed) && Math.abs(claimed * size - finest) <= claimed;
  return agrees ? claimed : finest / size;
}

function attributesOf({ attributes = {} }: z.infer<typeof groupSchema>) {
  return attributes.ome ?? attributes;
}

function axisOf(name: string): Axis {
  const axis = UNNAMED.find((known) => known === name.toLowerCase());
  if (axis) return axis;
  throw new CytolensError(
    'unsupported',
    'This OME-Zarr has an axis other than time, channel, z, y and x, so it is no slide.',
    name.slice(0, 40),
  );
}

function checkAxes(names: Axis[]): void {
  const whole = (['c', 'y', 'x'] as const).every((axis) => names.includes(axis));
  if (whole && new Set(names).size === names.length) return;
  throw new CytolensError(
    'unsupported',
    'This OME-Zarr is no colour picture: it needs the axes y and x and three channels (red, green, blue).',
    names.join(','),
  );
}
