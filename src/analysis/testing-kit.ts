/** A kit and a lane without models: what they see follows from the place alone. */
import { mulberry32 } from '../core/random.ts';
import type { Kit } from '../model/kit.ts';
import type { Tensor } from '../model/tensor.ts';
import type { FieldSight } from './field.ts';
import type { Lane } from './lane.ts';
import { type FieldPlace, fieldRect } from './plan.ts';
import { circles } from './testing.ts';

export const TEST_DIM = 2;
const GRID = [2, 2] as const;
const COUNT = GRID[0] * GRID[1];
const BIAS = 0.2;
/** um per level-0 px, and a field's side in level-0 px. */
export const TEST_MPP = 0.5;
export const TEST_SIDE = 64;

/** A head with even attention: logit = b + c_0 + mean of p_0; gate = p_1 of the first token. */
export function testKit(id = 'head'): Kit {
  const sign = id === 'head' ? 1 : -1;
  const manifest = {
    id,
    version: '1',
    outputs: { logit: 'l', attention: 'a', contribution: 'c', class_share: 's', gate: 'g' },
    head: { bias: BIAS, temperature: 1, variant: 'baseline', count: COUNT, dim: TEST_DIM },
  };
  const run = async ({ class_token, patch_tokens }: Record<string, Tensor>) => {
    const p = patch_tokens.data;
    const contribution = Float32Array.from({ length: COUNT }, (_, i) => (sign * p[2 * i]) / COUNT);
    const share = sign * class_token.data[0];
    const logit = contribution.reduce((a, b) => a + b, BIAS + share);
    const of = (...values: number[]) => ({ dims: [1], data: Float32Array.from(values) });
    return {
      l: of(logit),
      a: of(...Array(COUNT).fill(1 / COUNT)),
      c: of(...contribution),
      s: of(share),
      g: of(p[1]),
    };
  };
  const status = (name: string) => ({
    role: name,
    id: name,
    version: '1',
    sha256: name.padEnd(64, '0'),
    provider: 'wasm',
    dtype: 'int8',
  });
  return {
    segmenter: {
      manifest: {
        id: 's',
        input: { px: TEST_SIDE, mpp: TEST_MPP },
        segmenter: { types: ['a', 'b'] },
      },
      status: status('s'),
    },
    encoder: {
      manifest: {
        id: 'e',
        input: { px: TEST_SIDE, mpp: TEST_MPP },
        encoder: { tokens: 'test', dim: TEST_DIM, grid: GRID },
      },
      status: status('e'),
    },
    head: { manifest, status: status(id), run },
    partner: null,
    bank: null,
  } as unknown as Kit;
}

/** What any lane sees at a place: a few round cells, some on the edge to the next field. */
export function sightAt(place: FieldPlace): FieldSight {
  const random = mulberry32(place.row * 1000 + place.col + 1);
  const rect = fieldRect(place, TEST_SIDE);
  const cells = Array.from(
    { length: 5 },
    () => [random() * TEST_SIDE, random() * TEST_SIDE, 3 + 4 * random(), 1] as const,
  );
  const values = (length: number) =>
    Float32Array.from({ length }, () => Math.round(8 * random()) / 8);
  return {
    detections: { found: circles(cells), originX: rect.x, originY: rect.y, scale: 1 },
    stain: { stained: 100 + place.col, outside: 10 * place.row, factor: 1 / (1 + place.col) },
    tokens: { classToken: values(TEST_DIM), patchTokens: values(COUNT * TEST_DIM) },
    moved: [],
    modelMs: 1,
  };
}

/** A lane that answers after `ms(place)`; null (out of focus) where `blurred` says so. */
export function testLane(
  ms: (place: FieldPlace) => number = () => 0,
  blurred: (place: FieldPlace) => boolean = () => false,
): Lane & { seen: FieldPlace[] } {
  const seen: FieldPlace[] = [];
  return {
    seen,
    async see(place) {
      seen.push(place);
      await new Promise((resolve) => setTimeout(resolve, ms(place)));
      return blurred(place) ? null : sightAt(place);
    },
  };
}
