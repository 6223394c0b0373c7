/** Asking heads about a field whose tokens are known, and about all fields again. */
import { throwIfAborted } from '../core/errors.ts';
import { nextTask } from '../core/tasks.ts';
import type { Kit } from '../model/kit.ts';
import type { FieldEvidence, FieldTokens, Ledger } from './ledger.ts';

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
  const other = partner && (await partner.run(inputs))[partner.manifest.outputs.logit];
  return {
    logit: said[outputs.logit].data[0],
    classShare: said[outputs.class_share].data[0],
    attention: said[outputs.attention].data,
    contribution: said[outputs.contribution].data,
    partnerLogit: other ? other.data[0] : null,
  };
}

/**
 * Ask the kit's head about every field of an account, from the tokens kept: no pixel is read and
 * no encoder runs. False, and nothing changed, when some field's tokens were not kept.
 */
export async function askAgain(ledger: Ledger, kit: Kit, signal?: AbortSignal): Promise<boolean> {
  const kept = ledger.fields.map((field) => field.tokens).filter((tokens) => tokens !== null);
  if (kept.length < ledger.fields.length) return false;
  const evidence: FieldEvidence[] = [];
  for (const tokens of kept) {
    evidence.push(await askHeads(kit, tokens));
    await nextTask();
    throwIfAborted(signal);
  }
  ledger.reassess(evidence);
  return true;
}
