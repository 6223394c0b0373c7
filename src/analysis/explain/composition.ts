/** Where the attention falls, by cell type, against where cells of that type are. */
import type { CellTable } from '../../core/cells.ts';
import { mulberry32, shuffle } from '../../core/random.ts';

export const PERMUTATIONS = 999;
const SEED = 0xce11;

export interface TypeShare {
  count: number;
  /** Share of the attention on cells that falls on this type, 0..1. */
  attention: number;
  /** The share it would get if every field's attention were spread evenly over its cells. */
  expected: number;
  /** attention / expected; null where the type is absent. */
  ratio: number | null;
  /**
   * Two-sided permutation p-value: how often types dealt out anew within each field lie as far
   * from `expected`. Null where the type is absent.
   */
  p: number | null;
}

export interface Composition {
  /** By type index. */
  types: TypeShare[];
  cells: number;
  permutations: number;
}

/**
 * Composition of the cells owned by `fields` (ids). The null hypothesis keeps every cell's attention
 * and every field's count of types, and lets types change places within a field; the expected share
 * under it is exact: sum_f A_f n_ft / n_f. p = (1 + extreme permutations) / (1 + permutations).
 */
export function compositionOf(
  cells: CellTable,
  fields: ReadonlySet<number>,
  types: number,
): Composition {
  const groups = groupsOf(cells, fields);
  const counts = new Float64Array(types);
  const observed = new Float64Array(types);
  const expected = new Float64Array(types);
  let total = 0;
  for (const { type, attention } of groups) {
    const sum = attention.reduce((a, b) => a + b, 0);
    total += sum;
    type.forEach((t, i) => {
      counts[t]++;
      observed[t] += attention[i];
      expected[t] += sum / type.length;
    });
  }
  const extreme = extremes(groups, observed, expected);
  const share = (value: number) => (total > 0 ? value / total : 0);
  return {
    types: Array.from(counts, (count, t) => ({
      count,
      attention: share(observed[t]),
      expected: share(expected[t]),
      ratio: expected[t] > 0 ? observed[t] / expected[t] : null,
      p: expected[t] > 0 ? (1 + extreme[t]) / (1 + PERMUTATIONS) : null,
    })),
    cells: counts.reduce((a, b) => a + b, 0),
    permutations: PERMUTATIONS,
  };
}

interface Group {
  type: Uint8Array;
  attention: Float32Array;
}

/** Types and attention of the cells of each field. */
function groupsOf(cells: CellTable, fields: ReadonlySet<number>): Group[] {
  const rows = new Map<number, number[]>();
  for (let row = 0; row < cells.count; row++) {
    const field = cells.field[row];
    if (!fields.has(field)) continue;
    const known = rows.get(field);
    if (known) known.push(row);
    else rows.set(field, [row]);
  }
  return [...rows.values()].map((list) => ({
    type: Uint8Array.from(list, (row) => cells.type[row]),
    attention: Float32Array.from(list, (row) => cells.attention[row]),
  }));
}

/** How many permutations lie as far from the expectation as what was observed, by type. */
function extremes(groups: readonly Group[], observed: Float64Array, expected: Float64Array) {
  const random = mulberry32(SEED);
  const extreme = new Uint32Array(observed.length);
  const dealt = groups.map(({ type }) => type.slice());
  const sums = new Float64Array(observed.length);
  for (let k = 0; k < PERMUTATIONS; k++) {
    sums.fill(0);
    groups.forEach(({ attention }, g) => {
      const type = dealt[g];
      shuffle(type, random);
      for (let i = 0; i < type.length; i++) sums[type[i]] += attention[i];
    });
    for (let t = 0; t < sums.length; t++) {
      // Sums in another order differ in their last digits: those are ties, not less extreme.
      const far = Math.abs(observed[t] - expected[t]) * (1 - 1e-9);
      if (Math.abs(sums[t] - expected[t]) >= far) extreme[t]++;
    }
  }
  return extreme;
}
