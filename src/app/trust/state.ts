/** How far the prediction on screen can be trusted, as React reads it. Pictures stay outside. */
import type { FamilyStress, FieldOfView, FieldStress, StainCheck } from '../../audit/audit.ts';

/** A stressed field without its pictures. */
export interface Stressed extends Omit<FieldStress, 'picture' | 'families'> {
  families: Omit<FamilyStress, 'picture'>[];
}

export interface FamiliarFields {
  fields: number;
  unfamiliar: number;
  /** Median percentile among held-out known tissue. */
  median: number;
}

/** What is known of the cells on screen, and goes with them. */
export interface TrustFound {
  /** The question under way, in looks. */
  trusting: { task: 'stress' | 'field of view'; done: number; total: number } | null;
  stress: Stressed | null;
  fieldOfView: FieldOfView | null;
  familiar: FamiliarFields | null;
  /** The score is shown although it is no answer. */
  scoreAnyway: boolean;
}

export const NO_TRUST_FOUND: TrustFound = {
  trusting: null,
  stress: null,
  fieldOfView: null,
  familiar: null,
  scoreAnyway: false,
};

export interface TrustState extends TrustFound {
  /** Unfamiliar fields are hatched on the slide; null: not chosen (`hatchWanted` decides). */
  unfamiliarShown: boolean | null;
  /** Of the open slide; null before it was looked at, or where that cannot be. */
  stain: StainCheck | null;
}

export const NO_TRUST: TrustState = { ...NO_TRUST_FOUND, unfamiliarShown: null, stain: null };
