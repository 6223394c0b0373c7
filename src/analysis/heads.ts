/** Asking heads about a field whose tokens are known, and about all fields again. */
import { throwIfAborted } from '../core/errors.ts';
import { nextTask } from '../core/tasks.ts';
import type { Kit } from '../model/kit.ts';
import type { FieldEvidence, FieldTokens, Ledger, LedgerField } from './ledger.ts';

/** The kit's head, and its other variant on the same embedding. */
export async function askHeads(kit: Kit, tokens: FieldTokens): Promise<FieldEvidence> {
  const { head, partner, encoder } = kit;
  const { dim, grid } = encoder.manifest.encoder;
  const inputs = {
    class_token: { dims: [1, dim], data: tokens.classToken },
    patch_tokens: { dims: [1, grid[0] * grid[1], dim], data: tokens.patchTokens },
  };
  const { outputs } = head.manifest;
  const said = await head.run(inputs);
  const other = partner && (await partner.run(inputs));
  const names = partner?.manifest.outputs;
  return {
    logit: said[outputs.logit].data[0],
    gate: outputs.gate ? said[outputs.gate].data[0] : null,
    classShare: said[outputs.class_share].data[0],
    attention: said[outputs.attention].data,
    contribution: said[outputs.contribution].data,
    partnerLogit: other && names ? other[names.logit].data[0] : null,
    partnerGate: other && names?.gate ? other[names.gate].data[0] : null,
  };
}

/** A field's tokens, from memory or from disk; null where they were not kept. */
export type TokenSource = (field: LedgerField) => Promise<FieldTokens | null>;

/**
 * Ask the kit's head about every field of an account, from the tokens kept: no pixel is read and
 * no encoder runs. False, and nothing changed, when some field's tokens were not kept.
 */
export async function askAgain(
  ledger: Ledger,
  kit: Kit,
  tokensOf: TokenSource,
  signal?: AbortSignal,
): Promise<boolean> {
  const evidence: FieldEvidence[] = [];
  for (const field of ledger.fields) {
    const tokens = await tokensOf(field);
    if (!tokens) return false;
    evidence.push(await askHeads(kit, tokens));
    await nextTask();
    throwIfAborted(signal);
  }
  ledger.reassess(evidence);
  return true;
}
