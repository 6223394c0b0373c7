/** Where a number comes from. Every export carries one. */
import { type LoadedKit, modelsOf } from '../analysis/analysis.ts';
import type { RegionScore } from '../analysis/score.ts';
import type { Rect } from '../core/geometry.ts';
import type { ModelStatus } from '../model/session.ts';

export interface Provenance {
  notice: string;
  cytolens: string;
  time: string;
  slide: { id: string; name: string; mpp: number };
  /** Level-0 px. */
  region: Rect;
  models: {
    role: string;
    id: string;
    version: string;
    sha256: string;
    provider: string;
    dtype: string;
    runtime: string;
    parityError: number;
    parityTolerance: number;
  }[];
  prediction: {
    label: string;
    variant: string;
    logit: number;
    probability: number;
    temperature: number;
    interval95OverFields: [number, number] | null;
    fields: number;
    /** What the logit is made of; with the bias the parts add up to it. */
    parts: { classToken: number; cells: number; betweenCells: number; bias: number };
    /** The other variant on the same embedding. */
    partner: { variant: string; logit: number; probability: number } | null;
    /** Share of fields unlike the encoder's known tissue. */
    unfamiliarFields: number | null;
    /** Share of the area stained like nuclei outside of every outline; null where not known. */
    stainedOutsideOutlines: number | null;
    /** Fields whose stain was weakened for the segmenter; null where not known. */
    weakenedFields: number | null;
    trainedOnPatients: number;
    note: string;
  };
}

export const NOTICE = 'Research use only. A prediction, never a diagnosis.';

export function provenanceOf(
  version: string,
  slide: { id: string; name: string; mpp: number },
  region: Rect,
  kit: LoadedKit,
  score: RegionScore,
  time: Date,
): Provenance {
  const { label, variant, temperature, patients, note } = kit.target;
  const { partner } = score;
  return {
    notice: NOTICE,
    cytolens: version,
    time: time.toISOString(),
    slide,
    region,
    models: modelsOf(kit).map(({ status }) => modelFacts(status)),
    prediction: {
      label,
      variant,
      logit: score.logit,
      probability: score.probability,
      temperature,
      interval95OverFields: score.interval,
      fields: score.fields,
      parts: {
        classToken: score.classToken,
        cells: score.byType.reduce((sum, type) => sum + type.contribution, 0),
        betweenCells: score.background,
        bias: score.bias,
      },
      partner:
        partner && kit.partnerTarget
          ? {
              variant: kit.partnerTarget.variant,
              logit: partner.logit,
              probability: partner.probability,
            }
          : null,
      unfamiliarFields: score.unfamiliar,
      stainedOutsideOutlines: score.missed,
      weakenedFields: score.weakened,
      trainedOnPatients: patients,
      note,
    },
  };
}

/** What has to be said of a model: which file ran, on what, and how near to its reference. */
export function modelFacts(status: ModelStatus): Provenance['models'][number] {
  const { role, id, version, sha256, provider, dtype, runtime, parity } = status;
  return {
    role,
    id,
    version,
    sha256,
    provider,
    dtype,
    runtime,
    parityError: parity.error,
    parityTolerance: parity.tolerance,
  };
}
