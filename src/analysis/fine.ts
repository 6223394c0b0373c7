/**
 * Fine mode: the token grid and the same grid moved by half a token (right, down, both), averaged
 * (methods sheet, section 1: translate the token grid). Each token spreads evenly over its four
 * half-token squares, so the average is again one grid, of squares half as wide, whose attention
 * sums to 1 and whose parts add up to the mean logit.
 */
import type { FieldEvidence } from './ledger.ts';

/** Rows and columns of the fine grid: half tokens of the field, and half a token beyond. */
export function fineGrid([rows, cols]: readonly [number, number]): [number, number] {
  return [2 * rows + 1, 2 * cols + 1];
}

/**
 * `looks`: what a head said of the grid as it is, moved right, moved down, and both. Returns one
 * evidence over the fine grid.
 */
export function averageLooks(
  looks: readonly FieldEvidence[],
  grid: readonly [rows: number, cols: number],
): FieldEvidence {
  const [rows, cols] = fineGrid(grid);
  const attention = new Float32Array(rows * cols);
  const contribution = new Float32Array(rows * cols);
  const share = 1 / (4 * looks.length);
  looks.forEach((look, index) => {
    const [right, down] = [index % 2, Math.floor(index / 2)];
    for (let token = 0; token < look.attention.length; token++) {
      const row = 2 * Math.floor(token / grid[1]) + down;
      const col = 2 * (token % grid[1]) + right;
      for (const at of [row * cols + col, (row + 1) * cols + col]) {
        for (const square of [at, at + 1]) {
          attention[square] += share * look.attention[token];
          contribution[square] += share * look.contribution[token];
        }
      }
    }
  });
  const mean = (value: (look: FieldEvidence) => number | null): number | null => {
    const values = looks.map(value).filter((v) => v !== null);
    return values.length < looks.length ? null : values.reduce((a, b) => a + b, 0) / looks.length;
  };
  return {
    logit: mean((look) => look.logit) ?? 0,
    classShare: mean((look) => look.classShare) ?? 0,
    gate: mean((look) => look.gate),
    partnerLogit: mean((look) => look.partnerLogit),
    partnerGate: mean((look) => look.partnerGate),
    attention,
    contribution,
  };
}
