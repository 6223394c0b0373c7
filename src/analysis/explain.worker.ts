/**
 * The worker's side of explain.ts, and what it keeps between questions. Sessions take turns call by
 * call (model/session.ts), so a question need not wait for a run.
 */
import { CytolensError } from '../core/errors.ts';
import { type Handlers, Transfer } from '../core/rpc.ts';
import type { Kit } from '../model/kit.ts';
import type { HeadManifest } from '../model/manifest.ts';
import type { ModelSession } from '../model/session.ts';
import { type Background, meanBackground } from './explain/background.ts';
import { explainCell } from './explain/cell.ts';
import { compareHeads } from './explain/compare.ts';
import { explainRegion, fieldsWithin } from './explain/region.ts';
import { SimilarityIndex } from './explain/similar.ts';
import { whatIf } from './explain/what-if.ts';
import type { ExplainApi, ExplainProgress } from './explain.ts';
import type { TokenSource } from './heads.ts';
import type { Ledger } from './ledger.ts';

/** What the questions need of the worker. */
export interface Analysed {
  ledger: Ledger;
  /** Its encoder is the one that the ledger's tokens come from. */
  kit: Kit;
  source: TokenSource;
}

export interface ExplainAccess {
  /** What is analysed; null before that. */
  analysed(): Analysed | null;
  /** Start a head beside the kit's; the caller releases it. Throws `model`. */
  openHead(id: string, signal: AbortSignal): Promise<ModelSession<HeadManifest>>;
}

/** What is kept of an account between questions. */
class Kept {
  private background: { of: number; value: Background | null } | null = null;
  private readonly index: SimilarityIndex;

  constructor(private readonly analysed: Analysed) {
    const { ledger, source, kit } = analysed;
    this.index = new SimilarityIndex(ledger, source, kit.encoder.manifest.encoder.dim);
  }

  /** The mean background token of the fields there are now. */
  async backgroundNow(signal: AbortSignal): Promise<Background | null> {
    const { ledger, source } = this.analysed;
    const of = ledger.fields.length;
    if (this.background?.of !== of) {
      this.background = { of, value: await meanBackground(ledger.fields, source, signal) };
    }
    return this.background.value;
  }

  /** The search table, brought up to now. */
  async indexNow(
    onProgress: (done: number, total: number) => void,
    signal: AbortSignal,
  ): Promise<SimilarityIndex> {
    await this.index.extend(onProgress, signal);
    return this.index;
  }
}

export function explainCalls(access: ExplainAccess): Handlers<ExplainApi> {
  const keptOf = new WeakMap<Ledger, Kept>();

  function kept(analysed: Analysed): Kept {
    const known = keptOf.get(analysed.ledger);
    if (known) return known;
    const fresh = new Kept(analysed);
    keptOf.set(analysed.ledger, fresh);
    return fresh;
  }

  function needed(): Analysed {
    const analysed = access.analysed();
    if (analysed) return analysed;
    throw new CytolensError('no-tissue', 'Nothing is analysed yet. Analyse a view first.');
  }

  const told =
    (progress: (value: ExplainProgress) => void) =>
    (done: number, total: number): void =>
      progress({ done, total });

  return {
    explain({ index }) {
      const analysed = access.analysed();
      return analysed && explainCell(analysed.ledger, index);
    },

    async whatIf({ index }, { signal }) {
      const analysed = needed();
      const { ledger, kit, source } = analysed;
      const background = await kept(analysed).backgroundNow(signal);
      return whatIf(kit.head, ledger, source, background, index, signal);
    },

    async similarCells({ index, count }, { signal, progress }) {
      const search = await kept(needed()).indexNow(told(progress), signal);
      return search.cellsLike(index, count, signal);
    },

    async explainRegion({ within }, { signal, progress }) {
      const analysed = needed();
      const { ledger, kit, source } = analysed;
      const fields = fieldsWithin(ledger, within);
      const types = kit.segmenter.manifest.segmenter.types.length;
      const background = await kept(analysed).backgroundNow(signal);
      return explainRegion(
        kit.head,
        ledger,
        fields,
        types,
        source,
        background,
        told(progress),
        signal,
      );
    },

    async compareHeads({ head }, { signal, progress }) {
      const { ledger, kit, source } = needed();
      const partner = kit.partner?.manifest.id === head ? kit.partner : null;
      const other = partner ?? (await access.openHead(head, signal));
      try {
        const said = await compareHeads(kit.head, other, ledger, source, told(progress), signal);
        if (!said) return null;
        const { logitsA, logitsB, difference } = said;
        const buffers = [logitsA, logitsB, difference].map((column) => column.buffer);
        return new Transfer(said, buffers as ArrayBuffer[]);
      } finally {
        if (!partner) await other.release();
      }
    },
  };
}
