/** Cell tables for the tests of this room. */
import { type CellTable, createCells, RAYS } from '../../core/cells.ts';

export interface TestCell {
  x: number;
  y: number;
  /** Bytes; one for a circle, or RAYS of them. */
  radii: number | readonly number[];
  type?: number;
  area?: number;
  attention?: number;
  contribution?: number;
  /** 0..255. */
  confidence?: number;
  field?: number;
}

export function cellTable(cells: readonly TestCell[], radiusUnit = 0.5): CellTable {
  const table = createCells(cells.length, radiusUnit);
  cells.forEach((cell, i) => {
    table.x[i] = cell.x;
    table.y[i] = cell.y;
    const radii = typeof cell.radii === 'number' ? new Array(RAYS).fill(cell.radii) : cell.radii;
    table.radii.set(radii, i * RAYS);
    table.type[i] = cell.type ?? 0;
    table.area[i] = cell.area ?? 50;
    table.attention[i] = cell.attention ?? 0;
    table.contribution[i] = cell.contribution ?? 0;
    table.confidence[i] = cell.confidence ?? 255;
    table.field[i] = cell.field ?? 0;
  });
  table.count = cells.length;
  return table;
}

/** The same numbers every time: a linear congruential generator, 0..1. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** `count` round cells spread over a square of side `side` level-0 px. */
export function scatter(count: number, side: number, seed = 1): CellTable {
  const random = randomNumbers(seed);
  return cellTable(
    Array.from({ length: count }, () => ({
      x: random() * side,
      y: random() * side,
      radii: 10 + Math.floor(random() * 20),
      type: Math.floor(random() * 4),
      area: 20 + 80 * random(),
      attention: random() ** 4,
      contribution: random() ** 3 - 0.3,
      confidence: Math.floor(random() * 256),
      field: Math.floor(random() * 9),
    })),
  );
}
