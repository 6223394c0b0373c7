/** Asking one head about many sets of tokens at once: changed copies of a field, or many fields. */
import type { HeadManifest } from '../../model/manifest.ts';
import type { ModelSession } from '../../model/session.ts';
import type { FieldEvidence, FieldTokens } from '../ledger.ts';

export type Head = Pick<ModelSession<HeadManifest>, 'manifest' | 'run'>;

/** What a head says of one set of tokens. */
export type Answer = Pick<FieldEvidence, 'logit' | 'classShare' | 'attention' | 'contribution'>;

/** Sets in one call: measured on WASM, 32 take a fifth of the time of 32 calls. */
const BATCH = 32;
/** Heads whose file has a fixed batch axis: the user's own may. */
const oneByOne = new WeakSet<HeadManifest>();

/**
 * Ask about `sets` sets of tokens; `fill` writes set i into the two views given to it (class token
 * [dim], patch tokens [count x dim]), which hold the numbers of an earlier set. Throws what the
 * session throws.
 */
export async function askMany(
  head: Head,
  sets: number,
  fill: (set: number, tokens: FieldTokens) => void,
): Promise<Answer[]> {
  const { dim, count } = head.manifest.head;
  const answers: Answer[] = [];
  const room = oneByOne.has(head.manifest) ? 1 : Math.min(BATCH, sets);
  const classTokens = new Float32Array(room * dim);
  const patchTokens = new Float32Array(room * count * dim);
  for (let first = 0; first < sets; first += room) {
    const batch = Math.min(room, sets - first);
    for (let i = 0; i < batch; i++) {
      fill(first + i, {
        classToken: classTokens.subarray(i * dim, (i + 1) * dim),
        patchTokens: patchTokens.subarray(i * count * dim, (i + 1) * count * dim),
      });
    }
    try {
      answers.push(...(await askBatch(head, batch, classTokens, patchTokens)));
    } catch (error) {
      if (batch === 1) throw error;
      // A real fault shows again when the sets are asked one by one.
      oneByOne.add(head.manifest);
      return askMany(head, sets, fill);
    }
  }
  return answers;
}

async function askBatch(
  { manifest, run }: Head,
  batch: number,
  classTokens: Float32Array,
  patchTokens: Float32Array,
): Promise<Answer[]> {
  const { outputs } = manifest;
  const { dim, count } = manifest.head;
  const said = await run({
    class_token: { dims: [batch, dim], data: classTokens.subarray(0, batch * dim) },
    patch_tokens: {
      dims: [batch, count, dim],
      data: patchTokens.subarray(0, batch * count * dim),
    },
  });
  const rows = (name: string, i: number) => said[name].data.subarray(i * count, (i + 1) * count);
  return Array.from({ length: batch }, (_, i) => ({
    logit: said[outputs.logit].data[i],
    classShare: said[outputs.class_share].data[i],
    attention: rows(outputs.attention, i),
    contribution: rows(outputs.contribution, i),
  }));
}

/** Copy tokens into the views that `askMany` hands out. */
export function copyTokens(from: FieldTokens, to: FieldTokens): void {
  to.classToken.set(from.classToken);
  to.patchTokens.set(from.patchTokens);
}

/** At most `most` of a list, evenly spaced, in its order. */
export function evenly<T>(list: readonly T[], most: number): readonly T[] {
  if (list.length <= most) return list;
  return Array.from({ length: most }, (_, i) => list[Math.floor((i * list.length) / most)]);
}
