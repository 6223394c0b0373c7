/** Measured spots for scripts (docs/scripting.md). */
import { filesOf } from '../cases/folder.ts';
import type { Commands } from '../commands.ts';
import type { Comparison } from './comparing.ts';
import type { Compared, LoadedSpots } from './state.ts';

/** A comparison with its columns, one value a compared spot. */
export interface SpotComparison extends Compared {
  columns: Comparison;
}

export interface SpotsHandle {
  /** Lay the spots of these files on the open slide. */
  load(files: readonly File[], signal?: AbortSignal): Promise<LoadedSpots>;
  /** Colour the spots by a gene: log1p of counts per 10,000 molecules, in every spot. */
  gene(symbol: string): Promise<Float32Array>;
  /** Measured beside predicted: the name of a gene set at hand, or genes. */
  compare(set: string | readonly string[], signal?: AbortSignal): Promise<SpotComparison>;
  close(): void;
}

export function spotsHandle({ measured }: Commands): SpotsHandle {
  return {
    load: (files, signal) => measured.load(filesOf([...files]), { signal }),
    gene: (symbol) => measured.showGene(symbol),
    async compare(set, signal) {
      const compared = await measured.compare(set, { signal });
      return { ...compared, columns: measured.columns as Comparison };
    },
    close: () => measured.close(),
  };
}
