/** What a region's prediction rests on: is the map faithful, and on which cells does it look? */
import { CytolensError } from '../../core/errors.ts';
import { intersect, type Rect } from '../../core/geometry.ts';
import type { TokenSource } from '../heads.ts';
import type { Ledger, LedgerField } from '../ledger.ts';
import type { Head } from './ask.ts';
import type { Background } from './background.ts';
import { type Composition, compositionOf } from './composition.ts';
import { type Deletion, deletionCurves } from './deletion.ts';
import { gridRect } from './similar.ts';

export interface RegionExplanation {
  /** Numbers of the fields explained: cells belong to it by `cells.field`. */
  fields: Uint32Array;
  composition: Composition;
  /** Null without background to replace tokens by, or when no tokens are kept. */
  deletion: Deletion | null;
  /** Fields the background token was taken from, of those analysed. */
  background: { fields: number; of: number } | null;
  /** Time of the deletion curves, ms. */
  ms: number;
}

/** The analysed fields that meet a rectangle (level-0 px), or all. Throws `no-tissue` for none. */
export function fieldsWithin(ledger: Ledger, within: Rect | null): LedgerField[] {
  const met = ledger.fields.filter((f) => !within || intersect(gridRect(f.grid), within) !== null);
  if (met.length > 0) return met;
  throw new CytolensError(
    'no-tissue',
    within
      ? 'No analysed field is in view. Move to one, or explain all analysed fields.'
      : 'Nothing is analysed yet. Analyse a view first.',
  );
}

/** Composition and deletion curves of some fields; `types` is the number of cell types. */
export async function explainRegion(
  head: Head,
  ledger: Ledger,
  fields: readonly LedgerField[],
  types: number,
  source: TokenSource,
  background: Background | null,
  onProgress?: (done: number, total: number) => void,
  signal?: AbortSignal,
): Promise<RegionExplanation> {
  const ids = Uint32Array.from(fields, (field) => field.id);
  const composition = compositionOf(ledger.cells, new Set(ids), types);
  const start = performance.now();
  const deletion =
    background && (await deletionCurves(head, fields, source, background, onProgress, signal));
  return {
    fields: ids,
    composition,
    deletion,
    background: background && { fields: background.fields, of: background.of },
    ms: performance.now() - start,
  };
}
