/** Words and numbers about measured spots. */
import { formatSigned } from '../../core/units.ts';
import type { Agreement, Correlation } from '../../molecular/spatial/agreement.ts';
import type { Role } from '../../molecular/spatial/role.ts';
import type { AnswerId } from './state.ts';

export const ANSWER_NAMES: Record<AnswerId, string> = {
  predictor: 'Predictor',
  knn: 'Soft-kNN',
};

/** A value of a spot; a dash where there is none. */
export function shownValue(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (Math.abs(value) >= 100) return formatSigned(value, 0);
  return formatSigned(value, 2);
}

/** A value of a scale that begins at zero or above: without a sign. */
export function plainValue(value: number): string {
  return Number.isFinite(value) ? value.toFixed(2) : '–';
}

/** "+0.42, 95 % interval +0.31 to +0.52". */
export function rhoWords(told: Correlation): string {
  if (told.rho === null) return 'not defined: one side is constant';
  return `${formatSigned(told.rho)}, ${intervalWords(told)}`;
}

export function intervalWords({ interval }: Correlation): string {
  if (!interval) return 'too few blocks of spots for an interval';
  return `95 % interval ${formatSigned(interval[0])} to ${formatSigned(interval[1])}`;
}

/** What may be concluded from the intervals, and what not. */
export function verdictOf({ rho, interval, givenDepth }: Agreement): string {
  if (rho === null || !interval) return 'Too little to say whether they agree.';
  if (interval[1] < 0) return 'The interval lies below zero: predicted runs against measured here.';
  const beyond = (givenDepth.interval?.[0] ?? 0) > 0;
  if (interval[0] <= 0) {
    return beyond
      ? 'The interval includes zero: they agree only given depth.'
      : 'The interval includes zero: no agreement is shown here.';
  }
  return beyond
    ? 'Predicted follows measured here, and beyond what depth explains.'
    : 'Predicted follows measured here, but no more is shown than depth explains.';
}

export const ROLE_TITLES: Record<Role, string> = {
  'held-out': 'Held out',
  trained: 'In training',
  library: 'In the library',
  unknown: 'Role not known',
};

export function roleWords(role: Role, patient: string | null): string {
  const who = patient === null ? 'this patient' : `patient ${patient}`;
  switch (role) {
    case 'held-out':
      return `The model never saw ${who}.`;
    case 'trained':
      return `The model was trained on ${who}: agreement here says nothing about new patients.`;
    case 'library':
      return `Expression of ${who} is in the library: soft-kNN may favour it.`;
    case 'unknown':
      return `Whether the model was trained on ${who} is not known here. Say so if you know.`;
  }
}
