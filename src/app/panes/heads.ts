/** Which heads can be asked about the tokens that the head in use was asked about. */
import type { LoadedKit, ModelEntry } from '../../analysis/analysis.ts';

/** Heads other than the one in use on the same tokens; its own variant comes first. */
export function comparableHeads(kit: LoadedKit, entries: readonly ModelEntry[]): ModelEntry[] {
  const { tokens, dim } = kit.target;
  const used = kit.head.status.id;
  const partner = kit.partner?.status.id;
  return entries
    .filter(({ id, head }) => head && id !== used && head.tokens === tokens && head.dim === dim)
    .sort((a, b) => Number(b.id === partner) - Number(a.id === partner));
}
