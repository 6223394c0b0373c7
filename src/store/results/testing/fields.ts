/** Results of made-up fields, for tests; numbers follow from a seed. */
import { type CellTable, createCells, RAYS } from '../../../core/cells.ts';
import { mulberry32 } from '../../../core/random.ts';
import { formatMask, formatPlan, type ResultHead, type ResultIndex } from '../index-file.ts';
import type { StoredEvidence } from '../reader.ts';
import type { NewField } from '../writer.ts';

const [ROWS, COLS, DIM] = [2, 3, 4];
export const TOKENS = ROWS * COLS;
export const UNIT = 0.25;

export function testHead(name: string): ResultHead {
  return { id: name, variant: 'baseline', sha256: name.padEnd(64, '0'), partnerSha256: null };
}

export function testIndex(total = 8): ResultIndex {
  const of = (role: string) => {
    const sha256 = role.padEnd(64, '1');
    return { role, id: role, version: '1', sha256, provider: 'wasm', dtype: 'int8' };
  };
  return {
    created: '2026-11-21T12:00:00.000Z',
    state: 'running',
    slide: { id: 'slide', name: 'Größe 40×', width: 4000, height: 3000, mpp: 0.5 },
    models: [of('segmenter'), of('encoder')],
    heads: [testHead('a')],
    tokens: { layout: 'test', dim: DIM, grid: [ROWS, COLS] },
    types: ['neoplastic', 'inflammatory'],
    field: { sideUm: 112, side: 224 },
    radiusUnit: UNIT,
    plan: formatPlan(Array.from({ length: total }, (_, i) => ({ col: i % 3, row: -(i >> 1) }))),
    mask: formatMask({ cols: 3, rows: 2, size: 28, kinds: Uint8Array.of(0, 1, 2, 1, 1, 0) }),
  };
}

/** A field whose every number follows from `seed`; `count` cells. */
export function testField(seed: number, count = seed % 5, withTokens = true): NewField {
  const next = mulberry32(seed);
  return {
    place: { col: seed, row: 2 - seed },
    cells: cellsOf(count, next),
    distance: seed % 3 ? next() : null,
    stain: seed % 4 ? { stained: 200 * next(), outside: 100 * next(), factor: 1 / seed } : null,
    ...testEvidence(seed),
    tokens: withTokens
      ? { classToken: halves(DIM, next), patchTokens: halves(TOKENS * DIM, next) }
      : null,
  };
}

export function testEvidence(seed: number): StoredEvidence {
  const next = mulberry32(seed + 1000);
  return {
    logit: next() - 0.5,
    classShare: next(),
    gate: seed % 2 ? next() * 10 : null,
    partnerLogit: seed % 4 ? -next() : null,
    partnerGate: seed % 4 ? next() : null,
    attention: Float32Array.from({ length: TOKENS }, next),
    contribution: Float32Array.from({ length: TOKENS }, () => next() - 0.5),
  };
}

function cellsOf(count: number, next: () => number): CellTable {
  // Larger than its rows, as tables that grow are.
  const cells = createCells(count + 2, UNIT);
  cells.count = count;
  for (let i = 0; i < count; i++) {
    cells.x[i] = next() * 4000;
    cells.y[i] = next() * 3000;
    for (let k = 0; k < RAYS; k++) cells.radii[i * RAYS + k] = next() * 256;
    cells.type[i] = next() * 2;
    cells.confidence[i] = next() * 256;
    cells.area[i] = next() * 100;
  }
  return cells;
}

/** Numbers that half precision holds exactly. */
function halves(length: number, next: () => number): Float32Array {
  return Float32Array.from({ length }, () => Math.round(next() * 1024) / 256 - 2);
}
