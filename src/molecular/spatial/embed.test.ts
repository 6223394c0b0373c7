import { describe, expect, it } from 'vitest';
import type { Eyes } from '../../analysis/field.ts';
import type { Tensor } from '../../model/tensor.ts';
import type { Slide } from '../../slide/slide.ts';
import { createSyntheticSlide } from '../../slide/synthetic/synthetic.ts';
import { embedSpots, wholeFields } from './embed.ts';

const SIDE = 32;
const MPP = 0.5;

/** An encoder of one token of two values: mean of the red and of the green channel. */
function meanEyes(seen: number[] = []): Eyes {
  const input = { name: 'x', px: SIDE, mpp: MPP, mean: [0, 0, 0], std: [1, 1, 1] };
  const run = async ({ x }: Record<string, Tensor>) => {
    const plane = SIDE * SIDE;
    const mean = (from: number) =>
      x.data.subarray(from, from + plane).reduce((sum, v) => sum + v, 0) / plane;
    const data = Float32Array.of(mean(0), mean(plane));
    seen.push(data[0]);
    return { c: { dims: [1, 2], data }, p: { dims: [1, 1, 2], data } };
  };
  const encoder = { tokens: 'test', dim: 2, grid: [1, 1] };
  const outputs = { class_token: 'c', patch_tokens: 'p' };
  return {
    segmenter: { manifest: { input } },
    encoder: { manifest: { name: 'e', input, outputs, encoder }, run },
  } as unknown as Eyes;
}

const slide: Slide = createSyntheticSlide({ seed: 7, width: 60_000, height: 45_000 });
const SPOTS = {
  x: Float64Array.of(24_500, 24_000, 24_300.5),
  y: Float64Array.of(28_600, 28_000.25, 28_300),
};

describe('fields around spots', () => {
  it('are seen from above to below, and told in the order of the spots', async () => {
    const seen: number[] = [];
    const told: number[] = [];
    const all = await embedSpots(slide, SPOTS, MPP, meanEyes(seen), (done) => told.push(done));
    expect(told).toEqual([1, 2, 3]);
    for (let i = 0; i < 3; i++) {
      const one = { x: SPOTS.x.slice(i, i + 1), y: SPOTS.y.slice(i, i + 1) };
      const alone = await embedSpots(slide, one, MPP, meanEyes());
      expect([...all.subarray(4 * i, 4 * i + 4)]).toEqual([...alone]);
    }
    // The second spot lies highest; tokens are kept in half precision.
    expect(all[4]).toBeCloseTo(seen[0], 3);
    expect(new Set(all).size).toBeGreaterThan(3);
  });

  it('can be cancelled', async () => {
    const abort = new AbortController();
    const stop = () => abort.abort();
    await expect(
      embedSpots(slide, SPOTS, MPP, meanEyes(), stop, abort.signal),
    ).rejects.toMatchObject({ tag: 'cancelled' });
  });

  it('have to lie on the slide as a whole', () => {
    const x = Float64Array.of(50, 51, 949, 500);
    const y = Float64Array.of(500, 500, 500, 960);
    expect([...wholeFields({ x, y }, { width: 1000, height: 1000 }, 100)]).toEqual([1, 2]);
  });
});
