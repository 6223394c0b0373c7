/** A head whose answers are known in closed form, and an account of fields with given tokens. */
import { mulberry32 } from '../../core/random.ts';
import type { HeadManifest } from '../../model/manifest.ts';
import type { FieldTokens } from '../ledger.ts';
import { Ledger } from '../ledger.ts';
import { fieldRect, placeKey } from '../plan.ts';
import { circles, evidence } from '../testing.ts';
import { askMany, copyTokens, type Head } from './ask.ts';

export const DIM = 4;
export const GRID = 4;
export const COUNT = GRID * GRID;
/** Level-0 px: a token is 32 px, 8 um at 0.25 um/px. */
export const SIDE = GRID * 32;
export const MPP = 0.25;

interface Weights {
  bias: number;
  classWeight: readonly number[];
  patchWeight: readonly number[];
}

export const WEIGHTS: Weights = {
  bias: 0.3,
  classWeight: [0.5, -1, 0, 0.25],
  patchWeight: [1, -2, 0.5, 0],
};

export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

interface LinearHead extends Head {
  /** Sets in each call so far. */
  batches: number[];
}

/**
 * logit = b + w_c.c + sum_i w_p.p_i / N, with even attention. With `most`, larger batches fail, as
 * in a file whose batch axis is fixed.
 */
export function linearHead(id = 'a', weights = WEIGHTS, temperature = 2, most = 1e9): LinearHead {
  const { bias, classWeight, patchWeight } = weights;
  const manifest = {
    id,
    outputs: { logit: 'l', attention: 'a', contribution: 'c', class_share: 's' },
    head: { dim: DIM, count: COUNT, bias, temperature },
  } as unknown as HeadManifest;
  const batches: number[] = [];
  return {
    manifest,
    batches,
    async run({ class_token, patch_tokens }) {
      const batch = class_token.dims[0];
      if (batch > most) throw new Error(`batch of ${batch}`);
      batches.push(batch);
      const rows = Array.from({ length: batch }, (_, i) => {
        const classToken = class_token.data.subarray(i * DIM, (i + 1) * DIM);
        const contribution = Array.from({ length: COUNT }, (_, t) => {
          const at = (i * COUNT + t) * DIM;
          return dot(patch_tokens.data.subarray(at, at + DIM), patchWeight) / COUNT;
        });
        return { share: dot(classToken, classWeight), contribution };
      });
      const tensor = (values: number[]) => ({
        dims: [batch],
        data: Float32Array.from(values),
      });
      return {
        l: tensor(rows.map((r) => r.contribution.reduce((a, b) => a + b, bias + r.share))),
        a: tensor(rows.flatMap(() => Array(COUNT).fill(1 / COUNT))),
        c: tensor(rows.flatMap((r) => r.contribution)),
        s: tensor(rows.map((r) => r.share)),
      };
    },
  };
}

export function randomTokens(random: () => number): FieldTokens {
  const draw = (length: number) => Float32Array.from({ length }, () => 2 * random() - 1);
  return { classToken: draw(DIM), patchTokens: draw(COUNT * DIM) };
}

/**
 * A row of fields with the head's own evidence on random tokens, and round cells [x, y, radius,
 * type] in level-0 px.
 */
export async function account(
  head: Head,
  fields: number,
  nuclei: readonly (readonly [number, number, number, number?])[],
  seed = 1,
): Promise<Ledger> {
  const random = mulberry32(seed);
  const keys = new Set(Array.from({ length: fields }, (_, col) => placeKey(col, 0)));
  const ledger = new Ledger(MPP, SIDE, { rows: GRID, cols: GRID, tokenSide: SIDE / GRID }, keys);
  for (let col = 0; col < fields; col++) {
    const place = { col, row: 0 };
    const { x } = fieldRect(place, SIDE);
    const tokens = randomTokens(random);
    const [said] = await askMany(head, 1, (_, into) => copyTokens(tokens, into));
    const found = circles(nuclei.map(([cx, cy, r, type]) => [cx - x, cy, r, type]));
    ledger.add(
      place,
      { found, originX: x, originY: 0, scale: 1 },
      { ...evidence(COUNT, WEIGHTS.bias, random), ...said, tokens },
    );
  }
  return ledger;
}
