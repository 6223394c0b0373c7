/** The fields of an account as rows of an alignment, kept between prompts. */

import type { TokenSource } from '../analysis/heads.ts';
import type { Ledger, LedgerField } from '../analysis/ledger.ts';
import { concat } from '../core/arrays.ts';
import { throwIfAborted } from '../core/errors.ts';
import { nextTask } from '../core/tasks.ts';
import type { Alignment } from './alignment.ts';
import { embeddingOf, joinedNeighbours, neighboursOf, type Profiled, profile } from './answer.ts';
import type { Library } from './library.ts';

/** Fields kept at most: 10 kB each with 5,000 genes. Later ones do not answer. */
export const MOST_FIELDS = 24_000;
/** Fields whose tokens are read before they go through the network together. */
const BATCH = 64;

export interface KeptFields extends Profiled {
  fields: readonly LedgerField[];
}

/** Rows of one account under one alignment's network, made when first asked for and kept up with it. */
export class FieldRows {
  private kept: KeptFields | null = null;
  /** The library that `kept` was asked with. */
  private library: Library | null = null;
  /** Fields of the ledger that were looked at. */
  private seen = 0;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly ledger: Ledger,
    private readonly source: TokenSource,
    /** Patch tokens of a field. */
    private readonly count: number,
  ) {}

  /** All rows there are now, asked with the library of `alignment`; null when no tokens are kept.
   * Throws `cancelled`; what was done by then stays. One caller at a time. */
  now(
    alignment: Alignment,
    onProgress: (done: number, total: number) => void,
    signal: AbortSignal,
  ): Promise<KeptFields | null> {
    const result = this.turn.then(async () => {
      await this.useLibrary(alignment, signal);
      return this.extend(alignment, onProgress, signal);
    });
    this.turn = result.catch(() => undefined);
    return result;
  }

  /** Another library of the same network has other neighbours for the same rows. */
  private async useLibrary(alignment: Alignment, signal: AbortSignal): Promise<void> {
    const { kept } = this;
    if (kept && alignment.library !== this.library) {
      this.kept = { ...kept, neighbours: await neighboursOf(alignment, kept.u, signal) };
    }
    this.library = alignment.library;
  }

  private async extend(
    alignment: Alignment,
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
        const made = await this.made(alignment, batch, signal);
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
    alignment: Alignment,
    batch: readonly LedgerField[],
    signal: AbortSignal,
  ): Promise<KeptFields | null> {
    const { count, source } = this;
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
  return {
    rows: parts.reduce((sum, { rows }) => sum + rows, 0),
    fields: parts.flatMap(({ fields }) => fields),
    neighbours: joinedNeighbours(parts.map(({ neighbours }) => neighbours)),
    u: concat(
      Float32Array,
      parts.map(({ u }) => u),
    ),
    ranks: concat(
      Uint16Array,
      parts.map(({ ranks }) => ranks),
    ),
  };
}
