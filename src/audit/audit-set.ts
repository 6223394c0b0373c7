/** The audit of an encoder from labelled embeddings: every measure of this room on one set. */
import { type ClusterScore, clusterScore } from './clusters.ts';
import { fewestOthers, findNeighbours } from './neighbours.ts';
import { type Robustness, robustnessOf } from './robustness.ts';
import type { SampleSet } from './samples.ts';
import { type Spectrum, spectrumOf } from './spectrum.ts';

/** Numbers of neighbours that are tried, as far as the set allows. */
const KS = [1, 3, 5, 11, 21, 51];

export interface SetAudit {
  robustness: Robustness;
  clusters: ClusterScore;
  spectrum: Spectrum;
}

/** A set that was read from a file. */
export interface AuditSet extends SampleSet {
  file: string;
  /** Name of the encoder that made the embeddings, where the file tells it. */
  encoder: string | null;
  /** Names of columns or arrays of the file that were not read. */
  leftOut: string[];
}

/** Throws `format` for a set with fewer than two samples outside of some group, `cancelled`. */
export async function auditSet(
  set: SampleSet,
  onProgress: (done: number, total: number) => void = () => undefined,
  signal?: AbortSignal,
): Promise<SetAudit> {
  const others = fewestOthers(set);
  const ks = KS.filter((k) => k <= others);
  const near = await findNeighbours(set, ks.at(-1) ?? 1, { signal, onProgress });
  return {
    robustness: robustnessOf(set, near, ks),
    clusters: await clusterScore(set, { signal }),
    spectrum: spectrumOf(set.rows, set.n, set.dim),
  };
}
