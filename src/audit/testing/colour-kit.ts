/** Models for tests that know colour alone. */
import type { Kit } from '../../model/kit.ts';
import type { Tensor } from '../../model/tensor.ts';

/** Side of the encoder's input, px at 0.5 um; a field is twice as wide on a slide of 0.25 um/px. */
export const PX = 64;
export const SIDE = 2 * PX;

/** The logit is how much redder than `level` the picture is. */
export function colourKit(level: number, seen: Tensor[] = []): Kit {
  const head = (sign: number, id: string) => ({
    manifest: {
      id,
      outputs: { logit: 'l', attention: 'a', contribution: 'c', class_share: 's' },
      head: { temperature: 1 },
    },
    run: async ({ class_token, patch_tokens: { data } }: Record<string, Tensor>) => {
      const of = (...values: number[]) => ({ dims: [1], data: Float32Array.from(values) });
      const whole = data.reduce((a, b) => a + b, 0);
      const attention = of(...data.map((red) => red / whole));
      return { l: of(sign * (class_token.data[0] - level)), a: attention, c: attention, s: of(0) };
    },
  });
  return {
    segmenter: {
      manifest: {
        input: { name: 'i', px: SIDE, mpp: 0.25, mean: [0, 0, 0], std: [1, 1, 1] },
        outputs: { prob: 'p', dist: 'd', type: 't' },
        segmenter: { types: ['a'], stride: 1, rays: 32, probThreshold: 1, nmsIou: 0.5 },
      },
      run: async () => ({
        p: { dims: [1, 1, 1, 1], data: new Float32Array(1) },
        d: { dims: [1, 32, 1, 1], data: new Float32Array(32) },
        t: { dims: [1, 1, 1, 1], data: new Float32Array(1) },
      }),
    },
    encoder: {
      manifest: {
        input: { name: 'i', px: PX, mpp: 0.5, mean: [0, 0, 0], std: [1, 1, 1] },
        outputs: { class_token: 'k', patch_tokens: 'p' },
        encoder: { dim: 1, grid: [2, 2] },
      },
      run: async ({ i }: Record<string, Tensor>) => {
        seen.push(i);
        // Mean red of the quarters, row by row.
        const quarters = new Float32Array(4);
        for (let p = 0; p < PX * PX; p++) {
          const [col, row] = [p % PX, Math.floor(p / PX)];
          quarters[2 * Math.floor((2 * row) / PX) + Math.floor((2 * col) / PX)] +=
            i.data[p] / (PX * PX * 0.25);
        }
        const red = quarters.reduce((a, b) => a + b, 0) / 4;
        return {
          k: { dims: [1, 1], data: Float32Array.of(10 * red) },
          p: { dims: [1, 4, 1], data: quarters },
        };
      },
    },
    head: head(1, 'head'),
    partner: head(0, 'partner'),
    bank: null,
  } as unknown as Kit;
}
