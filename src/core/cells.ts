/**
 * The cell table: columns, not objects. A cell is a centre, 32 radii (star-convex outline) and
 * values; a million cells take 63 MB and cross threads without a copy.
 */
import { extentOf, type Rect } from './geometry.ts';

/** Rays of an outline. Ray k points at angle 2 pi k / RAYS from +x towards +y. */
export const RAYS = 32;

export interface CellColumns {
  /** Centre, level-0 px. */
  x: Float32Array;
  y: Float32Array;
  /** RAYS bytes a cell; times `radiusUnit` gives level-0 px. */
  radii: Uint8Array;
  /** Index into `types` of the segmenter's manifest. */
  type: Uint8Array;
  /** Object probability, 0..255 for 0..1. */
  confidence: Uint8Array;
  /** Area of the outline, um2. */
  area: Float32Array;
  /** Number of the field that owns the cell (methods sheet: the field that holds its centre). */
  field: Uint32Array;
  /** Sum of the attention that reaches the cell, A_c. A field's attention sums to 1. */
  attention: Float32Array;
  /** Signed contribution to the field's logit, C_c. */
  contribution: Float32Array;
  /** Largest share of a token that the cell covers, 0..1. */
  purity: Float32Array;
  /** How many tokens the outline touches. */
  tokens: Uint8Array;
}

export interface CellTable extends CellColumns {
  count: number;
  /** Level-0 px that one unit of a radius byte stands for: one scale a table. */
  radiusUnit: number;
}

const COLUMNS = {
  x: Float32Array,
  y: Float32Array,
  radii: Uint8Array,
  type: Uint8Array,
  confidence: Uint8Array,
  area: Float32Array,
  field: Uint32Array,
  attention: Float32Array,
  contribution: Float32Array,
  purity: Float32Array,
  tokens: Uint8Array,
} as const;
export const COLUMN_NAMES = Object.keys(COLUMNS) as (keyof CellColumns)[];

/** Bytes a cell takes over all columns. */
export const BYTES_PER_CELL = COLUMN_NAMES.reduce(
  (sum, name) => sum + COLUMNS[name].BYTES_PER_ELEMENT * (name === 'radii' ? RAYS : 1),
  0,
);

export function createCells(capacity: number, radiusUnit: number): CellTable {
  const columns = Object.fromEntries(
    COLUMN_NAMES.map((name) => [name, new COLUMNS[name](capacity * width(name))]),
  ) as unknown as CellColumns;
  return { ...columns, count: 0, radiusUnit };
}

/**
 * Append the rows of `chunk` to `table`, growing its columns by doubling where they are full.
 * The scales of both must be equal (one scale a table). Returns the index of the first new row.
 */
export function appendCells(table: CellTable, chunk: CellTable): number {
  const first = table.count;
  const count = first + chunk.count;
  if (count > table.x.length) {
    const capacity = Math.max(count, table.x.length * 2, 256);
    const grown = createCells(capacity, table.radiusUnit);
    for (const name of COLUMN_NAMES) grown[name].set(table[name].subarray(0, first * width(name)));
    Object.assign(table, grown);
  }
  for (const name of COLUMN_NAMES) {
    table[name].set(chunk[name].subarray(0, chunk.count * width(name)), first * width(name));
  }
  table.count = count;
  return first;
}

/** Rows [from, to) as a table of their own: what is handed out or sent to another thread. */
export function sliceCells(table: CellTable, from = 0, to = table.count): CellTable {
  const columns = Object.fromEntries(
    COLUMN_NAMES.map((name) => [name, table[name].slice(from * width(name), to * width(name))]),
  ) as unknown as CellColumns;
  return { ...columns, count: to - from, radiusUnit: table.radiusUnit };
}

/** The buffers of a table, for a transfer list. */
export function cellBuffers(table: CellTable): ArrayBuffer[] {
  return COLUMN_NAMES.map((name) => table[name].buffer as ArrayBuffer);
}

const COS = Float64Array.from({ length: RAYS }, (_, k) => Math.cos((2 * Math.PI * k) / RAYS));
const SIN = Float64Array.from({ length: RAYS }, (_, k) => Math.sin((2 * Math.PI * k) / RAYS));
export const RAY_COS: Readonly<Float64Array> = COS;
export const RAY_SIN: Readonly<Float64Array> = SIN;

/** Outline of cell `index` as x0, y0, x1, y1, ... in level-0 px, into `out` (2 x RAYS). */
export function outline(
  table: Pick<CellTable, 'x' | 'y' | 'radii' | 'radiusUnit'>,
  index: number,
  out: Float64Array = new Float64Array(2 * RAYS),
): Float64Array {
  const x = table.x[index];
  const y = table.y[index];
  for (let k = 0; k < RAYS; k++) {
    const r = table.radii[index * RAYS + k] * table.radiusUnit;
    out[2 * k] = x + r * COS[k];
    out[2 * k + 1] = y + r * SIN[k];
  }
  return out;
}

/** Bounding box of a cell's outline, level-0 px. */
export function cellBounds(table: CellTable, index: number): Rect {
  return extentOf(outline(table, index));
}

/** Whether an offset from the centre lies within the star outline at `radii[base ...]`. */
export function insideStar(
  radii: ArrayLike<number>,
  base: number,
  dx: number,
  dy: number,
): boolean {
  const turn = (Math.atan2(dy, dx) / (2 * Math.PI) + 1) * RAYS;
  const k = Math.floor(turn) % RAYS;
  const next = (k + 1) % RAYS;
  // A sector without extent holds nothing.
  if (radii[base + k] + radii[base + next] <= 0) return false;
  // The edge from ray k to ray k+1 is straight: test the side of that edge, not a blended radius.
  const ax = radii[base + k] * RAY_COS[k];
  const ay = radii[base + k] * RAY_SIN[k];
  const bx = radii[base + next] * RAY_COS[next];
  const by = radii[base + next] * RAY_SIN[next];
  return (bx - ax) * (dy - ay) - (by - ay) * (dx - ax) >= 0;
}

const SECTOR = Math.sin((2 * Math.PI) / RAYS) / 2;

/** Area of a star outline: the sum of its RAYS triangles. */
export function starArea(radii: ArrayLike<number>, base: number): number {
  let area = 0;
  for (let k = 0; k < RAYS; k++) area += radii[base + k] * radii[base + ((k + 1) % RAYS)];
  return area * SECTOR;
}

function width(name: keyof CellColumns): number {
  return name === 'radii' ? RAYS : 1;
}
