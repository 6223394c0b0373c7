/**
 * How far a prediction can be trusted: what page and worker say to each other. audit.worker.ts
 * answers, one file a question.
 */
import type { Point, Rect } from '../core/geometry.ts';
import type { Call } from '../core/rpc.ts';
import type { EncoderAuditApi } from './encoder/api.ts';
import type { FieldOfView } from './field-of-view.ts';
import type { StainCheck } from './stain-check.ts';
import type { StressReport } from './stress/stress.ts';

export type { FieldOfView } from './field-of-view.ts';
export type { StainCheck } from './stain-check.ts';
export type { FamilyStress, StressLook, StressReport } from './stress/stress.ts';
export type { Family } from './stress/variants.ts';
export type { AxisVerdict, Verdict } from './stress/verdict.ts';

/** How far a call is, in looks. */
export interface AuditProgress {
  done: number;
  total: number;
}

/** A stressed field, and who was asked. */
export interface FieldStress extends StressReport {
  /** Number of the field. */
  field: number;
  /** Level-0 px. */
  rect: Rect;
  head: string;
  partner: string | null;
  ms: number;
}

/** How familiar the encoder is with each analysed field (model/bank.ts). */
export interface Familiarity {
  /** Corners of the fields (x0, y0, x1, y1, ...), and their side; level-0 px. */
  corners: Float64Array<ArrayBuffer>;
  side: number;
  /** Percentile among held-out known tissue, 0..100, one a field. */
  percentile: Float32Array<ArrayBuffer>;
  /** 1 where the distance exceeds the bank's threshold, else 0. */
  unfamiliar: Uint8Array<ArrayBuffer>;
}

/** Calls throw `cancelled` when aborted, `model` when a model cannot run. */
export interface AuditApi extends EncoderAuditApi {
  /**
   * The analysed field nearest to a place (level-0 px) in every variant. Throws `no-tissue` when
   * nothing is analysed.
   */
  stress: Call<{ at: Point }, FieldStress, AuditProgress>;
  /** The 4 x 4 fields around the field nearest to a place, in fields of three sizes. Throws alike. */
  fieldOfView: Call<{ at: Point }, FieldOfView, AuditProgress>;
  /** Null without a bank, or when nothing is analysed. */
  familiarity: Call<null, Familiarity | null>;
  /** Null where the slide cannot be looked at as a whole. */
  checkStain: Call<null, StainCheck | null>;
}
