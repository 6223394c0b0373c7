/**
 * A reader study: cases in random order, two views of the evidence blinded as A and B, a preference
 * and a rating of 1 to 5 each, the way eight pathologists judged the maps of arXiv:2511.05150. Plain
 * values; every key press gives a new session.
 */
import type { CellTable } from '../../core/cells.ts';
import type { Rect } from '../../core/geometry.ts';
import { mulberry32, shuffle } from '../../core/random.ts';

export const EVIDENCE_VIEWS = {
  attention: 'Attention, cell by cell',
  contribution: 'Contribution, cell by cell',
  heatmap: 'Attention, heatmap',
} as const;
export type EvidenceView = keyof typeof EVIDENCE_VIEWS;

/** A field with fewer cells shows a reader nothing to judge. */
const LEAST_CELLS = 5;

export interface StudyPlan {
  reader: string;
  seed: number;
  cases: number;
  views: readonly [EvidenceView, EvidenceView];
}

export interface Trial {
  /** The tissue shown, level-0 px. */
  rect: Rect;
  a: EvidenceView;
  b: EvidenceView;
}

export type Preference = 'A' | 'B' | 'none';

/** What was said of a trial so far. */
export interface Judgement {
  preference: Preference | null;
  ratingA: number | null;
  ratingB: number | null;
}

export interface Answer extends Judgement {
  trial: number;
  /** When the case was shown and answered, ms since 1970. */
  shown: number;
  answered: number;
}

export interface StudySession {
  plan: StudyPlan;
  trials: Trial[];
  answers: Answer[];
  now: Judgement;
  shown: number;
  /** What the cases are of: they cannot be shown when another slide or head has come. */
  of: { slide: string; head: string; cells: number };
}

export const NOTHING_SAID: Judgement = { preference: null, ratingA: null, ratingB: null };

export interface StudyState {
  /** Stays until another study begins: answers are not lost by closing a dialog. */
  study: StudySession | null;
}

export const NO_STUDY: StudyState = { study: null };

/**
 * The trials of a study: squares of side `side` (level-0 px) that hold enough cells, in an order and
 * with A and B as the seed has it.
 */
export function planTrials(cells: CellTable, side: number, plan: StudyPlan): Trial[] {
  const counts = new Map<string, number>();
  for (let i = 0; i < cells.count; i++) {
    const key = `${Math.floor(cells.x[i] / side)} ${Math.floor(cells.y[i] / side)}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const places = [...counts].filter(([, count]) => count >= LEAST_CELLS).map(([key]) => key);
  places.sort();
  const random = mulberry32(plan.seed);
  shuffle(places, random);
  return places.slice(0, plan.cases).map((key) => {
    const [col, row] = key.split(' ').map(Number);
    const [a, b] = random() < 0.5 ? plan.views : [plan.views[1], plan.views[0]];
    return { rect: { x: col * side, y: row * side, w: side, h: side }, a, b };
  });
}

/** Keys of a study; what a digit rates depends on what was rated already. */
export const STUDY_KEYS =
  'Press A, B or 0 (neither) for the better one, 1 to 5 to rate A, then B. ⌫ takes back, Enter goes on.';

/** The session after a key, at a time in ms since 1970; the same one when the key says nothing. */
export function press(session: StudySession, key: string, time: number): StudySession {
  const { now, trials, answers } = session;
  if (answers.length >= trials.length) return session;
  const say = (change: Partial<Judgement>) => ({ ...session, now: { ...now, ...change } });
  switch (key.toLowerCase()) {
    case 'a':
      return say({ preference: 'A' });
    case 'b':
      return say({ preference: 'B' });
    case '0':
      return say({ preference: 'none' });
    case 'backspace':
      return undo(session);
    case 'enter':
      return isComplete(now) ? next(session, time) : session;
  }
  if (!/^[1-5]$/.test(key)) return session;
  return say(now.ratingA === null ? { ratingA: Number(key) } : { ratingB: Number(key) });
}

export function isComplete({ preference, ratingA, ratingB }: Judgement): boolean {
  return preference !== null && ratingA !== null && ratingB !== null;
}

function next(session: StudySession, time: number): StudySession {
  const { answers, now, shown } = session;
  const answer = { ...now, trial: answers.length, shown, answered: time };
  return { ...session, answers: [...answers, answer], now: NOTHING_SAID, shown: time };
}

/** Take back the last thing said of this case; an answered case stays answered. */
function undo(session: StudySession): StudySession {
  const { now } = session;
  const last = (['ratingB', 'ratingA', 'preference'] as const).find((key) => now[key] !== null);
  return last ? { ...session, now: { ...now, [last]: null } } : session;
}

/** Answers as CSV, one row a case, with what the study was of as comment lines. */
export function answersCsv(
  { plan, trials, answers, of }: StudySession,
  provenance: readonly string[],
): string {
  const comments = [
    ...provenance,
    `reader: ${plan.reader}`,
    `seed: ${plan.seed}`,
    `slide: ${of.slide}`,
    `head: ${of.head}`,
    'x, y, w, h in level-0 px; ratings 1 (poor) to 5 (good)',
  ];
  const header =
    'case,x,y,w,h,view_a,view_b,preferred,preferred_view,rating_a,rating_b,shown,answered,seconds';
  const rows = answers.map(({ trial, preference, ratingA, ratingB, shown, answered }) => {
    const { rect, a, b } = trials[trial];
    const better = preference === 'A' ? a : preference === 'B' ? b : 'none';
    const place = [rect.x, rect.y, rect.w, rect.h].map((v) => Math.round(v));
    const times = [shown, answered].map((ms) => new Date(ms).toISOString());
    const seconds = ((answered - shown) / 1000).toFixed(1);
    return [trial + 1, ...place, a, b, preference, better, ratingA, ratingB, ...times, seconds];
  });
  return [
    ...comments.map((line) => `# ${line.replace(/[\r\n]+/g, ' ')}`),
    header,
    ...rows.map((row) => row.join(',')),
  ]
    .join('\n')
    .concat('\n');
}
