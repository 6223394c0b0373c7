/** Which analysed fields are unlike the tissue the encoder knows, and how far. */
import type { LedgerField } from '../analysis/ledger.ts';
import { fieldRect } from '../analysis/plan.ts';
import type { Bank } from '../model/bank.ts';
import type { Familiarity } from './audit.ts';

/** Of every field whose distance is known; `side` of a field in level-0 px. */
export function familiarityOf(
  fields: readonly Pick<LedgerField, 'place' | 'distance'>[],
  side: number,
  bank: Pick<Bank, 'percentile' | 'isUnfamiliar'>,
): Familiarity {
  const known = fields.flatMap(({ place, distance }) =>
    distance === null ? [] : [{ ...fieldRect(place, side), distance }],
  );
  return {
    corners: Float64Array.from(known.flatMap(({ x, y }) => [x, y])),
    side,
    percentile: Float32Array.from(known, ({ distance }) => bank.percentile(distance)),
    unfamiliar: Uint8Array.from(known, ({ distance }) => (bank.isUnfamiliar(distance) ? 1 : 0)),
  };
}
