/**
 * Files that do not say where their tiles lie (neither TILED_FULL nor positions) hold them row by
 * row or column by column. Which of the two is seen at the seams: neighbours go on into each other.
 */
import type { RgbaImage } from '../slide.ts';

/** Tiles whose right and lower seams are looked at. */
const ANCHORS = 4;
/** By columns only when its seams differ this much less: glass fits everywhere. */
const CLEARLY = 0.5;

/**
 * Do the tiles fit better column by column? `frame` decodes one by its number. Small grids, of
 * which each tile lies at an edge and may be padded, are taken row by row.
 */
export async function fitsByColumns(
  cols: number,
  rows: number,
  frame: (index: number) => Promise<RgbaImage>,
): Promise<boolean> {
  // The last column and row may be padded.
  const inner = { cols: cols - 2, rows: rows - 2 };
  if (inner.cols < 1 || inner.rows < 1) return false;
  const anchors = spread(inner.cols * inner.rows).map((i) => ({
    col: i % inner.cols,
    row: Math.floor(i / inner.cols),
  }));
  const misfit = async (numberOf: (col: number, row: number) => number) => {
    let sum = 0;
    for (const { col, row } of anchors) {
      const tile = await frame(numberOf(col, row));
      sum += across(tile, await frame(numberOf(col + 1, row)));
      sum += down(tile, await frame(numberOf(col, row + 1)));
    }
    return sum;
  };
  const byRows = await misfit((col, row) => row * cols + col);
  const byColumns = await misfit((col, row) => col * rows + row);
  return byColumns < CLEARLY * byRows;
}

/** At most ANCHORS whole numbers below `count`, evenly apart. */
function spread(count: number): number[] {
  const many = Math.min(ANCHORS, count);
  return Array.from({ length: many }, (_, i) => Math.floor(((i + 0.5) * count) / many));
}

/** Mean difference of a tile's last column and its right neighbour's first, 0 to 255. */
function across(left: RgbaImage, right: RgbaImage): number {
  const height = Math.min(left.height, right.height);
  return difference(
    height,
    left.data,
    (y) => (y * left.width + left.width - 1) * 4,
    right.data,
    (y) => y * right.width * 4,
  );
}

/** Mean difference of a tile's last row and its lower neighbour's first, 0 to 255. */
function down(upper: RgbaImage, lower: RgbaImage): number {
  const width = Math.min(upper.width, lower.width);
  const start = (upper.height - 1) * upper.width;
  return difference(
    width,
    upper.data,
    (x) => (start + x) * 4,
    lower.data,
    (x) => x * 4,
  );
}

function difference(
  count: number,
  a: RgbaImage['data'],
  atA: (i: number) => number,
  b: RgbaImage['data'],
  atB: (i: number) => number,
): number {
  let sum = 0;
  for (let i = 0; i < count; i++) {
    for (let c = 0; c < 3; c++) sum += Math.abs(a[atA(i) + c] - b[atB(i) + c]);
  }
  return sum / (3 * count);
}
