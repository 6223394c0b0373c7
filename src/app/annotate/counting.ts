/** Analysed cells inside of annotations: counted in slices, boxes first, and filtered by. */
import { type Annotation, classOf } from '../../annotation/annotation.ts';
import { areaOf, boundsOf, type Geometry, isArea } from '../../annotation/geometry.ts';
import { type InsideTest, insideAny, insideOf } from '../../annotation/inside.ts';
import type { CellTable } from '../../core/cells.ts';
import { throwIfAborted } from '../../core/errors.ts';
import type { Rect } from '../../core/geometry.ts';
import { nextTask } from '../../core/tasks.ts';

/** Rows looked at between two turns for other work. */
const SLICE = 1 << 16;
/** Squares along the longer side of a shape's box by which its analysed share is measured. */
const SAMPLES = 64;

export interface CellCounts {
  /** By index of the cell type. */
  byType: Uint32Array;
  total: number;
  /** Area of the shape, and of its part that was analysed, um2. */
  area: number;
  analysed: number;
}

/** Several areas as one; what lies in two of them counts twice, cells and area alike. Null for none. */
export function sumOf(counts: readonly (CellCounts | undefined)[]): CellCounts | null {
  const known = counts.filter((each) => each !== undefined);
  if (known.length === 0) return null;
  const sum = { byType: new Uint32Array(256), total: 0, area: 0, analysed: 0 };
  for (const { byType, total, area, analysed } of known) {
    byType.forEach((n, type) => {
      sum.byType[type] += n;
    });
    sum.total += total;
    sum.area += area;
    sum.analysed += analysed;
  }
  return sum;
}

/** The part of a gate's `inside` that names a class. */
const CLASS = 'class:';

export function insideClass(name: string): string {
  return CLASS + name;
}

/** The areas that a gate's `inside` names: those of a class, or one by its id. */
export function areasInside(list: readonly Annotation[], inside: string): Geometry[] {
  const named = inside.startsWith(CLASS)
    ? list.filter((each) => classOf(each) === inside.slice(CLASS.length))
    : list.filter((each) => each.id === inside);
  return named.map(({ geometry }) => geometry).filter(isArea);
}

/** Whether a place is inside of what a gate names; nothing is inside of what is not there. */
export function insideTest(list: readonly Annotation[], inside: string): InsideTest {
  return insideAny(areasInside(list, inside));
}

/**
 * Cells whose centre lies inside of each area. `fields` are the analysed fields (level-0 px); with
 * none known the whole area counts as analysed. `mpp` is um per level-0 px. Throws `cancelled`.
 */
export async function countCells(
  areas: readonly Annotation[],
  table: CellTable,
  fields: readonly Rect[],
  mpp: number,
  signal?: AbortSignal,
): Promise<Map<string, CellCounts>> {
  const counts = new Map<string, CellCounts>();
  const seen = analysedTest(fields);
  for (const { id, geometry } of areas) {
    if (!isArea(geometry)) continue;
    const test = insideOf(geometry);
    const area = areaOf(geometry) * mpp ** 2;
    const byType = new Uint32Array(256);
    const total = await countInside(table, boundsOf(geometry), test, byType, signal);
    const share = seen ? shareIn(boundsOf(geometry), test, seen) : 1;
    counts.set(id, { byType, total, area, analysed: area * share });
  }
  return counts;
}

async function countInside(
  { x, y, type, count }: CellTable,
  box: Rect,
  test: InsideTest,
  byType: Uint32Array,
  signal?: AbortSignal,
): Promise<number> {
  let total = 0;
  const [right, bottom] = [box.x + box.w, box.y + box.h];
  for (let from = 0; from < count; from += SLICE) {
    throwIfAborted(signal);
    const to = Math.min(count, from + SLICE);
    for (let i = from; i < to; i++) {
      if (x[i] < box.x || x[i] > right || y[i] < box.y || y[i] > bottom) continue;
      if (!test(x[i], y[i])) continue;
      byType[type[i]]++;
      total++;
    }
    if (to < count) await nextTask();
  }
  return total;
}

/** Whether a place lies in an analysed field; null with none. Fields are squares of one grid. */
function analysedTest(fields: readonly Rect[]): InsideTest | null {
  if (fields.length === 0) return null;
  const { w: side } = fields[0];
  const place = (x: number, y: number) => Math.floor(y / side) * 0x1000000 + Math.floor(x / side);
  const places = new Set(fields.map(({ x, y, w, h }) => place(x + w / 2, y + h / 2)));
  return (x, y) => places.has(place(x, y));
}

/** Share of an area in which a test holds, by sampling: to about 1/64 of its side. */
export function shareIn(box: Rect, area: InsideTest, test: InsideTest): number {
  const step = Math.max(box.w, box.h) / SAMPLES;
  let [inside, seen] = [0, 0];
  for (let y = box.y + step / 2; y < box.y + box.h; y += step) {
    for (let x = box.x + step / 2; x < box.x + box.w; x += step) {
      if (!area(x, y)) continue;
      inside++;
      if (test(x, y)) seen++;
    }
  }
  return inside > 0 ? seen / inside : 0;
}
