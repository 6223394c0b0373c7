/** What the head would say without one cell, and what the class token alone says. */
import { throwIfAborted } from '../../core/errors.ts';
import type { TokenSource } from '../heads.ts';
import type { Ledger } from '../ledger.ts';
import { sigmoid } from '../score.ts';
import { askMany, copyTokens, type Head } from './ask.ts';
import { type Background, fade } from './background.ts';

export interface CellWhatIf {
  index: number;
  /**
   * Logit without the cell less the logit with it, summed over the fields it lies in; null when
   * no background was found or some field's tokens are not kept.
   */
  delta: number | null;
  /** Fields asked again. */
  fields: number;
  /** Fields the background token was taken from, of those analysed. */
  background: { fields: number; of: number } | null;
  /** sigmoid((bias + class share) / temperature) of its field: no cell has a part in it. */
  classAlone: number;
}

/**
 * Replace the tokens under a cell by background, as far as it covers them, and ask again: for
 * each token, p' = (1 - o) p + o background. Both answers come from the same stored tokens, so
 * that rounding in storage cancels. Null when there is no such cell. Throws `cancelled`.
 */
export async function whatIf(
  head: Head,
  ledger: Ledger,
  source: TokenSource,
  background: Background | null,
  index: number,
  signal?: AbortSignal,
): Promise<CellWhatIf | null> {
  const owner = ledger.fields[ledger.cells.field[index]];
  if (!owner || index < 0 || index >= ledger.cells.count) return null;
  const { bias, temperature } = head.manifest.head;
  const result: CellWhatIf = {
    index,
    delta: null,
    fields: 0,
    background: background && { fields: background.fields, of: background.of },
    classAlone: sigmoid((bias + owner.classShare) / temperature),
  };
  if (!background) return result;
  let delta = 0;
  for (const field of ledger.fieldsOf(index)) {
    const { cell, token, share } = field.overlap;
    const entries = [...cell.keys()].filter((e) => cell[e] === index);
    if (entries.length === 0) continue;
    const tokens = await source(field);
    throwIfAborted(signal);
    if (!tokens) return result;
    const [before, after] = await askMany(head, 2, (set, into) => {
      copyTokens(tokens, into);
      if (set === 0) return;
      for (const e of entries) fade(into.patchTokens, token[e], share[e], background.token);
    });
    delta += after.logit - before.logit;
    result.fields++;
  }
  return { ...result, delta };
}
