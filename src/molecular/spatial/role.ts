/** What the patient of a section was to the model: without it, agreement says nothing. */
import type { SpatialLayout } from './spots.ts';

export type Role = 'held-out' | 'trained' | 'library' | 'unknown';

/** Patients as a model's manifest names them. */
export interface ModelPatients {
  trained: readonly string[];
  tested: readonly string[];
  library: { patients: readonly string[] };
}

/** Section B4 of her2st is of patient B; other data do not say. */
export function patientOf(layout: SpatialLayout, section: string): string | null {
  return layout === 'her2st' ? (/^([A-H])\d$/.exec(section)?.[1] ?? null) : null;
}

/** Null for a patient that is not known by name. */
export function roleOf(patient: string | null, model: ModelPatients): Role {
  if (patient === null) return 'unknown';
  if (model.trained.includes(patient)) return 'trained';
  if (model.library.patients.includes(patient)) return 'library';
  return model.tested.includes(patient) ? 'held-out' : 'unknown';
}
