/** Two heads on the same tokens: where they agree, field by field and cell by cell. */
import { throwIfAborted } from '../../core/errors.ts';
import { nextTask } from '../../core/tasks.ts';
import type { TokenSource } from '../heads.ts';
import type { FieldTokens, Ledger, LedgerField } from '../ledger.ts';
import { type Answer, askMany, copyTokens, type Head } from './ask.ts';

export interface HeadComparison {
  /** Ids of the heads. */
  a: string;
  b: string;
  /** Logit / temperature of each field: log-odds as calibrated, so that both have one scale. */
  logitsA: Float32Array;
  logitsB: Float32Array;
  /** Rank correlation of the two over fields; null where one of them is constant. */
  spearman: number | null;
  /** Share of fields on which both say the same side, 0..1. */
  agreement: number;
  /** By cell: contribution / temperature by head A less that by head B. */
  difference: Float32Array;
  fields: number;
}

/** Fields asked in one go. */
const TURN = 32;

/**
 * Ask head B about every analysed field, whose evidence is head A's. Null when some field's tokens
 * are not kept: a part would pass for the whole. Throws `cancelled`, and what B's session throws.
 */
export async function compareHeads(
  a: Head,
  b: Head,
  ledger: Ledger,
  source: TokenSource,
  onProgress: (done: number, total: number) => void = () => undefined,
  signal?: AbortSignal,
): Promise<HeadComparison | null> {
  // A run may add fields meanwhile: these are the ones compared.
  const fields = [...ledger.fields];
  const [scaleA, scaleB] = [1 / a.manifest.head.temperature, 1 / b.manifest.head.temperature];
  const difference = new Float32Array(ledger.cells.count);
  const logitsA = Float32Array.from(fields, (field) => field.logit * scaleA);
  const logitsB = new Float32Array(fields.length);
  for (let first = 0; first < fields.length; first += TURN) {
    const some = fields.slice(first, first + TURN);
    const tokens: FieldTokens[] = [];
    for (const field of some) {
      const kept = await source(field);
      if (!kept) return null;
      tokens.push(kept);
    }
    const answers = await askMany(b, some.length, (i, into) => copyTokens(tokens[i], into));
    some.forEach((field, i) => {
      logitsB[first + i] = answers[i].logit * scaleB;
      subtract(difference, field, answers[i], scaleA, scaleB);
    });
    onProgress(first + some.length, fields.length);
    await nextTask();
    throwIfAborted(signal);
  }
  return {
    a: a.manifest.id,
    b: b.manifest.id,
    logitsA,
    logitsB,
    spearman: spearman(logitsA, logitsB),
    agreement: agreementOf(logitsA, logitsB),
    difference,
    fields: fields.length,
  };
}

/** Share out what a field's tokens contribute by A less by B to its cells. */
function subtract(
  difference: Float32Array,
  field: LedgerField,
  said: Answer,
  scaleA: number,
  scaleB: number,
): void {
  const { cell, token, share } = field.overlap;
  for (let e = 0; e < cell.length; e++) {
    const t = token[e];
    const apart = field.contribution[t] * scaleA - said.contribution[t] * scaleB;
    // Cells that came after the start are not in the column.
    if (cell[e] < difference.length) difference[cell[e]] += share[e] * apart;
  }
}

function agreementOf(a: Float32Array, b: Float32Array): number {
  const same = a.reduce((sum, v, i) => sum + (v > 0 === b[i] > 0 ? 1 : 0), 0);
  return same / Math.max(1, a.length);
}

/** Spearman's rank correlation, ties at their mean rank; null where one side is constant. */
export function spearman(a: ArrayLike<number>, b: ArrayLike<number>): number | null {
  const [p, q] = [ranks(a), ranks(b)];
  const middle = (p.length - 1) / 2;
  let [both, left, right] = [0, 0, 0];
  for (let i = 0; i < p.length; i++) {
    both += (p[i] - middle) * (q[i] - middle);
    left += (p[i] - middle) ** 2;
    right += (q[i] - middle) ** 2;
  }
  return left > 0 && right > 0 ? both / Math.sqrt(left * right) : null;
}

/** Ranks from 0, ties at their mean rank. */
export function ranks(values: ArrayLike<number>): Float64Array {
  const order = Uint32Array.from({ length: values.length }, (_, i) => i);
  order.sort((i, j) => values[i] - values[j]);
  const out = new Float64Array(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from + 1;
    while (to < order.length && values[order[to]] === values[order[from]]) to++;
    for (let k = from; k < to; k++) out[order[k]] = (from + to - 1) / 2;
    from = to;
  }
  return out;
}
