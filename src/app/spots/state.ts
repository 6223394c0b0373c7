/** What panels show of measured spots; their values stay with the commands. */
import type { Prompt } from '../../molecular/prompt.ts';
import type { Agreement } from '../../molecular/spatial/agreement.ts';
import type { Role } from '../../molecular/spatial/role.ts';
import type { SpatialLayout } from '../../molecular/spatial/spots.ts';

/** The two answers of an alignment. */
export type AnswerId = 'predictor' | 'knn';
/** Which values colour the spots. */
export type SpotsView = 'measured' | 'predicted' | 'difference';

export interface LoadedSpots {
  layout: SpatialLayout;
  name: string;
  spots: number;
  genes: number;
  /** Median molecules of a spot, all genes. */
  depth: number;
  diameterUm: number;
  /** Measured from the lattice, um/px. */
  mpp: number | null;
  notes: readonly string[];
  /** By the section's name; null where it does not say. */
  patient: string | null;
}

/** A gene set compared over the spots that could be predicted. */
export interface Compared {
  prompt: Prompt;
  /** Genes of the model's vocabulary that the counts list. */
  listed: number;
  agreement: Record<AnswerId, Agreement>;
  /** What predicted scores were multiplied by; null where none is known for the set. */
  slope: Record<AnswerId, number | null>;
}

export interface ShownSpots {
  title: string;
  unit: string;
  map: 'viridis' | 'vik';
  low: number;
  high: number;
}

export interface SpotsTask {
  what: 'read' | 'see' | 'score';
  /** Share, 0 to 1. */
  share: number;
  detail: string;
}

export interface Spots {
  loaded: LoadedSpots | null;
  task: SpotsTask | null;
  compared: Compared | null;
  shown: ShownSpots | null;
  view: SpotsView;
  answer: AnswerId;
  /** What the user says of the patient; null: as the section's name tells. */
  role: Role | null;
}

export interface SpotsState {
  spots: Spots;
}

export const NO_SPOTS: SpotsState = {
  spots: {
    loaded: null,
    task: null,
    compared: null,
    shown: null,
    view: 'measured',
    answer: 'predictor',
    role: null,
  },
};
