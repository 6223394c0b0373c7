/** The slide's mean background token: what a removed cell or token is replaced with. */
import { throwIfAborted } from '../../core/errors.ts';
import type { TokenSource } from '../heads.ts';
import type { LedgerField } from '../ledger.ts';
import { evenly } from './ask.ts';

export interface Background {
  /** Mean patch token, [dim]. */
  token: Float32Array;
  /** Fields it was taken from, of those analysed. */
  fields: number;
  of: number;
}

/** More fields than this hardly move the mean, and each has to be read. */
export const MOST_FIELDS = 128;
/** Less bare token than this in all is no background but rounding. */
const LEAST_WEIGHT = 1;

/**
 * Mean of patch tokens, each weighted by r_i, its share that no cell covers (methods sheet,
 * section 1), over at most `MOST_FIELDS` fields, evenly spaced. Null when nothing lies between
 * cells, or no tokens are kept. Throws `cancelled`.
 */
export async function meanBackground(
  fields: readonly LedgerField[],
  source: TokenSource,
  signal?: AbortSignal,
): Promise<Background | null> {
  let sum: Float64Array | null = null;
  let weight = 0;
  let used = 0;
  for (const field of evenly(fields, MOST_FIELDS)) {
    const tokens = await source(field);
    throwIfAborted(signal);
    if (!tokens) continue;
    const { patchTokens, classToken } = tokens;
    const dim = classToken.length;
    sum ??= new Float64Array(dim);
    used++;
    const { rest } = field.overlap;
    for (let t = 0; t < rest.length; t++) {
      if (rest[t] === 0) continue;
      weight += rest[t];
      for (let d = 0; d < dim; d++) sum[d] += rest[t] * patchTokens[t * dim + d];
    }
  }
  if (!sum || weight < LEAST_WEIGHT) return null;
  return { token: Float32Array.from(sum, (v) => v / weight), fields: used, of: fields.length };
}

/** p' = (1 - share) p + share background, for one token of `patchTokens`, in place. */
export function fade(
  patchTokens: Float32Array,
  token: number,
  share: number,
  background: Float32Array,
): void {
  const dim = background.length;
  for (let d = 0, at = token * dim; d < dim; d++, at++) {
    patchTokens[at] += share * (background[d] - patchTokens[at]);
  }
}
