/** What a stressed field says in one word an axis, by a rule that is told beside it. */
import type { StressReport } from './stress.ts';
import type { Family } from './variants.ts';

/** What a prediction should not depend on. */
export const AXES = [
  { id: 'rotation', label: 'Rotation', families: ['rotation'] },
  { id: 'stain', label: 'Stain', families: ['stain', 'scanner'] },
  { id: 'scale', label: 'Scale', families: ['scale'] },
  { id: 'position', label: 'Position', families: ['position'] },
] as const satisfies readonly { id: string; label: string; families: readonly Family[] }[];

export type Axis = (typeof AXES)[number]['id'];
export type Verdict = 'steady' | 'moves' | 'unsteady';

/** Spreads of the probability up to which a field is steady, and up to which it only moves. */
export const STEADY = 0.1;
export const MOVES = 0.2;

export interface AxisVerdict {
  axis: Axis;
  label: string;
  /** Looks beside the field as it is; 0 where none could be made. */
  looks: number;
  /** Largest less smallest probability of the head in use, the field as it is among them. */
  spread: number;
  /** Looks on the other side of 0.5 than the field as it is. */
  flips: number;
  /** Null without looks. */
  verdict: Verdict | null;
}

export const VERDICT_RULE = `steady: spread of the probability at most ${STEADY.toFixed(2)} and no flip; moves: at most ${MOVES.toFixed(2)}; else unsteady`;

type Looked = Pick<StressReport, 'original'> & {
  families: readonly Pick<StressReport['families'][number], 'family' | 'looks'>[];
};

/** One verdict an axis, for the head in use. */
export function axesOf({ original, families }: Looked): AxisVerdict[] {
  return AXES.map(({ id, label, families: of }) => {
    const looks = families
      .filter(({ family }) => (of as readonly Family[]).includes(family))
      .flatMap((found) => found.looks);
    const all = [original, ...looks].map(({ probability }) => probability);
    const spread = Math.max(...all) - Math.min(...all);
    const flips = all.filter((p) => p >= 0.5 !== original.probability >= 0.5).length;
    const verdict = looks.length > 0 ? verdictOf(spread, flips) : null;
    return { axis: id, label, looks: looks.length, spread, flips, verdict };
  });
}

/** The rule of `VERDICT_RULE`. */
export function verdictOf(spread: number, flips: number): Verdict {
  if (spread <= STEADY && flips === 0) return 'steady';
  return spread <= MOVES ? 'moves' : 'unsteady';
}
