/** The fields of an account as rows of an alignment, kept between prompts. */

import type { TokenSource } from '../analysis/heads.ts';
import type { Ledger, LedgerField } from '../analysis/ledger.ts';
import { concat } from '../core/arrays.ts';
import { throwIfAborted } from '../core/errors.ts';
import { nextTask } from '../core/tasks.ts';
import type { Alignment } from './alignment.ts';
import { embeddingOf, type Profiled, profile } from './answer.ts';

/** Fields kept at most: 10 kB each with 5,000 genes. Later ones do not answer. */
export const MOST_FIELDS = 24_000;
/** Fields whose tokens are read before they go through the network together. */
const BATCH = 64;

export interface KeptFields extends Profiled {
  fields: readonly LedgerField[];
}

/** Rows of one account under one alignment, made when first asked for and kept up with it. */
export class FieldRows {
  private kept: KeptFields | null = null;
  /** Fields of the ledger that were looked at. */
  private seen = 0;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly alignment: Alignment,
    private readonly ledger: Ledger,
    private readonly source: TokenSource,
    /** Patch tokens of a field. */
    private readonly count: number,
  ) {}

  /** All rows there are now; null when no tokens are kept. Throws `cancelled`; what was done by
   * then stays. One caller at a time. */
  now(
    onProgress: (done: number, total: number) => void,
    signal: AbortSignal,
  ): Promise<KeptFields | null> {
    const result = this.turn.then(() => this.extend(onProgress, signal));
    this.turn = result.catch(() => undefined);
    return result;
  }

  private async extend(
    onProgress: (done: number, total: number) => void,
    signal: AbortSignal,
  ): Promise<KeptFields | null> {
    const { ledger } = this;
    const total = Math.min(ledger.fields.length, MOST_FIELDS);
    const fresh: KeptFields[] = this.kept ? [this.kept] : [];
    try {
      while (this.seen < total) {
        throwIfAborted(signal);
        const batch = ledger.fields.slice(this.seen, Math.min(total, this.seen + BATCH));
        const made = await this.made(batch, signal);
        if (made) fresh.push(made);
        this.seen += batch.length;
        onProgress(this.seen, total);
        await nextTask();
      }
    } finally {
      this.kept = joined(fresh);
    }
    return this.kept;
  }

  private async made(
    batch: readonly LedgerField[],
    signal: AbortSignal,
  ): Promise<KeptFields | null> {
    const { alignment, count, source } = this;
    const { dim } = alignment.session.manifest.alignment;
    const embeddings = new Float32Array(batch.length * 2 * dim);
    const fields: LedgerField[] = [];
    for (const field of batch) {
      const tokens = await source(field);
      if (!tokens) continue;
      embeddings.set(embeddingOf(tokens, dim, count), fields.length * 2 * dim);
      fields.push(field);
    }
    if (fields.length === 0) return null;
    const rows = embeddings.subarray(0, fields.length * 2 * dim);
    return { ...(await profile(alignment, rows, { signal })), fields };
  }
}

function joined(parts: readonly KeptFields[]): KeptFields | null {
  if (parts.length < 2) return parts[0] ?? null;
  const near = parts.map(({ neighbours }) => neighbours);
  return {
    rows: parts.reduce((sum, { rows }) => sum + rows, 0),
    fields: parts.flatMap(({ fields }) => fields),
    neighbours: {
      k: near[0].k,
      index: concat(
        Uint32Array,
        near.map(({ index }) => index),
      ),
      similarity: concat(
        Float32Array,
        near.map(({ similarity }) => similarity),
      ),
      weight: concat(
        Float32Array,
        near.map(({ weight }) => weight),
      ),
    },
    ranks: concat(
      Uint16Array,
      parts.map(({ ranks }) => ranks),
    ),
  };
}
