/** Everything known of one cell without asking a model again: what its card shows at once. */
import type { Ledger } from '../ledger.ts';

export interface CellExplanation {
  index: number;
  /** Centre, level-0 px. */
  x: number;
  y: number;
  /** Index into the segmenter's types. */
  type: number;
  confidence: number;
  /** um2, and the diameter of the circle of that area, um. */
  area: number;
  diameter: number;
  /** Attention reaching the cell as a share of its field's (which sums to 1). */
  attention: number;
  /** Place among all analysed cells by attention density (attention per um2), 1 is highest. */
  attentionRank: number;
  /** Place among all analysed cells by signed contribution, 1 speaks most for. */
  contributionRank: number;
  cells: number;
  /** Signed contribution to the logit of its field. */
  contribution: number;
  /** w_c . c of its field: what the class token alone adds, which no cell can claim. */
  classShare: number;
  fieldLogit: number;
  /** Number of the field that owns it. */
  field: number;
  /** Largest share of a token that this cell covers: 1 means a token of its own. */
  purity: number;
  tokens: TokenTouched[];
  /** Cells on the same tokens, the one that shares most of this cell's tokens first. */
  neighbours: number[];
}

export interface TokenTouched {
  field: number;
  token: number;
  /** Share of the token that this cell covers. */
  share: number;
  /** Other cells that cover part of the same token. */
  shared: number[];
  /** Level-0 square of the token. */
  rect: { x: number; y: number; w: number; h: number };
}

/** Explain cell `index`; null when there is no such cell. */
export function explainCell(ledger: Ledger, index: number): CellExplanation | null {
  const { cells } = ledger;
  if (!Number.isInteger(index) || index < 0 || index >= cells.count) return null;
  const owner = ledger.fields[cells.field[index]];
  const area = cells.area[index];
  return {
    index,
    x: cells.x[index],
    y: cells.y[index],
    type: cells.type[index],
    confidence: cells.confidence[index] / 255,
    area,
    diameter: 2 * Math.sqrt(area / Math.PI),
    attention: cells.attention[index],
    // density_c = A_c / area_c: by the plain sum, large cells would always win.
    attentionRank: rankOf(cells.count, index, (i) => cells.attention[i] / cells.area[i]),
    contributionRank: rankOf(cells.count, index, (i) => cells.contribution[i]),
    cells: cells.count,
    contribution: cells.contribution[index],
    classShare: owner.classShare,
    fieldLogit: owner.logit,
    field: owner.id,
    purity: cells.purity[index],
    tokens: tokensOf(ledger, index),
    neighbours: neighboursOf(ledger, index),
  };
}

/** One more than the number of rows with a higher value. */
function rankOf(count: number, index: number, value: (row: number) => number): number {
  const own = value(index);
  let higher = 0;
  for (let i = 0; i < count; i++) if (value(i) > own) higher++;
  return higher + 1;
}

function tokensOf(ledger: Ledger, index: number): TokenTouched[] {
  const touched: TokenTouched[] = [];
  for (const field of ledger.fieldsOf(index)) {
    const { cell, token, share } = field.overlap;
    const { x, y, side, cols } = field.grid;
    for (let e = 0; e < cell.length; e++) {
      if (cell[e] !== index) continue;
      const t = token[e];
      const shared: number[] = [];
      token.forEach((other, o) => {
        if (other === t && cell[o] !== index) shared.push(cell[o]);
      });
      touched.push({
        field: field.id,
        token: t,
        share: share[e],
        shared,
        rect: { x: x + (t % cols) * side, y: y + Math.floor(t / cols) * side, w: side, h: side },
      });
    }
  }
  return touched;
}

/** Other cells by how much of a token they hold where this cell holds some: sum_i o_ci o_ki. */
function neighboursOf(ledger: Ledger, index: number): number[] {
  const weight = new Map<number, number>();
  for (const { overlap } of ledger.fieldsOf(index)) {
    const { cell, token, share } = overlap;
    const own = new Map<number, number>();
    cell.forEach((c, e) => {
      if (c === index) own.set(token[e], share[e]);
    });
    cell.forEach((c, e) => {
      const mine = own.get(token[e]);
      if (c === index || mine === undefined) return;
      weight.set(c, (weight.get(c) ?? 0) + mine * share[e]);
    });
  }
  return [...weight].sort((a, b) => b[1] - a[1]).map(([cell]) => cell);
}
