/** Hand-made cells and fields for tests. */
import { appendCells, type CellTable, createCells, RAYS, starArea } from '../core/cells.ts';
import type { FieldReading } from './ledger.ts';
import type { Detections } from './nuclei.ts';

/** Detections that are 32-gons close to circles: [x, y, radius, type?] in segmenter px. */
export function circles(list: readonly (readonly [number, number, number, number?])[]): Detections {
  const radii = Float32Array.from(
    { length: list.length * RAYS },
    (_, i) => list[Math.floor(i / RAYS)][2],
  );
  return {
    count: list.length,
    x: Float32Array.from(list, (c) => c[0]),
    y: Float32Array.from(list, (c) => c[1]),
    radii,
    type: Uint8Array.from(list, (c) => c[3] ?? 0),
    prob: new Float32Array(list.length).fill(0.9),
    area: Float32Array.from(list, (_, i) => starArea(radii, i * RAYS)),
  };
}

/** A table of round cells: [x, y, radius] in level-0 px. */
export function roundCells(list: readonly (readonly [number, number, number])[]): CellTable {
  const table = createCells(0, 0.25);
  for (const [x, y, radius] of list) {
    const row = createCells(1, 0.25);
    row.count = 1;
    row.x[0] = x;
    row.y[0] = y;
    row.radii.fill(Math.round(radius / 0.25));
    row.area[0] = Math.PI * radius * radius;
    appendCells(table, row);
  }
  return table;
}

/** Evidence with random attention that sums to 1 and a logit that its parts add up to. */
export function evidence(tokens: number, bias: number, random: () => number): FieldReading {
  const attention = Float32Array.from({ length: tokens }, () => random() ** 3 + 1e-3);
  const sum = attention.reduce((a, b) => a + b, 0);
  attention.forEach((a, i) => {
    attention[i] = a / sum;
  });
  const contribution = Float32Array.from(attention, (a) => a * (random() * 8 - 4));
  const classShare = random() * 2 - 1;
  const logit = contribution.reduce((a, b) => a + b, bias + classShare);
  return {
    logit,
    classShare,
    attention,
    contribution,
    gate: null,
    partnerLogit: null,
    partnerGate: null,
    distance: null,
    stain: null,
    tokens: { classToken: new Float32Array(4), patchTokens: new Float32Array(4 * tokens) },
  };
}
