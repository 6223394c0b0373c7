/**
 * Is the map faithful? Tokens are removed most-relevant-first and the head is asked again; if the
 * relevant ones carry the prediction, the logit falls faster than when tokens go in random order
 * (methods sheet, section 1, "Deletion curve"; protocol after xMIL, arXiv:2406.04280). Removed
 * means replaced by the slide's mean background token.
 */
import { throwIfAborted } from '../../core/errors.ts';
import { meanInterval, mulberry32, shuffle } from '../../core/random.ts';
import { nextTask } from '../../core/tasks.ts';
import type { TokenSource } from '../heads.ts';
import type { FieldTokens, LedgerField } from '../ledger.ts';
import { askMany, copyTokens, evenly, type Head } from './ask.ts';
import { type Background, fade } from './background.ts';

/** Shares of tokens removed: denser at first, where curves bend most. */
export const REMOVED = [
  0, 0.025, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1,
] as const;
/** Random orders a field. */
export const RANDOM_ORDERS = 3;
/** Fields asked, evenly spaced among those chosen. */
export const MOST_FIELDS = 64;
const SEED = 0x0dde;

export interface DeletionOrder {
  /** Mean logit over fields at each share of `REMOVED`. */
  mean: number[];
  /**
   * Area between the random curve and this one over the share removed, 0 to 1, in logits towards
   * the prediction: positive when this order takes the prediction down faster.
   */
  area: number;
  /** 95 % interval of the area over fields (bootstrap); null for fewer than five fields. */
  interval: [low: number, high: number] | null;
}

export interface Deletion {
  removed: readonly number[];
  contribution: DeletionOrder;
  attention: DeletionOrder;
  /** Mean logit over fields and random orders; lowest and highest of the single orders' means. */
  random: { mean: number[]; low: number[]; high: number[] };
  /** Side of the prediction: +1 when the mean logit is positive, else -1. */
  side: 1 | -1;
  fields: number;
  of: number;
}

/** Logits of one field, a row an order: contribution, attention, then the random ones. */
type Curves = number[][];

/**
 * Deletion curves over `fields`, whose evidence is the head's own. Null when no field's tokens are
 * kept. Throws `cancelled`, and what the head's session throws.
 */
export async function deletionCurves(
  head: Head,
  fields: readonly LedgerField[],
  source: TokenSource,
  background: Background,
  onProgress: (done: number, total: number) => void = () => undefined,
  signal?: AbortSignal,
): Promise<Deletion | null> {
  const chosen = evenly(fields, MOST_FIELDS);
  const side = sum(chosen.map((field) => field.logit)) > 0 ? 1 : -1;
  const random = mulberry32(SEED);
  const all: Curves[] = [];
  for (let i = 0; i < chosen.length; i++) {
    const tokens = await source(chosen[i]);
    if (tokens) {
      const orders = ordersOf(chosen[i], side, random);
      all.push(await curvesOf(head, tokens, background, orders));
    }
    onProgress(i + 1, chosen.length);
    await nextTask();
    throwIfAborted(signal);
  }
  return all.length === 0 ? null : summary(all, side, fields.length);
}

/** Tokens in the order in which they are removed, an array an order. */
function ordersOf(field: LedgerField, side: number, random: () => number): Uint16Array[] {
  const { attention, contribution } = field;
  const by = (value: (token: number) => number) =>
    Uint16Array.from(attention.keys()).sort((a, b) => value(b) - value(a));
  const orders = [by((t) => side * contribution[t]), by((t) => attention[t])];
  for (let k = 0; k < RANDOM_ORDERS; k++) {
    const order = Uint16Array.from(attention.keys());
    shuffle(order, random);
    orders.push(order);
  }
  return orders;
}

/** Nothing removed and all removed are the same for every order: they are asked once. */
async function curvesOf(
  head: Head,
  tokens: FieldTokens,
  background: Background,
  orders: readonly Uint16Array[],
): Promise<Curves> {
  const inner = REMOVED.length - 2;
  const answers = await askMany(head, 2 + orders.length * inner, (set, into) => {
    copyTokens(tokens, into);
    if (set === 0) return;
    const order = orders[Math.max(0, Math.floor((set - 2) / inner))];
    const share = set === 1 ? 1 : REMOVED[1 + ((set - 2) % inner)];
    for (const token of order.subarray(0, Math.round(share * order.length))) {
      fade(into.patchTokens, token, 1, background.token);
    }
  });
  const logits = answers.map((answer) => answer.logit);
  return orders.map((_, k) => [
    logits[0],
    ...logits.slice(2 + k * inner, 2 + (k + 1) * inner),
    logits[1],
  ]);
}

function summary(all: readonly Curves[], side: 1 | -1, of: number): Deletion {
  const meanOf = (order: number) => REMOVED.map((_, s) => mean(all.map((c) => c[order][s])));
  const randomOrders = Array.from({ length: RANDOM_ORDERS }, (_, k) => 2 + k);
  const runs = randomOrders.map(meanOf);
  const judged = (order: number): DeletionOrder => {
    const areas = all.map((curves) => {
      const random = mean(randomOrders.map((k) => areaUnder(curves[k])));
      return side * (random - areaUnder(curves[order]));
    });
    return { mean: meanOf(order), area: mean(areas), interval: meanInterval(areas) };
  };
  return {
    removed: REMOVED,
    contribution: judged(0),
    attention: judged(1),
    random: {
      mean: REMOVED.map((_, s) => mean(runs.map((run) => run[s]))),
      low: REMOVED.map((_, s) => Math.min(...runs.map((run) => run[s]))),
      high: REMOVED.map((_, s) => Math.max(...runs.map((run) => run[s]))),
    },
    side,
    fields: all.length,
    of,
  };
}

/** Trapezoid rule over `REMOVED`. */
function areaUnder(curve: readonly number[]): number {
  let area = 0;
  for (let s = 1; s < REMOVED.length; s++) {
    area += ((curve[s] + curve[s - 1]) / 2) * (REMOVED[s] - REMOVED[s - 1]);
  }
  return area;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, v) => total + v, 0);
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}
